"""The report's section on extraction: what became of the characters inside the pages, from their accounts."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tesuki.pipelines.corpus.report.markup import Bar, both, rows
from tesuki.pipelines.storage.corpus_folder import CorpusFolder

CLASSES = 10
"""Classes of the share taken; the last holds the pages of which all was taken."""

JAPANESE = 200
"""Kana and han that a page must show to be among those of the lowest share: of a short page a share says little."""

LOWEST = 20
"""Documents with the lowest share in the report's table."""

_Low = tuple[float, str, int, int, str]


@dataclass(slots=True)
class Accounts:
    """Sums over the accounts of all pages that were extracted, those that left with them.

    ``kept`` and ``left`` are pages by class of the share of their Japanese that was taken; ``left_out`` characters by
    reason, ``pages`` those that lost some by it; ``engines`` pages by whose text they have and why it was asked;
    ``lowest`` documents as (share, id, kana and han seen, taken, the reason that took most).
    """

    kept: Counter[int] = field(default_factory=Counter)
    left: Counter[int] = field(default_factory=Counter)
    seen: int = 0
    taken: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    engines: Counter[tuple[str, str]] = field(default_factory=Counter)
    lowest: list[_Low] = field(default_factory=list)


def accounts_of(output: Path) -> Accounts:
    """Count the accounts in the corpus at ``output``."""
    found = Accounts()
    folder = CorpusFolder(output)
    low: list[_Low] = []
    for row in _rows((file.path for file in folder.documents()), ("id", "extraction")):
        _add(found, found.kept, row["extraction"])
        low += _low(row["id"], row["extraction"])
        if len(low) > 1_000:
            low = heapq.nsmallest(LOWEST, low)
    for row in _rows(folder.ledger(), ("extraction",)):
        _add(found, found.left, row["extraction"])
    found.lowest = heapq.nsmallest(LOWEST, low)
    return found


def extraction_section(found: Accounts) -> str:
    """The section as markup; a line that says so where no page has an account."""
    if not found.engines:
        return f"<p>{both('No page of this corpus was extracted.', '本文抽出を経たページはありません。')}</p>"
    most = max((found.kept + found.left).values(), default=1)
    shares = (
        [_class_name(number), found.kept[number], found.left[number], _bar(found, number, most)]
        for number in range(CLASSES + 1)
    )
    reasons = (
        [
            reason,
            characters,
            found.pages[reason],
            f"{characters / found.seen:.1%}",
            Bar(characters / found.seen, [("dead", characters)]),
        ]
        for reason, characters in sorted(found.left_out.items(), key=lambda item: (-item[1], item[0]))
    )
    engines = ([engine, asked or "–", pages] for (engine, asked), pages in sorted(found.engines.items()))
    lowest = ([name, f"{share:.1%}", seen, taken, reason or "–"] for share, name, seen, taken, reason in found.lowest)
    told = f"{found.taken:,} / {found.seen:,}"
    return (
        f"<p>{both(f'Characters taken of those seen: {told}', f'見えた文字のうち本文としたもの: {told}')}</p>"
        + _table(
            "shares",
            (
                ("share of the Japanese taken", "本文とした日本語の割合"),
                ("documents", "文書"),
                ("left", "外れたページ"),
                ("", ""),
            ),
            shares,
        )
        + _table(
            "left-out",
            (("left out as", "除いた理由"), ("characters", "文字"), ("pages", "ページ"), ("share", "割合"), ("", "")),
            reasons,
        )
        + _table("engines", (("text by", "抽出器"), ("asked because", "頼った理由"), ("pages", "ページ")), engines)
        + _table(
            "lowest",
            (
                ("documents of the lowest share", "割合の最も低い文書"),
                ("taken", "割合"),
                ("kana and han seen", "見えたかなと漢字"),
                ("taken", "うち本文"),
                ("most of it", "主な理由"),
            ),
            lowest,
        )
    )


def _class_name(number: int) -> str:
    return "100 %" if number == CLASSES else f"{100 * number // CLASSES}–{100 * (number + 1) // CLASSES} %"


def _bar(found: Accounts, number: int, most: int) -> Bar:
    kept, left = found.kept[number], found.left[number]
    return Bar((kept + left) / most, [("kept", kept), ("rejected", left)])


def _table(name: str, heads: Sequence[tuple[str, str]], given: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{both(*words) if words[0] else ''}</th>" for words in heads)
    return f'<div class="wide"><table id="{escape(name)}" class="sorts"><tr>{head}</tr>\n{rows(given)}\n</table></div>'


def _add(found: Accounts, classes: Counter[int], account: Mapping[str, Any] | None) -> None:
    if account is None:
        return
    seen, taken = account["japanese_seen"], account["japanese_taken"]
    if seen:
        classes[CLASSES * taken // seen] += 1
    found.seen += account["seen"]
    found.taken += account["taken"]
    found.engines[account["engine"], account["asked"]] += 1
    for item in account["left_out"]:
        found.left_out[item["reason"]] += item["characters"]
        found.pages[item["reason"]] += 1


def _low(name: str, account: Mapping[str, Any] | None) -> Iterator[_Low]:
    if account is None or account["japanese_seen"] < JAPANESE:
        return
    seen, taken = account["japanese_seen"], account["japanese_taken"]
    reason = max(account["left_out"], key=lambda item: (item["characters"], item["reason"]), default={"reason": ""})
    yield taken / seen, name, seen, taken, reason["reason"]


def _rows(paths: Iterable[Path], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=5_000, columns=list(columns)):
                yield from batch.to_pylist()
