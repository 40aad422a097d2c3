"""The order in which the lines of a page are read: columns one after the other, what spans them in between."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from tesuki.pipelines.extraction.pdf.joining import join
from tesuki.pipelines.extraction.pdf.lines import COLUMNS, Line

CELL = "\t"
"""Between the cells of a row."""

GUTTER = 0.8
"""In ems: the least room between two columns."""

SPANNING = 0.25
"""Largest share of lines that may lie across a gutter: titles, figures, footers."""

HANGS = 0.6
"""In ems: a line that reaches no further over a gutter only hangs over it, as a full stop may."""

LEAST_LINES = 4
"""Lines that a column has at least; less is a table or a caption."""

CLOSE = 1.0
"""In ems: room between a line of a cell and the next at most; rows of a table stand further apart."""

_TRIED = 4
"""Places for a gutter that are looked at closely, the clearest first."""

_TOUCH = 0.01
"""Points that are no distance: rounding."""


def in_reading_order(lines: Sequence[Line], divisions: int = COLUMNS) -> list[list[Line]]:
    """``lines`` as the columns they are read in, each column's lines from first to last."""
    cut = gutter_of(lines) if divisions else None
    if cut is None:
        return [rows_of(lines)] if lines else []
    columns: list[list[Line]] = []
    band: list[Line] = []
    for line in sorted(lines, key=lambda line: (line.near, line.start)):
        if line.start < cut - HANGS * line.size and cut + HANGS * line.size < line.end:
            columns += _columns(band, cut, divisions)
            columns.append([line])
            band = []
        else:
            band.append(line)
    return _merged([*columns, *_columns(band, cut, divisions)])


def rows_of(lines: Sequence[Line]) -> list[Line]:
    """``lines`` from first to last; those side by side, cells of a table, as one line with tabs in between."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.near + line.far, line.start)):
        if rows and _beside(rows[-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    tabular: list[list[Line]] = []
    for row in rows:
        cells = sorted(row, key=lambda line: line.start)
        if tabular and _continues_cells(tabular[-1], cells):
            tabular[-1] = _with_cells_continued(tabular[-1], cells)
        else:
            tabular.append(cells)
    return [_row(cells) for cells in tabular]


def _continues_cells(row: Sequence[Line], below: Sequence[Line]) -> bool:
    """Whether the cells ``below`` are further lines of cells of ``row``: each begins where one of them does, none where
    the first does, they stand as close as lines do, and the line above is full.
    """
    if len(row) < 2 or len(below) >= len(row):
        return False
    size = max(cell.size for cell in below)
    close = below[0].near - max(cell.far for cell in row) < CLOSE * size
    return close and all(any(_is_below(cell, other) for other in row[1:]) for cell in below)


def _is_below(cell: Line, other: Line) -> bool:
    level = abs(cell.start - other.start) < 0.5 * cell.size and abs(cell.size - other.size) < 0.1 * cell.size
    return level and cell.end < other.end + cell.size


def _with_cells_continued(row: Sequence[Line], below: Sequence[Line]) -> list[Line]:
    cells = list(row)
    for line in below:
        at = min(range(1, len(cells)), key=lambda place: abs(cells[place].start - line.start))
        cell = cells[at]
        cells[at] = replace(
            cell, text=join(cell.text, line.text), end=max(cell.end, line.end), far=max(cell.far, line.far)
        )
    return cells


def _beside(row: Sequence[Line], line: Line) -> bool:
    overlap = min(row[0].far, line.far) - max(row[0].near, line.near)
    apart = all(line.start >= other.end or line.end <= other.start for other in row)
    return apart and overlap > 0.5 * min(row[0].far - row[0].near, line.far - line.near)


def _row(cells: Sequence[Line]) -> Line:
    if len(cells) == 1:
        return cells[0]
    return Line(
        CELL.join(cell.text for cell in cells),
        cells[0].start,
        cells[-1].end,
        min(cell.near for cell in cells),
        max(cell.far for cell in cells),
        max(cell.size for cell in cells),
    )


def gutter_of(lines: Sequence[Line]) -> float | None:
    """Where along the line a page divides into columns, None where it does not."""
    if len(lines) < 2 * LEAST_LINES:
        return None
    room = GUTTER * sorted(line.size for line in lines)[len(lines) // 2]
    starts, ends = sorted(line.start for line in lines), sorted(line.end for line in lines)
    first, last = starts[0], ends[-1]
    margin = 0.2 * (last - first)
    candidates = []
    for end in sorted(set(ends[bisect_right(ends, first + margin) : bisect_left(ends, last - margin)])):
        before, after = bisect_right(ends, end + _TOUCH), len(lines) - bisect_left(starts, end + room)
        across = len(lines) - before - after
        if min(before, after) >= LEAST_LINES and across <= SPANNING * len(lines):
            candidates.append((across, abs(end + room / 2 - (first + last) / 2), end))
    for _, _, end in sorted(candidates)[:_TRIED]:
        before_it = [line for line in lines if line.end <= end + _TOUCH]
        after_it = [line for line in lines if line.start >= end + room]
        if _side_by_side(before_it, after_it):
            return end + room / 2
    return None


def _side_by_side(before: Sequence[Line], after: Sequence[Line]) -> bool:
    """Whether both sides run beside each other, and each is mostly as wide as its column or made of columns itself: a
    table's cells are not.
    """
    latest_first = max(min(line.near for line in side) for side in (before, after))
    earliest_last = min(max(line.near for line in side) for side in (before, after))
    return latest_first < earliest_last and all(
        _is_wide(side) or gutter_of(side) is not None for side in (before, after)
    )


def _is_wide(side: Sequence[Line]) -> bool:
    width = max(line.end for line in side) - min(line.start for line in side)
    return sum(line.end - line.start > 0.6 * width for line in side) >= 0.4 * len(side)


def _columns(band: Sequence[Line], cut: float, divisions: int) -> list[list[Line]]:
    sides = [
        [line for line in band if line.start + line.end < 2 * cut],
        [line for line in band if line.start + line.end >= 2 * cut],
    ]
    return [column for side in sides for column in in_reading_order(side, divisions - 1)]


def _merged(columns: list[list[Line]]) -> list[list[Line]]:
    """Single lines that follow each other as one column: a title of two lines is one paragraph's business."""
    found: list[list[Line]] = []
    for column in columns:
        if found and len(found[-1]) == 1 and len(column) == 1 and found[-1][0].near <= column[0].near:
            found[-1] = [*found[-1], *column]
        else:
            found.append(column)
    return found
