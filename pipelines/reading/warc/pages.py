"""From a record to a page, or to the reason why it never was one."""

from __future__ import annotations

import uuid
from dataclasses import replace

from tesuki.pipelines.journey.headers import Headers, first_value
from tesuki.pipelines.journey.page import PDF, Fate, FateKind, Page, leave
from tesuki.pipelines.reading.dates import normalised_date
from tesuki.pipelines.reading.pdf import is_pdf_file
from tesuki.pipelines.reading.warc.http import parse_response
from tesuki.pipelines.reading.warc.media_type import is_feed, is_html
from tesuki.pipelines.reading.warc.payload import BODY_BYTES, TooLargeError, undo_encodings
from tesuki.pipelines.reading.warc.records import CONTENT_BYTES, Damage, Record

STATION = "read"

RECORD_TYPES = frozenset(
    {"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"}
)
"""The record types of WARC 1.1, section 6. Others are named ``unknown``, as section 6.9 has it."""

WITH_PAGES = frozenset({"response", "resource"})
"""Those that can hold a page. Others go another way: there are two of them for each page of a crawl."""


def page_of(record: Record, subset: str, archive: str) -> Page | Fate:
    """The page a record holds: a response with status 200 and HTML, or a resource that is HTML."""
    kind = record.header("warc-type").strip().lower()
    record_id = _clean(record.header("warc-record-id")) or derived_id(archive, record.offset, record.inner)
    url = _clean(record.header("warc-target-uri")).strip("<>")
    if kind not in WITH_PAGES:
        rule = f"{STATION}.{kind if kind in RECORD_TYPES else 'unknown'}"
        return Fate(subset, archive, record.offset, record.length, record_id, url, "skipped", STATION, rule)
    page = Page(
        subset=subset,
        archive=archive,
        offset=record.offset,
        length=record.length,
        record_id=record_id,
        url=url,
        date=normalised_date(record.header("warc-date")),
    )
    return _from_response(page, record) if kind == "response" else _from_resource(page, record)


def item_of(found: Record | Damage, subset: str, archive: str) -> Page | Fate:
    """The one item that a record, or damage, gives."""
    return fate_of(found, subset, archive) if isinstance(found, Damage) else page_of(found, subset, archive)


def fate_of(damage: Damage, subset: str, archive: str) -> Fate:
    """The one ledger row of damaged bytes, with their range."""
    return Fate(
        subset=subset,
        archive=archive,
        offset=damage.offset,
        length=damage.length,
        record_id=derived_id(archive, damage.offset, damage.inner),
        url="",
        fate="dead",
        station=STATION,
        rule="read.damaged",
        detail=damage.detail,
    )


def unsupported(form: str, subset: str, archive: str, start: int, end: int) -> Fate:
    """The one ledger row of a file in a format that is not WARC: it is named, never half read."""
    return Fate(
        subset=subset,
        archive=archive,
        offset=start,
        length=end - start,
        record_id=derived_id(archive, start, 0),
        url="",
        fate="dead",
        station=STATION,
        rule="read.unsupported",
        detail=f"{form} file; only WARC is read (`warcio recompress` turns ARC into WARC)",
    )


def derived_id(archive: str, offset: int, inner: int) -> str:
    """A stable id for a record that bears none: a name-based UUID of where it lies."""
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'warc:{archive}#{offset}+{inner}')}>"


def _from_response(page: Page, record: Record) -> Page | Fate:
    response = parse_response(record.content)
    if response is None:
        return _leave(page, "skipped", "not-http")
    if response.status != 200:
        return _leave(page, "skipped", "status", value=response.status, threshold=200)
    return _as_html(page, record, response.headers, response.body)


def _from_resource(page: Page, record: Record) -> Page | Fate:
    headers = (("Content-Type", record.header("content-type")),)
    return _as_html(page, record, headers, record.content)


def _as_html(page: Page, record: Record, headers: Headers, body: bytes) -> Page | Fate:
    content_type = first_value(headers, "content-type")
    try:
        body = undo_encodings(body, headers)
    except TooLargeError:
        return _leave(page, "dead", "expansion", value=BODY_BYTES + 1, threshold=BODY_BYTES)
    if is_pdf_file(body) and not is_html(content_type, body):
        return replace(page, headers=headers, body=body, encoding=PDF, encoding_evidence="the format")
    if is_feed(content_type, body):
        return _leave(page, "skipped", "feed", detail=_media_type(content_type))
    if not is_html(content_type, body):
        return _leave(page, "skipped", "not-html", detail=_media_type(content_type))
    if record.content_length > CONTENT_BYTES:
        return _leave(page, "dead", "size", value=record.content_length, threshold=CONTENT_BYTES)
    return _filled(page, headers, body)


def _filled(page: Page, headers: Headers, body: bytes) -> Page:
    """The page with what was read of it; of most pages of a crawl nothing else is ever made, so no field is copied."""
    return Page(page.subset, page.archive, page.offset, page.length, page.record_id, page.url, page.date, headers, body)


def _leave(
    page: Page,
    fate: FateKind,
    reason: str,
    *,
    value: float | None = None,
    threshold: float | None = None,
    detail: str = "",
) -> Fate:
    return leave(page, fate, STATION, f"{STATION}.{reason}", value=value, threshold=threshold, detail=detail)


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()[:80]


def _clean(value: str) -> str:
    return value.strip().replace("\0", "")
