"""A range of an input: the bytes whose records one part is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """The records of one archive file whose first byte lies in ``[start, end)``.

    ``archive`` is the file's name without its folder: what pages and the ledger say; ``path`` is where it lies here.
    """

    subset: str
    path: str
    archive: str
    start: int
    end: int
