"""Paragraphs of a column: lines joined as Japanese is, without a space, and as Latin is, with one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from tesuki.pipelines.extraction.pdf.columns import CELL
from tesuki.pipelines.extraction.pdf.lines import Line

INDENT = 0.7
"""In ems: a line that begins this much further in than its column begins a paragraph (JIS X 4051: one em)."""

SHORT = 1.6
"""In ems: a line that ends this much before its column's end was ended by the author."""

LEADING = 1.45
"""Times the column's usual distance from line to line: more parts paragraphs."""

OPEN = 1.9
"""In ems: lines of one paragraph stand no further apart than this, whatever else the column holds."""

RESIZED = 0.12
"""Relative change of size that parts a heading from its text."""

_ITEM = re.compile(
    r"[・●○■□◆◇▪•‣※＊*]|[-–—−]\s|第[\d一二三四五六七八九十百]+[章節条項]"
    r"|[(（［\[]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5}|[一二三四五六七八九十]{1,3}|[ア-ン])[)）\]］.．]\s?"
)
_ENDS = re.compile("[。．！？!?」』）)]$")
_LATIN = re.compile(r"[^\s　-〿぀-ヿ㐀-鿿豈-﫿＀-｠￠-￦\U00020000-\U0003ffff]")
_HYPHEN = re.compile(r"[a-z][-‐]$")


def paragraphs_of(column: Sequence[Line]) -> list[str]:
    """The paragraphs of a column's lines, which are in reading order."""
    if not column:
        return []
    distances = [other.near - one.near for one, other in pairwise(column) if other.near > one.near]
    usual = median(distances) if distances else 0.0
    start, end = _edges(column)
    paragraphs = [column[0].text]
    for one, other in pairwise(column):
        if _parts(one, other, usual, start, end):
            paragraphs.append(other.text)
        else:
            paragraphs[-1] = join(paragraphs[-1], other.text)
    return paragraphs


def join(one: str, other: str) -> str:
    """Two lines of one paragraph as one: a Latin word is mended at its hyphen, words get a space, Japanese none."""
    if _HYPHEN.search(one) and other[:1].islower():
        return one[:-1] + other
    between = " " if _LATIN.match(one[-1:]) and _LATIN.match(other[:1]) else ""
    return one + between + other


def _edges(column: Sequence[Line]) -> tuple[float, float]:
    """Where most lines begin, and where full lines end."""
    starts = sorted(line.start for line in column)
    return starts[len(starts) // 4], max(line.end for line in column)


def _parts(one: Line, other: Line, usual: float, start: float, end: float) -> bool:
    size = max(one.size, other.size)
    if CELL in one.text or CELL in other.text:
        return True
    if other.near <= one.near:
        return other.start > one.end or other.near < one.near
    if usual and other.near - one.near > max(LEADING * usual, OPEN * size):
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
