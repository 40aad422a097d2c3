"""Documents that are text already, by the names a source gives its columns. They join the journey at station 6."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.dates import normalised_date

COLUMNS = ("text", "url", "date", "title", "id")
"""What a document may say; only ``text`` must be there. ``id`` becomes the record id."""

_EPOCH = re.compile(r"\d{9,10}|\d{13}|\d{16}|\d{19}")
_PER_SECOND = {9: 1, 10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
"""Seconds, milli-, micro- and nanoseconds since 1970, told by their digits: from 1973 and 2001 to 2286. Dates without
signs between have 8, 12 or 14."""

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
        record_id=_name(value.get(source_name(columns, "id"))) or f"{part.archive}#{offset}",
        url=_string(value.get(source_name(columns, "url"))),
        date=_time(value.get(source_name(columns, "date"))),
        encoding="utf-8",
        encoding_evidence="the format",
        text=sound_text(text),
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


def sound_text(text: str) -> str:
    """``text`` with ``?`` for each lone surrogate, which JSON can say (``\\ud800``) and no file can be written with."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _string(value: object) -> str:
    return sound_text(value) if isinstance(value, str) else ""


def _name(value: object) -> str:
    """What a source calls a document: a word or a whole number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _string(value)


def _time(value: object) -> str:
    """A date or time, or the seconds since 1970, in the form of `Page.date`; ``""`` for what is neither."""
    written = f"{value:.0f}" if isinstance(value, float) and isfinite(value) else _name(value).strip()
    try:
        if found := _EPOCH.fullmatch(written):
            moment = datetime.fromtimestamp(int(found[0]) // _PER_SECOND[len(found[0])], UTC)
        else:
            moment = datetime.fromisoformat(written)
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return normalised_date(written)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
