"""Take-downs: which rows of a corpus a list asks to be removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .page_lists import PageList, listed, text_hash


@dataclass(frozen=True, slots=True)
class Takedown:
    """A row that must go: its number, and the ``entry`` of the list, as written, that names it."""

    row: int
    entry: str


def takedowns(pages: PageList, rows: Iterable[tuple[str, str]]) -> tuple[Takedown, ...]:
    """The rows, given as (URL, text) in order, that ``pages`` names by URL, host or text hash; numbers ascend.

    Raises ValueError for a list that is not a take-down list: nobody's deny list should rewrite a corpus.
    """
    if pages.kind != "takedown":
        raise ValueError(f"found a list of kind {pages.kind!r}, expected a take-down list")
    found = (
        (number, listed(pages, url, (text_hash(text),) if pages.texts else ()))
        for number, (url, text) in enumerate(rows)
    )
    return tuple(Takedown(number, entry) for number, entry in found if entry)
