"""The order in which the lines of a page are read: columns one after the other, what spans them in between."""

from __future__ import annotations

from collections.abc import Sequence

from tesuki.pipelines.extraction.pdf.lines import Line

CELL = "\t"
"""Between the cells of a row."""

GUTTER = 0.8
"""In ems: the least room between two columns."""

SPANNING = 0.25
"""Largest share of lines that may lie across a gutter: titles, figures, footers."""

LEAST_LINES = 4
"""Lines that a column has at least; less is a table or a caption."""


def in_reading_order(lines: Sequence[Line]) -> list[list[Line]]:
    """``lines`` as the columns they are read in, each column's lines from first to last."""
    cut = gutter_of(lines)
    if cut is None:
        return [rows_of(lines)] if lines else []
    columns: list[list[Line]] = []
    band: list[Line] = []
    for line in sorted(lines, key=lambda line: (line.near, line.start)):
        if line.start < cut < line.end:
            columns += _columns(band, cut)
            columns.append([line])
            band = []
        else:
            band.append(line)
    return _merged([*columns, *_columns(band, cut)])


def rows_of(lines: Sequence[Line]) -> list[Line]:
    """``lines`` from first to last; those side by side, cells of a table, as one line with tabs in between."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.near + line.far, line.start)):
        if rows and _beside(rows[-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_row(sorted(row, key=lambda line: line.start)) for row in rows]


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
    size = sorted(line.size for line in lines)[len(lines) // 2]
    first, last = min(line.start for line in lines), max(line.end for line in lines)
    best: tuple[int, float, float] | None = None
    ends = sorted({line.end for line in lines if first + 0.2 * (last - first) < line.end < last - 0.2 * (last - first)})
    for end in ends:
        cut = end + GUTTER * size / 2
        across = [line for line in lines if line.start < cut + GUTTER * size / 2 and line.end > end + 0.01]
        across = [line for line in across if line.start < cut]
        before = [line for line in lines if line.end <= end + 0.01]
        after = [line for line in lines if line.start >= cut]
        if min(len(before), len(after)) < LEAST_LINES or len(across) > SPANNING * len(lines):
            continue
        if not _side_by_side(before, after):
            continue
        score = (len(across), abs(cut - (first + last) / 2), cut)
        if best is None or score < best:
            best = score
    return best[2] if best else None


def _side_by_side(before: Sequence[Line], after: Sequence[Line]) -> bool:
    """Whether both sides run beside each other, and are mostly as wide as their columns: a table's cells are not."""
    if max(min(line.near for line in side) for side in (before, after)) >= min(
        max(line.near for line in side) for side in (before, after)
    ):
        return False
    for side in (before, after):
        width = max(line.end for line in side) - min(line.start for line in side)
        wide = [line for line in side if line.end - line.start > 0.6 * width]
        if len(wide) < 0.4 * len(side):
            return False
    return True


def _columns(band: Sequence[Line], cut: float) -> list[list[Line]]:
    sides = [[line for line in band if line.end <= cut], [line for line in band if line.end > cut]]
    return [column for side in sides for column in in_reading_order(side)]


def _merged(columns: list[list[Line]]) -> list[list[Line]]:
    """Single lines that follow each other as one column: a title of two lines is one paragraph's business."""
    found: list[list[Line]] = []
    for column in columns:
        if found and len(found[-1]) == 1 and len(column) == 1 and found[-1][0].near <= column[0].near:
            found[-1] = [*found[-1], *column]
        else:
            found.append(column)
    return found
