"""Lines of a page: marks that are read one after the other; readings, emphasis dots and note marks set apart."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tesuki.common.scripts import HIRAGANA, JAPANESE_LETTERS, KATAKANA, character_class
from tesuki.pipelines.extraction.pdf.writing import Mark

GAP = 1.5
"""In ems: marks of one line further apart than this belong to different columns or cells."""

TOUCH = 0.3
"""In ems: pieces of a line no further apart are one whatever lies on the page. Readings and small type cut lines into
pieces, of which no gutter can be told; a full stop that hangs into a gutter of one em leaves less than half of it."""

WORD_GAP = 0.18
"""In ems: what parts two words of a script that has spaces."""

SMALL = 0.68
"""Of the size of the line beside it: what is set this small is a reading, a dot or a note mark. Ruby is half the size
of its base (JIS X 4051:2004, section 7.1), LaTeX's footnote marks seven tenths at most."""

_READING = re.compile(f"[{character_class(HIRAGANA, KATAKANA)}・]+")
_DOT = frozenset("・﹅﹆•●○◦▲△、﹑")
_DOTS = re.compile("[・﹅﹆•●○◦▲△、﹑]+")
_NOTE = re.compile(r"[（(\[［]?(?:\d{1,3}|[*＊†‡※]{1,3}|注\d{0,3})[)）\]］]?")
_SMALL_ONE = re.compile(f"[{character_class(HIRAGANA, KATAKANA)}・﹅﹆•●○◦▲△、﹑0-9*＊†‡※注()（）\\[\\]［］ ]+")
_DIGIT = re.compile("[0-9]")
_CELL = 16.0
"""Points: the width of the cells by which marks are looked up along the line."""

COLUMNS = 5
"""How often a page is divided into columns within columns: a newspaper is set in a dozen, which four divisions give."""

_ROWS_BACK = 24
"""Rows that a run may continue: those that lie across a page beside it come shortly before it."""

_LEAST_ACROSS = 3
_JAPANESE_OR_MARK = re.compile(f"[{JAPANESE_LETTERS}。、．，」』）)]")
_SPACED = re.compile(r"[^\s　-〿぀-ヿ㐀-鿿豈-﫿＀-｠￠-￦\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Line:
    """Marks read one after the other, as text, with the room they take and the size of most of them."""

    text: str
    start: float
    end: float
    near: float
    far: float
    size: float


@dataclass(frozen=True, slots=True)
class Apart:
    """How many characters were taken out of lines, by kind."""

    readings: int = 0
    dots: int = 0
    notes: int = 0

    def __add__(self, other: Apart) -> Apart:
        return Apart(self.readings + other.readings, self.dots + other.dots, self.notes + other.notes)


def lines_of(
    marks: Sequence[Mark], gutter_of: Callable[[Sequence[Line]], float | None] = lambda _: None
) -> tuple[list[Line], Apart]:
    """The lines that ``marks``, in the file's order, make; and what was set apart. Lines come in no order, and
    none goes over the place that ``gutter_of`` finds between columns.
    """
    runs = []
    undotted = _without_dots(marks)
    for run in _runs(undotted):
        runs.append(_line(run))
    body, apart = _without_small(_with_lines_across(runs))
    return _within_columns(_joined(body, TOUCH), gutter_of), apart + Apart(dots=len(marks) - len(undotted))


def _within_columns(
    pieces: Sequence[Line], gutter_of: Callable[[Sequence[Line]], float | None], divisions: int = COLUMNS
) -> list[Line]:
    """The lines that ``pieces`` make, none over a gutter, nor over one between columns within columns."""
    gutter = gutter_of(pieces) if divisions else None
    if gutter is None:
        return _joined(pieces, GAP)
    *sides, across = _sides(pieces, gutter)
    inside = [line for side in sides for line in _within_columns(side, gutter_of, divisions - 1)]
    return [*inside, *_joined(across, GAP)]


def _sides(lines: Sequence[Line], gutter: float) -> list[list[Line]]:
    """Lines before the gutter, after it, and across it."""
    across = [line for line in lines if line.start < gutter - line.size and gutter + line.size < line.end]
    rest = [line for line in lines if not (line.start < gutter - line.size and gutter + line.size < line.end)]
    before = [line for line in rest if line.start + line.end < 2 * gutter]
    return [before, [line for line in rest if line.start + line.end >= 2 * gutter], across]


def _without_dots(marks: Sequence[Mark]) -> Sequence[Mark]:
    """Marks without emphasis dots (圏点) set as large as the text: they share their place along the line with a letter,
    which no comma of a sentence does.
    """
    dots = [mark for before, mark in pairwise(marks) if mark.text in _DOT and not _follows(before, mark)]
    if not dots:
        return marks
    letters: defaultdict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        if _JAPANESE_OR_MARK.match(mark.text) and mark.text not in _DOT:
            letters[int(mark.start // _CELL)].append(mark)
    above = {id(dot) for dot in dots if any(_stands_above(dot, letter) for letter in _around(dot, letters))}
    return [mark for mark in marks if id(mark) not in above]


def _around(dot: Mark, letters: defaultdict[int, list[Mark]]) -> Iterable[Mark]:
    reach = min(dot.size, _CELL * _CELL)
    for cell in range(int((dot.start - reach) // _CELL), int((dot.start + 2 * reach) // _CELL) + 1):
        yield from letters.get(cell, ())


def _stands_above(dot: Mark, letter: Mark) -> bool:
    apart = abs((dot.start + dot.end) - (letter.start + letter.end)) / 2
    across = (dot.near + dot.far) / 2
    return (
        apart < 0.42 * letter.size
        and letter.near - 0.45 * letter.size < across < (letter.near + letter.far) / 2 - 0.2 * letter.size
    )


def _runs(marks: Sequence[Mark]) -> Iterable[list[Mark]]:
    """Marks that follow each other in the file and along a line."""
    run: list[Mark] = []
    for mark in marks:
        if run and not _follows(run[-1], mark):
            yield run
            run = []
        run.append(mark)
    if run:
        yield run


def _follows(one: Mark, other: Mark) -> bool:
    size = max(one.size, other.size)
    smaller = min(one.size, other.size)
    same_line = min(one.far, other.far) - max(one.near, other.near) > 0.5 * min(
        one.far - one.near, other.far - other.near
    )
    return same_line and smaller > SMALL * size and -0.5 * size < other.start - one.end < GAP * size


def _with_lines_across(runs: Sequence[Line]) -> list[Line]:
    """Runs of one mark each that follow each other at a right angle to the writing as one line: running heads of a page
    set vertically, a stamp up the margin. Two side by side are a number set upright (縦中横), and read as one too.
    """
    found: list[Line] = []
    row: list[Line] = []
    for run in runs:
        if row and not _goes_across(row[-1], run):
            found += _line_across(row)
            row = []
        row.append(run)
    return found + _line_across(row)


def _goes_across(one: Line, other: Line) -> bool:
    if len(one.text) > 1 or len(other.text) > 1:
        return False
    size = max(one.size, other.size)
    level = abs((one.start + one.end) - (other.start + other.end)) < 0.5 * size
    return level and -0.2 * size < one.near - other.far < size


def _line_across(row: Sequence[Line]) -> list[Line]:
    numbers = len(row) > 1 and all(_DIGIT.match(line.text) for line in row)
    if len(row) < _LEAST_ACROSS and not numbers:
        return list(row)
    text = "".join(line.text for line in row)
    start, end = min(line.start for line in row), max(line.end for line in row)
    return [Line(text, start, end, min(line.near for line in row), max(line.far for line in row), row[0].size)]


def _line(marks: Sequence[Mark]) -> Line:
    pieces = [marks[0].text]
    for one, other in pairwise(marks):
        if _has_space(one, other):
            pieces.append(" ")
        pieces.append(other.text)
    sizes = sorted(mark.size for mark in marks)
    return Line(
        "".join(pieces),
        min(mark.start for mark in marks),
        max(mark.end for mark in marks),
        min(mark.near for mark in marks),
        max(mark.far for mark in marks),
        sizes[len(sizes) // 2],
    )


def _has_space(one: Mark, other: Mark) -> bool:
    gap = other.start - one.end
    return gap > WORD_GAP * one.size and bool(_SPACED.match(one.text) and _SPACED.match(other.text))


def _without_small(lines: list[Line]) -> tuple[list[Line], Apart]:
    """Lines without readings, dots and note marks beside larger ones."""
    body: list[Line] = []
    apart = Apart()
    by_near = sorted(lines, key=lambda line: line.near)
    nears = [line.near for line in by_near]
    deepest = max((line.far - line.near for line in lines), default=0.0)
    largest = max((line.size for line in lines), default=0.0)
    for line in lines:
        middle = (line.near + line.far) / 2
        first, last = bisect_left(nears, middle - deepest), bisect_left(nears, middle + largest)
        close = by_near[first:last] if _SMALL_ONE.fullmatch(line.text) else ()
        kind = _kind_of_small(line, [other for other in close if _is_beside(line, other)])
        if kind is None:
            body.append(line)
        else:
            apart += replace(Apart(), **{kind: len(line.text)})
    return body, apart


def _is_beside(small: Line, base: Line) -> bool:
    """Whether ``small`` stands where the readings or notes of ``base`` stand."""
    if small is base or small.size > SMALL * base.size or not small.text.strip():
        return False
    along = small.start < base.end + base.size and small.end > base.start - base.size
    return along and base.near - 0.9 * base.size < (small.near + small.far) / 2 < base.far


def _kind_of_small(line: Line, bases: Sequence[Line]) -> str | None:
    for base in bases:
        before = (line.near + line.far) / 2 < base.near + 0.35 * (base.far - base.near)
        if before and _DOTS.fullmatch(line.text.replace(" ", "")):
            return "dots"
        outside = line.far < base.near + 0.45 * base.size
        if outside and _READING.fullmatch(line.text.replace(" ", "")):
            return "readings"
        raised = (line.near + line.far) / 2 < base.near + 0.6 * (base.far - base.near)
        follows_text = _JAPANESE_OR_MARK.search(base.text[-1:]) or line.start > base.end - base.size
        if raised and follows_text and _NOTE.fullmatch(line.text):
            return "notes"
    return None


def _joined(lines: Sequence[Line], gap: float) -> list[Line]:
    """Lines made of runs side by side, at most ``gap`` ems apart: what a file wrote in several strokes, and small type
    within a line. A run may be what stands between two that came before it.
    """
    found: list[list[Line]] = []
    for run in sorted(lines, key=lambda line: (line.near + line.far, line.start)):
        homes = [row for row in found[-_ROWS_BACK:] if _continues(row, run, gap)]
        joined = [line for row in homes for line in row]
        found = [row for row in found if not any(row is home for home in homes)]
        found.append(sorted([*joined, run], key=lambda line: (round(line.start, 1), line.near)))
    return [_one_line(row) for row in found]


def _continues(row: Sequence[Line], run: Line, gap: float) -> bool:
    near, far = min(line.near for line in row), max(line.far for line in row)
    overlap = min(far, run.far) - max(near, run.near)
    if overlap < 0.5 * min(far - near, run.far - run.near):
        return False
    return any(max(run.start - line.end, line.start - run.end) < gap * min(run.size, line.size) for line in row)


def _one_line(row: Sequence[Line]) -> Line:
    pieces = [row[0].text]
    for one, other in pairwise(row):
        spaced = _SPACED.match(one.text[-1:]) and _SPACED.match(other.text[:1])
        if spaced and other.start - one.end > WORD_GAP * one.size:
            pieces.append(" ")
        pieces.append(other.text)
    longest = max(row, key=lambda line: len(line.text))
    return Line(
        "".join(pieces),
        min(line.start for line in row),
        max(line.end for line in row),
        min(line.near for line in row),
        max(line.far for line in row),
        longest.size,
    )
