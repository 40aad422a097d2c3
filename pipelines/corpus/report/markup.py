"""Pieces of the report's page: texts in two languages, rows of tables, bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


def both(english: str, japanese: str) -> str:
    """A text in both languages, of which the page shows the one chosen."""
    return f'<span lang="en">{escape(english)}</span><span lang="ja">{escape(japanese)}</span>'


@dataclass(frozen=True, slots=True)
class Bar:
    """A cell with a bar: its length as a share of the cell, and its segments by class."""

    share: float
    segments: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Markup:
    """A cell that is markup of our own; one of numbers stands to the right."""

    html: str
    is_number: bool = False


def bar(segments: Sequence[tuple[str, int]]) -> str:
    """The segments of a bar, (class, count) each, as wide as their share of all."""
    total = sum(count for _, count in segments) or 1
    return "".join(
        f'<i class="{name}" style="flex:{count / total:.6f}" title="{name} {count:,}"></i>'
        for name, count in segments
        if count
    )


def rows(given: Iterable[Sequence[object]]) -> str:
    """The rows of a table: whole numbers to the right, `Markup` as it is, all else as text."""
    return "\n".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in given)


def _cell(value: object) -> str:
    if isinstance(value, Markup):
        return f'<td class="n">{value.html}</td>' if value.is_number else f"<td>{value.html}</td>"
    if isinstance(value, Bar):
        inner = f'<div class="bar thin" style="width:{100 * value.share:.2f}%">{bar(value.segments)}</div>'
        return f'<td class="b">{inner}</td>'
    return f'<td class="n">{value:,}</td>' if isinstance(value, int) else f"<td>{escape(str(value))}</td>"
