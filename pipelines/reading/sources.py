"""Where the pages of a subset come from: its files, and how their format is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.cirrus_search import read_cirrus_search
from tesuki.pipelines.reading.common_crawl import read_record, read_rows
from tesuki.pipelines.reading.documents import fate_of
from tesuki.pipelines.reading.gathered import gathered
from tesuki.pipelines.reading.json_lines import read_json_lines
from tesuki.pipelines.reading.parquet import check_columns, read_parquet
from tesuki.pipelines.reading.pdf import read_pdf_file
from tesuki.pipelines.reading.ranges import plan_ranges, plan_remote_ranges
from tesuki.pipelines.reading.remote.address import is_address, remote_of
from tesuki.pipelines.reading.remote.index_plan import COMMON_CRAWL, row_extent, row_ranges
from tesuki.pipelines.reading.remote.manners import Manners
from tesuki.pipelines.reading.remote.staging import read_staged
from tesuki.pipelines.reading.warc.archive import read_range
from tesuki.pipelines.reading.wet import read_wet
from tesuki.pipelines.reading.wikipedia import read_wikipedia_dump
from tesuki.release_levels.signals import read_signals

Read = Callable[[Range, Mapping[str, str]], Iterator[Page | Fate]]
"""Reads a range of a file, with the source's own names for columns: one page or fate for each record."""


def _no_problem(_: Path, __: Mapping[str, str]) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is read, and where its pages join the journey.

    ``splits``: a file may be cut into ranges. ``html``: its pages, HTML or PDF, pass detect, decode and extract;
    ``any_language``: they pass identify. ``endings``: what files of documents are called, compression aside, where
    anybody may write them (`tesuki dedup` takes these). ``problem`` says what of a file's schema does not fit the
    columns named, or None. ``by_index``: its files are lists of records that lie elsewhere, and are cut by rows.
    """

    read: Read
    splits: bool = False
    html: bool = False
    any_language: bool = False
    endings: tuple[str, ...] = ()
    by_index: bool = False
    problem: Callable[[Path, Mapping[str, str]], str | None] = _no_problem


def _read_warc(part: Range, _: Mapping[str, str]) -> Iterator[Page | Fate]:
    return read_range(part)


def _read_nothing(part: Range, _: Mapping[str, str]) -> Iterator[Page | Fate]:
    raise ValueError(f"{part.archive}: records of a crawl are asked for, not read here")


FORMATS: Mapping[str, Format] = {
    "warc": Format(_read_warc, splits=True, html=True, any_language=True),
    "wet": Format(read_wet, splits=True, any_language=True),
    "jsonl": Format(read_json_lines, endings=(".jsonl", ".json")),
    "parquet": Format(read_parquet, endings=(".parquet",), problem=check_columns),
    "wikipedia": Format(read_wikipedia_dump),
    "cirrussearch": Format(read_cirrus_search),
    "pdf": Format(read_pdf_file, html=True, any_language=True),
    "common-crawl": Format(_read_nothing, html=True, any_language=True, by_index=True),
}
"""The formats a subset can have, by the name a recipe gives. Each that is read here goes through the cases of
tests/pipelines/reading/test_conformance.py."""


def _with_signals(item: Page | Fate) -> Page | Fate:
    if isinstance(item, Fate):
        return item
    return replace(item, evidence=read_signals(item.url, (), "", item.text))


WHOLE = 1 << 62
"""More bytes than a file has."""


@dataclass(frozen=True, slots=True)
class Source:
    """A subset's format, the names it gives to columns, and the paths of its files by name.

    A path may be a pinned address; then ``manners`` say how it is asked for. ``base`` is where the archives of a crawl
    lie that is read by its index.
    """

    format: str
    columns: Mapping[str, str]
    paths: Mapping[str, str]
    manners: Manners | None = None
    base: str = COMMON_CRAWL

    def read(self, part: Range) -> Iterator[Page | Fate]:
        """Station 1: the records that begin in ``part``, one page or fate for each.

        What is text already is asked here for its release signals; station 4 asks the others. Requests and metadata
        come last, counted together.
        """
        yield from gathered(self._each(part))

    def _each(self, part: Range) -> Iterator[Page | Fate]:
        form = FORMATS[self.format]
        found = 0
        for item in self._items(part):
            found += 1
            yield item if form.html else _with_signals(item)
        if not found and part.start == 0 and not self._holds_more(part):
            yield _nothing_in(part)

    def read_again(self, page: Page) -> Iterator[Page | Fate]:
        """What lies in the place of ``page`` of a crawl that is read by its index."""
        if self.manners is None:
            raise ValueError("nobody says how files elsewhere are asked for")
        return read_record(self.paths.values(), page, self.base, self.manners)

    def _items(self, part: Range) -> Iterator[Page | Fate]:
        form = FORMATS[self.format]
        if form.by_index and self.manners:
            return read_rows(part, self.base, self.manners)
        if self.manners is None or not is_address(part.path):
            return form.read(part, self.columns)
        return read_staged(part, partial(_read, form.read, self.columns), self.manners, splits=form.splits)

    def _holds_more(self, part: Range) -> bool:
        size = _size_of(part.path)
        return part.end < size and any(True for _ in self._items(replace(part, end=size)))


def _read(read: Read, columns: Mapping[str, str], part: Range) -> Iterator[Page | Fate]:
    return read(part, columns)


def _size_of(path: str) -> int:
    return remote_of(path).size if is_address(path) else Path(path).stat().st_size


def _nothing_in(part: Range) -> Fate:
    """The one row of a file in which there is no record: a corpus of such files must not look well made."""
    size = _size_of(part.path)
    return fate_of(part, 0, size, "dead", "read.nothing", f"no record in a file of {size} bytes")


def extent_of(path: str, size: int, source_format: str) -> tuple[int, float]:
    """How far the ranges of a file of ``size`` bytes go, in bytes or rows, and the bytes of one of these."""
    return row_extent(path) if FORMATS[source_format].by_index else (size, 1.0)


def ranges_of(path: str, subset: str, source_format: str, range_bytes: int) -> tuple[Range, ...]:
    """The ranges a file is read in: one, where its format can't be cut."""
    if FORMATS[source_format].by_index:
        return row_ranges(path, subset, range_bytes)
    plan = plan_remote_ranges if is_address(path) else plan_ranges
    return plan(path, subset, range_bytes if FORMATS[source_format].splits else WHOLE)
