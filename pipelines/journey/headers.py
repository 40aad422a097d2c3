"""Header fields of a WARC record or an HTTP message, as they stood."""

from __future__ import annotations

Headers = tuple[tuple[str, str], ...]
"""Header fields in the order of the archive, names as written."""


def first_value(headers: Headers, name: str) -> str:
    """The first value of the field called ``name``, in any case of letters, or ``""``."""
    wanted = name.lower()
    for key, value in headers:
        if key.lower() == wanted:
            return value
    return ""
