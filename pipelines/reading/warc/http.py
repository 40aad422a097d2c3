"""The HTTP response inside a WARC record: status, headers and the body with its encodings undone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tesuki.pipelines.journey.headers import Headers
from tesuki.pipelines.reading.warc.records import parse_fields

HEAD_BYTES = 256 << 10
"""Longest HTTP head looked through, in bytes; browsers and servers stop far earlier."""

_STATUS = re.compile(rb"HTTP/\d+(?:\.\d+)?[ \t]+(\d{3})(?!\d)")
_BLANK_LINE = re.compile(rb"\n\r*+\n")
"""From a line feed on: looked for from each of many carriage returns, it would cost their square."""


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response as archived; ``body`` still carries its transfer and content encodings."""

    status: int
    headers: Headers
    body: bytes


def parse_response(content: bytes) -> Response | None:
    """Split a record's content into status, headers and body; None where it does not begin as a response does.

    A missing reason phrase, bare line feeds and a head that is cut off are borne, as browsers bear them.
    """
    status = _STATUS.match(content)
    if not status:
        return None
    blank = _BLANK_LINE.search(content, 0, HEAD_BYTES)
    head_end, body_start = blank.span() if blank else (min(len(content), HEAD_BYTES), len(content))
    _, _, fields = content[:head_end].partition(b"\n")
    return Response(int(status[1]), parse_fields(fields), content[body_start:])
