"""Where the pages of a subset come from: its files, and how their format is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.cirrus_search import read_cirrus_search
from tesuki.pipelines.reading.json_lines import read_json_lines
from tesuki.pipelines.reading.parquet import read_parquet
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range
from tesuki.pipelines.reading.wet import read_wet
from tesuki.pipelines.reading.wikipedia import read_wikipedia_dump
from tesuki.release_levels.signals import read_signals

Read = Callable[[Range, Mapping[str, str]], Iterator[Page | Fate]]
"""Reads a range of a file, with the source's own names for columns: one page or fate for each record."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is read, and where its pages join the journey.

    ``splits``: a file may be cut into ranges. ``html``: its pages pass detect, decode and extract; ``any_language``:
    they pass identify.
    """

    read: Read
    splits: bool = False
    html: bool = False
    any_language: bool = False


def _read_warc(part: Range, _: Mapping[str, str]) -> Iterator[Page | Fate]:
    return read_range(part)


FORMATS: Mapping[str, Format] = {
    "warc": Format(_read_warc, splits=True, html=True, any_language=True),
    "wet": Format(read_wet, splits=True, any_language=True),
    "jsonl": Format(read_json_lines),
    "parquet": Format(read_parquet),
    "wikipedia": Format(read_wikipedia_dump),
    "cirrussearch": Format(read_cirrus_search),
}
"""The formats a subset can have, by the name a recipe gives."""


def _with_signals(item: Page | Fate) -> Page | Fate:
    if isinstance(item, Fate):
        return item
    return replace(item, evidence=read_signals(item.url, (), "", item.text))


WHOLE = 1 << 62
"""More bytes than a file has."""


@dataclass(frozen=True, slots=True)
class Source:
    """A subset's format, the names it gives to columns, and the paths of its files by name."""

    format: str
    columns: Mapping[str, str]
    paths: Mapping[str, str]

    def read(self, part: Range) -> Iterator[Page | Fate]:
        """Station 1: the records that begin in ``part``, one page or fate for each.

        What is text already is asked here for its release signals; station 4 asks the others.
        """
        found = FORMATS[self.format].read(part, self.columns)
        return found if FORMATS[self.format].html else map(_with_signals, found)


def ranges_of(path: str, subset: str, source_format: str, range_bytes: int) -> tuple[Range, ...]:
    """The ranges a file is read in: one, where its format can't be cut."""
    return plan_ranges(path, subset, range_bytes if FORMATS[source_format].splits else WHOLE)
