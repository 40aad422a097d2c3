"""The report says what became of the characters inside the pages: the sums of every account of the corpus."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.pipelines.corpus.report.extraction import CLASSES, LOWEST, Accounts, accounts_of, extraction_section
from tesuki.pipelines.journey.account import Account
from tesuki.pipelines.storage.schemas import EXTRACTION
from tesuki.pipelines.storage.values import account_row


def account(taken: int, seen: int, asked: str = "") -> Account:
    left = (("menu", seen - taken),) if seen > taken else ()
    return Account("tesuki", asked, seen=seen, taken=taken, japanese_seen=seen, japanese_taken=taken, left_out=left)


def table(path: Path, accounts: list[Account | None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    names = pa.array([f"id{number:02}" for number in range(len(accounts))])
    values = pa.array([account_row(each) for each in accounts], EXTRACTION)
    pq.write_table(pa.table({"id": names, "extraction": values}), path)


def test_documents_and_pages_that_left_are_told_apart(tmp_path: Path) -> None:
    table(tmp_path / "documents" / "web" / "L3" / "a.parquet", [account(500, 500), account(55, 500), None])
    table(tmp_path / "ledger" / "a.parquet", [account(0, 100), account(10, 100, "little"), None])
    found = accounts_of(tmp_path)
    assert (found.kept, found.left) == (Counter({CLASSES: 1, 1: 1}), Counter({0: 1, 1: 1}))
    assert (found.seen, found.taken) == (1200, 565)
    assert (found.left_out, found.pages) == (Counter(menu=635), Counter(menu=3))
    assert found.engines == Counter({("tesuki", ""): 3, ("tesuki", "little"): 1})
    assert [low[:4] for low in found.lowest] == [(0.11, "id01", 500, 55), (1.0, "id00", 500, 500)]
    page = extraction_section(found)
    assert "565 / 1,200" in page
    assert all(f'id="{name}"' in page for name in ("shares", "left-out", "engines", "lowest"))


def test_the_lowest_are_the_lowest_of_all(tmp_path: Path) -> None:
    table(tmp_path / "documents" / "web" / "L3" / "a.parquet", [account(500 - number, 500) for number in range(60)])
    found = accounts_of(tmp_path).lowest
    assert [taken for _, _, _, taken, _ in found] == list(range(441, 441 + LOWEST))


def test_a_corpus_without_accounts_says_so(tmp_path: Path) -> None:
    assert accounts_of(tmp_path) == Accounts()
    assert "No page of this corpus was extracted." in extraction_section(Accounts())


def test_the_sums_are_those_of_the_corpus(sample: Path, rows_of: Any) -> None:
    rows = [row["extraction"] for name in ("documents", "ledger") for row in rows_of(sample, name)]
    accounts = [row for row in rows if row]
    found = accounts_of(sample)
    assert sum(found.engines.values()) == len(accounts) > 50
    assert found.seen == sum(row["seen"] for row in accounts) == found.taken + found.left_out.total()
    assert 'id="shares"' in (sample / "report.html").read_text(encoding="utf-8")
