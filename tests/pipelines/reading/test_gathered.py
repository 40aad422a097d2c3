"""Requests and metadata, two for each page of a real archive: every one counted, none with a row of its own."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.commands.verify import verify_balance
from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.journey.chunk import add_counts, chunks
from tesuki.pipelines.journey.page import Fate
from tesuki.pipelines.reading.gathered import GATHERED, gathered
from tesuki.pipelines.reading.warc.fast import _fields_of
from tesuki.pipelines.reading.warc.records import parse_fields
from tesuki.pipelines.storage.corpus_folder import CorpusFolder

RULES = ("read.request", "read.metadata", "read.revisit", "read.status")


def fate(number: int, rule: str) -> Fate:
    url = f"https://{number}.example.jp/"
    return Fate("web", "a.warc", number, 1, f"<urn:{number}>", url, "skipped", "read", rule)


@given(st.lists(st.sampled_from(RULES), max_size=300))
def test_every_record_is_counted_once_and_no_page_waits_for_them(rules: Sequence[str]) -> None:
    items = [fate(number, rule) for number, rule in enumerate(rules)]
    found = [item for item in gathered(iter(items)) if isinstance(item, Fate)]
    others = [item for item in items if item.rule not in GATHERED]
    assert found[: len(others)] == others
    assert {item.rule: item.records for item in found[len(others) :]} == {
        rule: rules.count(rule) for rule in GATHERED if rule in rules
    }
    for item in found[len(others) :]:
        first = items[rules.index(item.rule)]
        assert item == (first if item.records == 1 else replace(first, url="", records=rules.count(item.rule)))
    (count,) = add_counts(count for chunk in chunks("part", found, "read") for count in chunk.counts)
    assert (count.arrived, count.balance, dict(count.fates).get("skipped", 0)) == (len(rules), 0, len(rules))


def record(kind: str, number: int) -> bytes:
    block = b"GET / HTTP/1.1\r\n\r\n"
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:{kind}:{number}>\r\nContent-Length: {len(block)}"
    return gzip.compress(head.encode() + b"\r\n\r\n" + block + b"\r\n\r\n", mtime=0)


def test_the_balance_closes_over_them(
    archive_of: Any, web_page: Any, recipe_with: Any, build: Any, tmp_path: Path
) -> None:
    archive = Path(archive_of(tmp_path / "a.warc.gz", [web_page(f"https://h.example.jp/{n}", n) for n in range(3)]))
    with archive.open("ab") as file:
        for number in range(500):
            file.write(record("request", number) + record("metadata", number))
    built = build(recipe_with(tmp_path / "recipe.yaml", tokenizer=None), tmp_path / "out")
    (ledger,) = (tmp_path / "out" / "ledger").glob("*.parquet")
    rows = [row for row in pq.read_table(ledger).to_pylist() if row["rule"] in GATHERED]
    assert [(row["rule"], row["records"], row["url"]) for row in rows] == [
        ("read.request", 500, ""),
        ("read.metadata", 500, ""),
    ]
    rules = {row["rule"]: row["pages"] for row in built.manifest["balance"]["rules"]}
    assert rules["read.request"] == rules["read.metadata"] == 500
    assert built.manifest["balance"]["read"] == sum(built.manifest["balance"]["fates"].values()) > 1_000
    assert "records read" in verify_balance(CorpusFolder(tmp_path / "out"), read_manifest(tmp_path / "out"))


@pytest.mark.parametrize(
    "head",
    [
        b"A: b\r\nContent-Type:  x ; y  \r\n",
        "題: 値 \r\nB:  \r\n".encode(),
        b"A: b: c\r\nB: \xff\xa0 \r\n",
        b"A: \xc2\x85b\xe2\x80\xa8c\r\n",
    ],
)
def test_fields_are_those_of_the_careful_reading(head: bytes) -> None:
    assert _fields_of(head) == parse_fields(head)
