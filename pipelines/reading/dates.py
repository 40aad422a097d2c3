"""The capture time of a record, in the one form the corpus keeps."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?)?)?(Z|[+-]\d\d:?\d\d)?$", re.IGNORECASE
)
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\dZ", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?()$")
"""ARC's 14 digits, which some converters carry over."""


def normalised_date(value: str) -> str:
    """A WARC-Date as ``YYYY-MM-DDTHH:MM:SSZ``, or ``""`` where it names no instant.

    WARC 1.1 section 5.4 allows every precision from the year to fractions of a second: what is missing counts from the
    start of the year, month or day; fractions are cut; an offset is converted to UTC.
    """
    if _USUAL.fullmatch(value):
        return value if _is_instant(value) else ""
    match = _COMPACT.match(value.strip()) or _DATE.match(value.strip())
    if not match:
        return ""
    year, month, day, hour, minute, second, zone = match.groups(default="")
    sign_hours_minutes = "+00:00" if zone.upper() in ("", "Z") else zone
    text = f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}{sign_hours_minutes}"
    try:
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return ""


def _is_instant(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
