"""Station 1, read: a range of an archive file gives one item for each record in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tesuki.pipelines.page import Fate, Page
from tesuki.pipelines.warc_fast import DoubtError, fast_records
from tesuki.pipelines.warc_formats import Packing, archive_format
from tesuki.pipelines.warc_pages import STATION, derived_id, fate_of, page_of
from tesuki.pipelines.warc_ranges import Range
from tesuki.pipelines.warc_records import Damage, Record


def read_range(part: Range) -> Iterator[Page | Fate]:
    """Every record of a range, in file order, each as exactly one page or fate."""
    path = Path(part.path)
    form = archive_format(path)
    if form.unsupported:
        yield _unsupported(part, form.unsupported)
        return
    with path.open("rb") as file:
        for item in _records(file, form.packing, part):
            if isinstance(item, Damage):
                yield fate_of(item, part.subset, part.archive)
            else:
                yield page_of(item, part.subset, part.archive)


def _records(file: BinaryIO, packing: Packing, part: Range) -> Iterator[Record | Damage]:
    try:
        for record in fast_records(file, packing, 0, part.end):
            if record.offset >= part.start:
                yield record
    except DoubtError as doubt:
        yield Damage(doubt.position, part.end - doubt.position, 0, "bytes that are not a record")


def _unsupported(part: Range, name: str) -> Fate:
    return Fate(
        subset=part.subset,
        archive=part.archive,
        offset=part.start,
        length=part.end - part.start,
        record_id=derived_id(part.archive, part.start, 0),
        url="",
        fate="dead",
        station=STATION,
        rule="read.unsupported",
        detail=f"{name} file; only WARC is read (ARC: convert it with `warcio recompress`)",
    )
