"""Documents that are text already, by the names a source gives its columns. They join the journey at station 6."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range

COLUMNS = ("text", "url", "date", "title", "id")
"""What a document may say; only ``text`` must be there. ``id`` becomes the record id."""


Columns = Mapping[str, str]
"""The name a source gives to a column of `COLUMNS`, where it is another."""


def page_of(part: Range, columns: Columns, value: Mapping[str, Any], offset: int, length: int) -> Page | Fate:
    """The document in ``value``, at ``offset`` of its file; dead without a text, rejected with an empty one."""
    text = value.get(source_name(columns, "text"))
    if not isinstance(text, str):
        found = "nothing" if text is None else type(text).__name__
        return fate_of(
            part, offset, length, "dead", "read.no-text", f"found {found} as {source_name(columns, 'text')!r}"
        )
    if not text.strip():
        return fate_of(part, offset, length, "rejected", "read.empty", "")
    return Page(
        subset=part.subset,
        archive=part.archive,
        offset=offset,
        length=length,
        record_id=_string(value.get(source_name(columns, "id"))) or f"{part.archive}#{offset}",
        url=_string(value.get(source_name(columns, "url"))),
        date=_time(value.get(source_name(columns, "date"))),
        encoding="utf-8",
        encoding_evidence="the format",
        text=text.encode("utf-8", "replace").decode("utf-8"),
        title=_string(value.get(source_name(columns, "title"))),
    )


def fate_of(part: Range, offset: int, length: int, fate: Any, rule: str, detail: str) -> Fate:
    """The fate of what lies at ``offset`` and is no document."""
    return Fate(
        subset=part.subset,
        archive=part.archive,
        offset=offset,
        length=length,
        record_id=f"{part.archive}#{offset}",
        url="",
        fate=fate,
        station="read",
        rule=rule,
        detail=detail,
    )


def source_name(columns: Columns, column: str) -> str:
    """What the source calls ``column``."""
    return columns.get(column, column)


def _string(value: object) -> str:
    return "" if value is None else str(value).encode("utf-8", "replace").decode("utf-8")


def _time(value: object) -> str:
    """A date or time in the form of `Page.date`; what cannot be read as one is given as it is written."""
    try:
        moment = datetime.fromisoformat(_string(value))
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return _string(value)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
