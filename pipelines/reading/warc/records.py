"""A WARC record as it lay in the archive, and damage: what lay there instead of one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tesuki.pipelines.journey.headers import Headers, first_value

CONTENT_BYTES = 64 << 20
"""Most bytes of one record kept in memory. Common Crawl cuts pages at 5 MiB (1 MiB before March 2025); the rest is
room for other crawlers. What is longer is read past."""

_FOLD = re.compile(r"(?<!\r)\r*+\n[ \t]++")
_FIELD = re.compile(r"^([^\s:]++)[ \t]*+:[ \t]*+([^\n]*+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Record:
    """One whole record. ``offset`` and ``length`` are bytes in the archive file as it lies on disk.

    ``inner`` is the record's place in its decompressed unit, 0 where each record has a unit of its own. ``content`` is
    the block, cut at `CONTENT_BYTES`; ``content_length`` its full length in bytes.
    """

    offset: int
    length: int
    inner: int
    headers: Headers
    content: bytes
    content_length: int

    def header(self, name: str) -> str:
        """The first value of a field, or ``""``."""
        return first_value(self.headers, name)


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of the archive that hold no record that can be read whole; ``detail`` says what was found."""

    offset: int
    length: int
    inner: int
    detail: str


def parse_fields(lines: bytes) -> Headers:
    """The fields in the head of a WARC record or an HTTP message; folded lines are joined, other lines left out.

    Bytes are read as UTF-8 (WARC 1.1 section 4), lines that are not as ISO-8859-1 (RFC 9110 section 5.5).
    """
    try:
        text = lines.decode()
    except UnicodeDecodeError:
        text = "\n".join(_line(line) for line in lines.split(b"\n"))
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub(" ", text)
    return tuple([(name, value.rstrip(" \t\r")) for name, value in _FIELD.findall(text)])


def _line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
