"""The pages of a corpus that a reading sheet could show, as a stream: twice through it is all that a draw needs.

What is held are the pages that may still be drawn, `ROWS_AT_ONCE` of a table, and the evidence of one part.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.common.hosts import host_of
from tesuki.pipelines.corpus.under_way import PLAN
from tesuki.pipelines.levelling.shown import level_by_own_evidence
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.storage.parts import open_parts
from tesuki.release_levels.levels import Level, parse_level

KEPT: Final = "kept"
"""The stratum of all kept documents."""

ROWS_AT_ONCE = 5_000
"""Rows that are held as Python values."""

Evidence = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page that could be drawn, without its text."""

    id: str
    url: str
    stratum: str
    value: float | None = None
    threshold: float | None = None


class Drawn:
    """Of each stratum how many pages there are, and those that come first: ``kept`` documents at most, and ``rejected``
    pages of each rule."""

    def __init__(self, seed: int, kept: int, rejected: int) -> None:
        self._seed, self._kept, self._rejected = seed, kept, rejected
        self.pages: Counter[str] = Counter()
        self._first: defaultdict[str, list[tuple[int, int, Candidate]]] = defaultdict(list)

    def add(self, page: Candidate) -> None:
        """Take a page into the draw."""
        self.pages[page.stratum] += 1
        most = self._kept if page.stratum == KEPT else self._rejected
        if not most:
            return
        first = self._first[page.stratum]
        entry = (-self.key(page), -self.pages[page.stratum], page)
        if len(first) < most:
            heapq.heappush(first, entry)
        elif entry > first[0]:
            heapq.heapreplace(first, entry)

    def key(self, page: Candidate) -> int:
        """The place of a page in the draw: by hash of seed and document id."""
        return int.from_bytes(blake2b(f"{self._seed} {page.id}".encode(), digest_size=16).digest(), "big")

    def first(self, stratum: str, count: int) -> list[Candidate]:
        """The first ``count`` pages of a stratum, in the order of the draw."""
        return [page for *_, page in sorted(self._first[stratum], reverse=True)[:count]]


def candidates(output: Path, recipe: Mapping[str, Any], shown: Collection[Level]) -> Iterator[Candidate]:
    """Kept documents of levels that are ``shown``, then rejected pages whose own evidence lets them be shown."""
    for file in CorpusFolder(output).documents():
        if parse_level(file.level) in shown:
            for row in _rows(file.path, ["id", "url"]):
                yield Candidate(row["id"], row["url"], KEPT)
    columns = ["id", "url", "fate", "rule", "value", "threshold", "subset"]
    for ledger, evidence in _with_evidence(output):
        for row in _rows(ledger, columns):
            if row["fate"] != "rejected" or row["id"] is None:
                continue
            if level_by_own_evidence(recipe, row["subset"], evidence.get(row["id"], ())) in shown:
                yield Candidate(row["id"], row["url"], row["rule"], row["value"], row["threshold"])


def neighbours(
    chosen: Sequence[Candidate], pages: Iterable[Candidate], most: int
) -> Mapping[str, Sequence[tuple[str, str]]]:
    """For each chosen page, by id: (address, stratum) of the first ``most`` other ``pages`` of its host, by address."""
    by_host: defaultdict[str, list[Candidate]] = defaultdict(list)
    for page in chosen:
        by_host[host_of(page.url) or page.id].append(page)
    found: dict[str, list[tuple[str, str]]] = {page.id: [] for page in chosen}
    for page in pages:
        for each in by_host.get(host_of(page.url) or "", ()):
            if page.url != each.url:
                insort(found[each.id], (page.url, page.stratum))
                del found[each.id][most:]
    return found


def rows_with(path: Path, ids: pa.Array, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The rows of a table whose ``id`` is among ``ids``, a row group at a time."""
    with pq.ParquetFile(path) as table:
        for group in range(table.num_row_groups):
            there = pc.is_in(table.read_row_group(group, columns=["id"])["id"], ids)
            if pc.any(there).as_py():
                yield from table.read_row_group(group, columns=["id", *columns]).filter(there).to_pylist()


def pages_of_parts(output: Path) -> Iterator[tuple[Path, Path | None]]:
    """The ledger table of each part, and where its pages lie, as far as `PLAN` says so and they do."""
    try:
        parts = open_parts(output / "parts" / PLAN)
    except (FileNotFoundError, pa.ArrowInvalid):
        parts = None
    for ledger in CorpusFolder(output).ledger():
        number = parts.number_of(ledger.stem) if parts is not None else None
        pages = parts[number].pages if parts is not None and number is not None else ""
        path = output / "parts" / "pages" / f"{pages}.pages.parquet"
        yield ledger, path if path.is_file() else None


def all_told(output: Path) -> bool:
    """Whether it is known of every part where its pages lie: not so where the plan is another run's, or a copy has
    none."""
    return all(path for _, path in pages_of_parts(output)) or not (output / "parts" / "pages").is_dir()


def stored_pages(output: Path) -> Iterator[Path]:
    """The tables of pages that a corpus was made of; all that there are where it is not known which."""
    if all_told(output):
        yield from (path for _, path in pages_of_parts(output) if path)
    else:
        yield from _all_pages(output)


def _all_pages(output: Path) -> Sequence[Path]:
    return sorted((output / "parts" / "pages").glob("*.pages.parquet"))


def _with_evidence(output: Path) -> Iterator[tuple[Path, Mapping[str, Evidence]]]:
    """The ledger table of each part with what was found on its pages, by document id."""
    told = all_told(output)
    every = {} if told else dict(entry for path in _all_pages(output) for entry in _evidence(path))
    for ledger, path in pages_of_parts(output):
        yield ledger, (dict(_evidence(path)) if path else {}) if told else every


def _evidence(path: Path) -> Iterator[tuple[str, Evidence]]:
    return ((row["id"], row["evidence"]) for row in _rows(path, ["id", "evidence"]) if row["evidence"])


def _rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(batch_size=ROWS_AT_ONCE, columns=list(columns)):
            yield from batch.to_pylist()
