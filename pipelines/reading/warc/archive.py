"""Station 1, read: a range of an archive file gives one item for each record in it."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.warc.careful import careful_records, first_start
from tesuki.pipelines.reading.warc.fast import DoubtError, fast_records
from tesuki.pipelines.reading.warc.packing import Packing, archive_format
from tesuki.pipelines.reading.warc.pages import item_of, unsupported
from tesuki.pipelines.reading.warc.records import Damage, Record

LOOKBACK = 8 << 20
"""Bytes before a range from which its reading begins. A record may hold bytes that look like a record, a WARC file
inside a WARC file say; only a reading that comes from before can tell. Records are shorter than this on disk."""


def read_range(part: Range, *, lookback: int = LOOKBACK) -> Iterator[Page | Fate]:
    """Every record of a range, in file order, each as exactly one page or fate.

    The ranges of a file together give what one range over the whole file gives. Raises OSError where the file cannot
    be read; nothing that stands in the file raises.
    """
    path = Path(part.path)
    form = archive_format(path)
    if form.unsupported:
        yield unsupported(form.unsupported, part.subset, part.archive, part.start, part.end)
        return
    for found in read_records(path, form.packing, part.start, part.end, lookback):
        yield item_of(found, part.subset, part.archive)


def records_at(path: Path, offset: int) -> Iterator[Record | Damage]:
    """What lies at ``offset``, an offset that an earlier reading gave: one record, or all of one compression unit."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        yield from careful_records(mapped, archive_format(path).packing, offset, offset + 1)


def read_records(
    path: Path, packing: Packing, start: int, end: int, lookback: int = LOOKBACK
) -> Iterator[Record | Damage]:
    """The records, and the damage, whose first byte lies in ``[start, end)``."""
    if not path.stat().st_size:  # no bytes can be mapped
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        begin = _reading_start(mapped, packing, start, lookback)
        try:
            for record in fast_records(file, packing, begin, end):
                if record.offset >= start:
                    yield record
        except DoubtError as doubt:
            for item in careful_records(mapped, packing, doubt.position, end):
                if item.offset >= start:
                    yield item


def _reading_start(file: mmap.mmap, packing: Packing, start: int, lookback: int) -> int:
    back = start - lookback
    while back > 0:
        found = first_start(file, packing, back)
        if found < start:
            return found
        back -= lookback
    return 0
