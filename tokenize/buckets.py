"""Buckets: a subset cut by scores, each piece a row of the mixture with repeats of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

Bounds = dict[str, tuple[float | None, float | None]]
"""Of each score what a bucket holds: at least the first number and below the second; None for no bound."""

UNSCORED = "unscored"
"""The bucket of documents that lack one of the scores. No other can be called so: they end in a number."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A score and the ascending ``edges`` that cut its range: interval n begins at edge n - 1, and ends before edge n.

    A value that is an edge belongs to the interval above it. Two equal edges have an empty interval between them.
    """

    score: str
    edges: tuple[float, ...]

    @property
    def bounds(self) -> list[tuple[float | None, float | None]]:
        """Where each interval begins and ends."""
        return list(zip((None, *self.edges), (*self.edges, None), strict=True))


@dataclass(frozen=True, slots=True)
class Buckets:
    """The cells of a grid, one axis a score, and a last bucket, `UNSCORED`."""

    axes: tuple[Axis, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """``educational-1.copies-0``: of each score the number of its interval, the last score's running fastest."""
        cells = product(*(range(len(axis.edges) + 1) for axis in self.axes))
        named = (zip(self.axes, cell, strict=True) for cell in cells)
        return (*(".".join(f"{axis.score}-{number}" for axis, number in cell) for cell in named), UNSCORED)

    @property
    def bounds(self) -> tuple[Bounds, ...]:
        """What each bucket holds, in the order of `names`; that of the unscored has no bounds at all."""
        scores = [axis.score for axis in self.axes]
        cells = product(*(axis.bounds for axis in self.axes))
        return (*(dict(zip(scores, cell, strict=True)) for cell in cells), {})

    def places(self, values: Mapping[str, Floats]) -> npt.NDArray[np.int64]:
        """The position in `names` of each document's bucket. ``values`` has a column for each score, NaN for none."""
        place = np.zeros(len(values[self.axes[0].score]), dtype=np.int64)
        scored = np.ones(len(place), dtype=np.bool_)
        for axis in self.axes:
            column = values[axis.score]
            place = place * (len(axis.edges) + 1) + np.searchsorted(np.array(axis.edges), column, side="right")
            scored &= ~np.isnan(column)
        return np.where(scored, place, len(self.names) - 1)


def row_name(subset: str, bucket: str) -> str:
    """How a bucket is called in the mixture. No subset has a dot in its name."""
    return f"{subset}.{bucket}"


def subset_of(row: str) -> str:
    """The subset that a row of the mixture is of: itself where it has no buckets."""
    return row.partition(".")[0]


def shown_bounds(holds: Bounds | None) -> str:
    """What a row of the mixture holds, in signs, by score: ``copies < 3 and 1 <= educational < 2``; ``-`` for all."""
    if holds is None:
        return "-"
    shown = []
    for score, (low, high) in sorted(holds.items()):
        if low is not None and high is not None:
            shown.append(f"{low:.12g} <= {score} < {high:.12g}")
        elif low is not None:
            shown.append(f"{score} >= {low:.12g}")
        elif high is not None:
            shown.append(f"{score} < {high:.12g}")
    return " and ".join(shown) or "no score"
