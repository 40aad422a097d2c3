"""What stands on page after page at the same place: running heads, feet, page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tesuki.pipelines.extraction.pdf.lines import Line

EDGE = 0.12
"""Of a page's depth: how far from either edge heads and feet are looked for."""

OUTER = 0.25
"""Of a page's depth and length: how far from an edge a page number stands at most."""

LEAST_PAGES = 3
"""A line is a running head where it stands at the same place of so many pages: books change theirs by chapter, and
have one for left and one for right pages."""

_DIGITS = re.compile(r"[0-9０-９]+|[ivxlcIVXLC]+(?![a-zA-Z])")
_NUMBER = re.compile(
    r"[-–—−・(（\[ ]*(?:[Pp]\.? ?)?(?:\d{1,4}|[０-９]{1,4}|[ivxlc]{1,7})(?: ?[/／] ?\d{1,4})?[-–—−・)）\] ]*"
)


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of one page, and its extent along and across lines in points."""

    lines: tuple[Line, ...]
    length: float
    depth: float


def without_running_heads(pages: Sequence[PageLines]) -> tuple[list[tuple[Line, ...]], int]:
    """The lines of each page without running heads and page numbers, and how many characters those had."""
    counted: Counter[tuple[str, int]] = Counter()
    for page in pages:
        counted.update({_name(line, page) for line in page.lines if is_at_edge(line, page)})
    kept, left = [], 0
    for page in pages:
        stays = []
        for line in page.lines:
            repeated = is_at_edge(line, page) and counted[_name(line, page)] >= LEAST_PAGES
            numbered = _NUMBER.fullmatch(line.text.strip()) and (is_at_edge(line, page) or is_outside(line, page))
            if repeated or numbered:
                left += len(line.text)
            else:
                stays.append(line)
        kept.append(tuple(stays))
    return kept, left


def is_at_edge(line: Line, page: PageLines) -> bool:
    """Whether a line stands where heads and feet stand: in vertical setting these may be at any edge."""
    across = (line.near + line.far) / 2
    along = (line.start + line.end) / 2
    beside = min(along, page.length - along) < 0.5 * EDGE * page.length
    return min(across, page.depth - across) < EDGE * page.depth or beside


def is_outside(line: Line, page: PageLines) -> bool:
    """Whether a line stands apart from all others towards an edge: where the number of a page stands that is smaller
    than its paper.
    """
    others = [other for other in page.lines if other is not line]
    if not others:
        return False
    near, far = min(other.near for other in others), max(other.far for other in others)
    start, end = min(other.start for other in others), max(other.end for other in others)
    across = (line.far < near - line.size and line.far < OUTER * page.depth) or (
        line.near > far + line.size and line.near > (1 - OUTER) * page.depth
    )
    along = (line.end < start and line.end < OUTER * page.length) or (
        line.start > end and line.start > (1 - OUTER) * page.length
    )
    return across or along


def _name(line: Line, page: PageLines) -> tuple[str, int]:
    """A line without its numbers, and its place across the page in hundredths, coarse enough for rounding."""
    return _DIGITS.sub("#", line.text.replace(" ", "")), round(25 * line.near / page.depth)
