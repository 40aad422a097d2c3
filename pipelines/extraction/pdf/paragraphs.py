"""Paragraphs of a column: lines joined as Japanese is, without a space, and as Latin is, with one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from tesuki.pipelines.extraction.pdf.columns import CELL
from tesuki.pipelines.extraction.pdf.joining import join
from tesuki.pipelines.extraction.pdf.lines import Line

INDENT = 0.7
"""In ems: a line that begins this much further in than its column begins a paragraph (JIS X 4051: one em)."""

SHORT = 1.6
"""In ems: a line that ends this much before its column's end was ended by the author."""

LEADING = 1.45
"""Times the column's usual distance from line to line: more parts paragraphs."""

OPEN = 1.9
"""In ems: lines that stand no further apart are not parted by their distance, however close the others stand."""

FAR = 3.5
"""In ems: lines of one paragraph stand no further apart, whatever is usual; double spacing is some 3."""

NOTE = 0.93
"""Of the size of most of a column: what is set smaller at its foot is a note, or a caption, and interrupts nobody."""

RESIZED = 0.12
"""Relative change of size that parts a heading from its text."""

_ITEM = re.compile(
    r"[・●○■□◆◇▪•‣※＊*]|[-–—−]\s|第[\d一二三四五六七八九十百]+[章節条項]"
    r"|[(（［\[]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5}|[一二三四五六七八九十]{1,3}|[ア-ン])[)）\]］.．]\s?"
)
_ENDS = re.compile("[。．！？!?」』）):：]$")
_LEADER = re.compile(r"(?:[.．・…‥] ?){3}[0-9ivx]{1,5}$")
"""A line of a table of contents."""


def paragraphs_of(lines: Sequence[Line], column: Sequence[Line]) -> list[str]:
    """The paragraphs of ``lines`` in reading order, which are all or some of a ``column``."""
    if not lines:
        return []
    distances = [other.near - one.near for one, other in pairwise(lines) if other.near > one.near]
    usual = median(distances) if distances else 0.0
    start, end = _edges(column)
    paragraphs = [lines[0].text]
    for one, other in pairwise(lines):
        if _parts(one, other, usual, start, end):
            paragraphs.append(other.text)
        else:
            paragraphs[-1] = join(paragraphs[-1], other.text)
    return paragraphs


def text_of(columns: Iterable[Sequence[Line]]) -> list[str]:
    """The paragraphs of columns in reading order, also over the borders of columns and pages: one that stops in the
    middle of a sentence at the end of a column goes on in the next. Notes at the foot of a column follow the paragraph
    that goes on beyond them.
    """
    found: list[str] = []
    notes: list[str] = []
    before: Sequence[Line] = ()
    for column in columns:
        body, foot = parted(column)
        paragraphs = paragraphs_of(body, column)
        if before and paragraphs and _goes_on(before, body):
            found[-1] = join(found[-1], paragraphs.pop(0))
        if paragraphs:
            found += [*notes, *paragraphs]
            notes = []
        notes += paragraphs_of(foot, column)
        before = body
    return found + notes


def parted(column: Sequence[Line]) -> tuple[Sequence[Line], Sequence[Line]]:
    """A column's lines, and the notes at its foot: what stands last and is set smaller than most."""
    sizes: Counter[float] = Counter()
    for line in column:
        sizes[round(line.size, 1)] += len(line.text)
    bound = NOTE * max(sizes, key=lambda size: (sizes[size], size)) if sizes else 0.0
    end = len(column)
    while end and column[end - 1].size < bound and CELL not in column[end - 1].text:
        end -= 1
    return (column[:end], column[end:]) if end else (column, ())


def _goes_on(before: Sequence[Line], column: Sequence[Line]) -> bool:
    one, other = before[-1], column[0]
    if len(before) < 2 or _ITEM.match(other.text) or CELL in one.text + other.text:
        return False
    if abs(one.size - other.size) > RESIZED * max(one.size, other.size):
        return False
    full = max(line.end for line in before) - one.end < SHORT * one.size
    indented = len(column) > 1 and other.start - _edges(column)[0] > INDENT * other.size
    if not full or indented:
        return False
    return not _ENDS.search(one.text) or _indents(before) or _indents(column)


def _indents(column: Sequence[Line]) -> bool:
    """Whether paragraphs of a column begin further in: then a line that does not goes on, even after a full stop."""
    usual = _edges(column)[0]
    return any(
        _ENDS.search(one.text) and INDENT * other.size < other.start - usual < 3 * INDENT * other.size
        for one, other in pairwise(column)
    )


def _edges(column: Sequence[Line]) -> tuple[float, float]:
    """Where most lines begin, and where full lines end."""
    starts = sorted(line.start for line in column)
    return starts[len(starts) // 4], max(line.end for line in column)


def _parts(one: Line, other: Line, usual: float, start: float, end: float) -> bool:
    size = max(one.size, other.size)
    if CELL in one.text or CELL in other.text or _LEADER.search(one.text):
        return True
    if other.near <= one.near:
        return other.start > one.end or other.near < one.near
    apart = other.near - one.near
    if (usual and apart > max(LEADING * usual, OPEN * size)) or apart > FAR * size:
        return True
    if abs(one.size - other.size) > RESIZED * size:
        return True
    if _ITEM.match(other.text) and (other.start - start > -0.5 * size) and not _runs_on(one, end):
        return True
    if other.start - max(start, one.start if one.start > start else start) > INDENT * size:
        return True
    short = end - one.end > SHORT * size
    return short and (bool(_ENDS.search(one.text)) or end - one.end > 0.25 * (end - start))


def _runs_on(line: Line, end: float) -> bool:
    """Whether a line is full and stops in the middle of a sentence."""
    return end - line.end < SHORT * line.size and not _ENDS.search(line.text)
