"""How well scores tell two kinds of texts apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bound:
    """What keeping all texts that score at least ``score`` would keep: its precision, and its recall of the good."""

    score: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts whose scores lie in ``[low, high)``: how many, their mean score, and the share of positive ones."""

    low: float
    high: float
    texts: int
    mean_score: float
    positive: float


def area_under_curve(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The probability that a positive text scores above a negative one, ties counting half (Mann and Whitney's U).

    Raises ValueError where one kind is missing or a score is no number.
    """
    good, bad = np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)
    if len(good) == 0 or len(bad) == 0:
        raise ValueError("expected scores of both kinds")
    if not (np.isfinite(good).all() and np.isfinite(bad).all()):
        raise ValueError("found a score that is no number")
    ordered = np.sort(bad)
    below = np.searchsorted(ordered, good, side="left")
    equal = np.searchsorted(ordered, good, side="right") - below
    return float((below + equal / 2).sum() / (len(good) * len(bad)))


def bounds(positive: Sequence[float], negative: Sequence[float], steps: int = 10) -> list[Bound]:
    """Precision and recall at ``steps`` evenly spaced scores from 0 on; precision is 1 where nothing is kept."""
    good, bad = np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)
    rows = []
    for step in range(steps):
        score = step / steps
        kept, wrong = int((good >= score).sum()), int((bad >= score).sum())
        rows.append(
            Bound(score, kept / (kept + wrong) if kept + wrong else 1.0, kept / len(good) if len(good) else 0.0)
        )
    return rows


def calibration(positive: Sequence[float], negative: Sequence[float], bins: int = 10) -> list[Bin]:
    """Texts by score in ``bins`` of one width; a well calibrated score equals the share of positive texts."""
    scores = np.concatenate([np.asarray(positive, np.float64), np.asarray(negative, np.float64)])
    labels = np.concatenate([np.ones(len(positive)), np.zeros(len(negative))])
    places = np.minimum((scores * bins).astype(int), bins - 1)
    return [
        Bin(
            number / bins,
            (number + 1) / bins,
            int((places == number).sum()),
            float(scores[places == number].mean()) if (places == number).any() else 0.0,
            float(labels[places == number].mean()) if (places == number).any() else 0.0,
        )
        for number in range(bins)
    ]
