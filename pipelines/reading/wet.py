"""WET files of Common Crawl: WARC whose records hold the text of pages. They join the others at station 5.

A WET file holds the pages of all languages, so station 5 must still ask whether a text is Japanese.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from tesuki.pipelines.journey.page import Fate, Page, leave
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.dates import normalised_date
from tesuki.pipelines.reading.warc.archive import read_records
from tesuki.pipelines.reading.warc.packing import archive_format
from tesuki.pipelines.reading.warc.pages import derived_id, fate_of, page_of, unsupported
from tesuki.pipelines.reading.warc.records import CONTENT_BYTES, Damage, Record


def read_wet(part: Range, columns: Mapping[str, str]) -> Iterator[Page | Fate]:
    """Every record of a range of a WET file, each as one page or fate; ``conversion`` records are pages.

    The text is everything visible on the page, menus included: WET is what is left where the archive itself is out of
    reach. ``columns`` is not used.
    """
    path = Path(part.path)
    form = archive_format(path)
    if form.unsupported:
        yield unsupported(form.unsupported, part.subset, part.archive, part.start, part.end)
        return
    for item in read_records(path, form.packing, part.start, part.end):
        if isinstance(item, Damage):
            yield fate_of(item, part.subset, part.archive)
        elif item.header("warc-type").strip().lower() == "conversion":
            yield _page(part, item)
        else:
            other = page_of(item, part.subset, part.archive)
            yield other if isinstance(other, Fate) else leave(other, "skipped", "read", "read.not-text")


def _page(part: Range, record: Record) -> Page | Fate:
    text = record.content.decode("utf-8", "replace")
    page = Page(
        subset=part.subset,
        archive=part.archive,
        offset=record.offset,
        length=record.length,
        record_id=record.header("warc-record-id").strip() or derived_id(part.archive, record.offset, record.inner),
        url=record.header("warc-target-uri").strip().strip("<>"),
        date=normalised_date(record.header("warc-date")),
        encoding="utf-8",
        encoding_evidence="the format",
        replacements=text.count("\ufffd"),
    )
    if record.content_length > CONTENT_BYTES:
        return leave(page, "dead", "read", "read.size", value=record.content_length, threshold=CONTENT_BYTES)
    if not text.strip():
        return leave(page, "rejected", "read", "read.empty")
    # Common Crawl writes the page's title as the first line.
    return replace(page, text=text.strip(), title=text.strip().partition("\n")[0][:500])
