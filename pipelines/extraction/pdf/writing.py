"""Which way a page is written, and its glyphs in that direction.

Horizontal and vertical setting (縦書き) are the same to all that follows: ``start`` and ``end`` run along the line,
``near`` and ``far`` from line to line, both growing as one reads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from tesuki.common.scripts import JAPANESE_LETTERS
from tesuki.pipelines.extraction.pdf.glyphs import Glyph, PageGlyphs

_JAPANESE = re.compile(f"[{JAPANESE_LETTERS}]")


class Mark(NamedTuple):
    """A glyph in writing direction; distances in points."""

    text: str
    start: float
    end: float
    near: float
    far: float
    size: float


@dataclass(frozen=True, slots=True)
class Writing:
    """The marks of a page in the file's order, and the page's length along a line and depth across lines."""

    marks: tuple[Mark, ...]
    vertical: bool
    length: float
    depth: float


def writing_of(page: PageGlyphs) -> Writing:
    """The page in its writing direction: vertical where most Japanese letters stand below their neighbour."""
    vertical = is_vertical(page.glyphs)
    if not vertical:
        marks = tuple(
            Mark(g.text, g.left, g.right, page.height - g.top, page.height - g.bottom, g.size) for g in page.glyphs
        )
        return Writing(marks, False, page.width, page.height)
    marks = tuple(
        Mark(g.text, page.height - g.top, page.height - g.bottom, page.width - g.right, page.width - g.left, g.size)
        for g in page.glyphs
    )
    return Writing(marks, True, page.height, page.width)


def is_vertical(glyphs: Sequence[Glyph]) -> bool:
    """Whether Japanese letters that follow each other in the file mostly stand one below the other."""
    down = across = 0
    for one, other in pairwise(glyphs):
        if _JAPANESE.match(one.text) and _JAPANESE.match(other.text):
            (x, y), (next_x, next_y) = one.middle, other.middle
            if abs(next_x - x) < 0.5 * one.size and 0 < y - next_y < 2 * one.size:
                down += 1
            elif abs(next_y - y) < 0.5 * one.size and 0 < next_x - x < 2 * one.size:
                across += 1
    return down > across
