"""Where records lie in unpacked WARC bytes, with no declared length believed that the bytes do not bear out."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tesuki.pipelines.journey.headers import Headers, first_value
from tesuki.pipelines.reading.warc.records import parse_fields

View = bytes | mmap.mmap
"""Unpacked bytes, in memory or mapped."""

HEAD_BYTES = 64 << 10
"""Longest head of a record, in bytes; FastWARC's own bound is half of it."""

SLACK = 8
"""Bytes by which a length may miss the next record: twice the newlines between two records. Archives written or edited
by hand count the newlines wrongly; the record is whole all the same."""

_VERSION = rb"WARC/[01]\.\d{1,3}[ \t]*+\r*+\n"
_BEGINS = re.compile(_VERSION)
_BOUNDARY = re.compile(_VERSION + rb"[A-Za-z][A-Za-z0-9-]{0,63}[ \t]*:")
_BLANK_LINE = re.compile(rb"\n\r*+\n")
"""Some tools have turned CR LF into CR CR LF, others into LF. From a line feed on: looked for from each of many
carriage returns, it would cost their square."""

_END = b"\r\n\r\n"
_LONGEST_BEGINNING = 128
_NEWLINES = re.compile(rb"[\r\n]*+")
_NUMBER = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole record: it begins at ``start``, its block of ``content_length`` bytes at ``content``; ``stop`` is where
    the next begins."""

    start: int
    stop: int
    headers: Headers
    content: int
    content_length: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes in which no whole record lies. ``cut``: a record begins here, but ``view`` ends before it does."""

    start: int
    stop: int
    detail: str
    cut: bool = False


def frames(view: View, start: int, end: int) -> Iterator[Frame | Gap]:
    """What lies in ``view`` from ``start`` on, as long as it begins before ``end``; newlines around records are no gap.

    A record counts as whole only when the end of a record, or the next one, follows the block its length announces (to
    within `SLACK`). Where it does not, the record is given up and the next boundary looked for behind its head: a wrong
    length must not swallow the records after it.
    """
    position = _past_newlines(view, start)
    while position < min(end, len(view)):
        found = _frame(view, position)
        yield found
        position = found.stop


def next_boundary(view: View, start: int) -> int:
    """The first place at or after ``start`` where a record's head can begin, or the end of ``view``."""
    boundary = _BOUNDARY.search(view, start)
    return boundary.start() if boundary else len(view)


def _frame(view: View, start: int) -> Frame | Gap:
    version = _BEGINS.match(view, start)
    if not version:
        return Gap(start, next_boundary(view, start + 1), "not a record: no WARC version line")
    # From the line feed of the version line on, so that a head without fields ends too.
    blank = _BLANK_LINE.search(view, version.end() - 1, start + HEAD_BYTES)
    if not blank:
        return Gap(start, next_boundary(view, version.end()), "record's head has no end")
    another = next_boundary(view[version.end() : blank.end()], 0) + version.end()
    if another < blank.end():  # cut off in its head: the fields below belong to the next record
        return Gap(start, another, "record's head is cut")
    headers = parse_fields(view[version.end() : blank.start()])
    declared = first_value(headers, "content-length")
    if not _NUMBER.fullmatch(declared):
        return Gap(start, next_boundary(view, blank.end()), "record has no Content-Length that is a number")
    length = int(declared)
    extent = _announced(view, blank.end(), length) or _nearby(view, blank.end(), length)
    if extent:
        block_end, stop = extent
        return Frame(start, stop, headers, blank.end(), block_end - blank.end())
    boundary = next_boundary(view, blank.end())
    if blank.end() + length > len(view):
        return Gap(start, boundary, f"record is cut: {length} bytes announced", cut=True)
    return Gap(start, boundary, f"no record follows the {length} bytes announced")


def _announced(view: View, content: int, length: int) -> tuple[int, int] | None:
    """Where the block ends and the next record begins, where the length is right."""
    block_end = content + length
    stop = _past_newlines(view, block_end)
    if block_end <= len(view) and (stop == len(view) or _BEGINS.match(view, stop)):
        return block_end, stop
    if view[block_end : block_end + len(_END)] == _END:
        return block_end, block_end + len(_END)
    return None


def _nearby(view: View, content: int, length: int) -> tuple[int, int] | None:
    """The same, where the length is wrong by no more than `SLACK`."""
    announced = content + length
    low = max(content, announced - SLACK)
    window = view[low : announced + 4 * SLACK + _LONGEST_BEGINNING]
    found = next_boundary(window, 0)
    stop = low + found
    block_end = low + len(window[:found].rstrip(b"\r\n"))
    found_something = found < len(window) or stop == len(view)
    fits = found_something and announced - SLACK <= stop and block_end <= announced + SLACK
    return (block_end, stop) if fits else None


def _past_newlines(view: View, start: int) -> int:
    newlines = _NEWLINES.match(view, min(start, len(view)))
    return newlines.end() if newlines else start
