"""Records of a crawl by its index: asked for where they lie, and read as the whole archives would be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.remote.index_plan import row_at, rows_between
from tesuki.pipelines.reading.remote.index_records import Fetched, fetch_rows
from tesuki.pipelines.reading.remote.manners import Manners
from tesuki.pipelines.reading.warc.pages import page_of


def read_rows(part: Range, base: str, manners: Manners) -> Iterator[Page | Fate]:
    """The records that the rows of ``part`` name, each as one page or fate: what a reading of its archive gives for it,
    with the archive's name and the record's place there, or why it was not to be had: without its address, which the
    lists do not have.

    Raises `WorkError` where a row has not exactly one fate.
    """
    rows = rows_between(Path(part.path), part.start, part.end)
    given = 0
    for found in fetch_rows(rows, base, manners):
        given += 1
        yield _item(part.subset, found)
    if given != len(rows):
        raise WorkError(f"{part.archive}: {len(rows)} rows of the index gave {given} records; run the command again")


def read_record(lists: Iterable[str], page: Page, base: str, manners: Manners) -> Iterator[Page | Fate]:
    """The record of ``page`` once more, found by its archive and place in the ``lists``."""
    for path in lists:
        row = row_at(Path(path), page.archive, page.offset)
        if row is not None:
            yield from (_item(page.subset, found) for found in fetch_rows((row,), base, manners))
            return


def _item(subset: str, found: Fetched) -> Page | Fate:
    archive = found.row.archive.rpartition("/")[2]
    if found.record is not None:
        return page_of(found.record, subset, archive)
    row = found.row
    return Fate(
        subset=subset,
        archive=archive,
        offset=row.offset,
        length=row.length,
        record_id=f"{archive}#{row.offset}",
        url="",
        fate="dead",
        station="read",
        rule=f"read.{found.fate}",
    )
