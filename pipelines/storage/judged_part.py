"""A part of a corpus: the range it is made of, the names of its tables, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tesuki.pipelines.journey.range import Range


@dataclass(frozen=True, slots=True)
class Part:
    """A range of an input and the names of what is made of it.

    ``pages`` names the part of stations 1-5, ``judged`` that of station 6; they differ because they depend on
    different sections of the recipe.
    """

    pages: str
    judged: str
    range: Range


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """Where the tables of one part lie, and the subset of its pages. ``scores`` are (name, table) of each model's."""

    part: str
    subset: str
    pages: Path
    fates: Path
    judged: Path
    drops: Path
    scores: tuple[tuple[str, Path], ...] = ()
