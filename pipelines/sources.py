"""Where the pages of a subset come from: its files, and how their format is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tesuki.pipelines.other_sources import READERS
from tesuki.pipelines.page import Fate, Page
from tesuki.pipelines.warc import read_range
from tesuki.pipelines.warc_ranges import Range, plan_ranges

WHOLE = 1 << 62
"""More bytes than a file has."""


@dataclass(frozen=True, slots=True)
class Source:
    """A subset's format, the names it gives to columns, and the paths of its files by name."""

    format: str
    columns: Mapping[str, str]
    paths: Mapping[str, str]

    def read(self, part: Range) -> Iterator[Page | Fate]:
        """Station 1: the records that begin in ``part``, one page or fate for each."""
        if self.format == "warc":
            return read_range(part)
        return READERS[self.format](part, self.columns)


def ranges_of(path: str, subset: str, source_format: str, range_bytes: int) -> tuple[Range, ...]:
    """The ranges a file is read in: WARC is cut, other formats are read whole."""
    if source_format == "warc":
        return plan_ranges(path, subset, range_bytes)
    return plan_ranges(path, subset, WHOLE)
