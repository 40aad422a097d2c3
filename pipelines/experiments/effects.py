"""What the runs of a design say of its factors: effects, their tests, and what could not have been seen.

Main effects of a two-level design by least squares. With ``n`` runs and columns of ±1 that are orthogonal, the effect
of a factor is mean(on) - mean(off) and its sum of squares n·difference²/4 (Box, Hunter and Hunter, chapter 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tesuki.pipelines.experiments.factorial import Design

Floats = npt.NDArray[np.float64]

ALPHA = 0.05
"""Below this p an effect is called significant, by convention (Fisher)."""

POWER = 0.8
"""The power for which the smallest visible effect is given (Cohen, "Statistical Power Analysis", 1988)."""

ROUNDING = 1e-12
"""A sum of squares below this share of the scores' own squares is rounding, not spread."""


@dataclass(frozen=True, slots=True)
class Test:
    """An F test with ``degrees`` of freedom of error. None stands for undefined: no spread that could be compared with.

    ``cohens_f`` is the root of the effect's sum of squares over that of the error.
    """

    degrees: int
    f: float | None
    p: float | None
    cohens_f: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What switching one factor on did.

    ``difference`` is mean(on) - mean(off) in the scores' own unit. ``together`` tests it against what all factors
    leave unexplained, ``alone`` against what it alone leaves. ``holm`` is the p of ``together`` after Holm's correction
    for as many tests as there are factors (Scandinavian Journal of Statistics 6, 1979).
    """

    factor: str
    difference: float
    sum_of_squares: float
    together: Test
    alone: Test
    holm: float | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """The answer of one set of scores, one a run.

    ``smallest_visible`` is the effect, in the scores' unit, that this design would have called significant with a
    probability of `POWER`, given the spread found; ``smallest_in_deviations`` the same in standard deviations of a run.
    ``false_alarms`` is how likely some factor is called significant where none does anything. ``contrasts`` are all
    orthogonal contrasts, by their shortest word, for the half-normal plot.
    """

    mean: float
    total: float
    error: float
    error_degrees: int
    effects: tuple[Effect, ...]
    fitted: tuple[float, ...]
    residuals: tuple[float, ...]
    contrasts: tuple[tuple[str, float], ...]
    smallest_visible: float | None
    smallest_in_deviations: float | None
    false_alarms: float | None


def analyse(design: Design, scores: Sequence[float]) -> Analysis:
    """The effects of ``design`` on ``scores``, one finite number a run in standard order.

    Raises ValueError for another number of scores, or one that is not finite.
    """
    signs, found = design.signs.astype(np.float64), np.asarray(scores, dtype=np.float64)
    runs, factors = signs.shape
    if found.shape != (runs,):
        raise ValueError(f"found {len(found)} scores, expected {runs}: one for each run")
    if not np.isfinite(found).all():
        raise ValueError(f"run {int(np.flatnonzero(~np.isfinite(found))[0]) + 1}: found a score that is no number")
    mean = float(found.mean())
    centred = found - mean
    differences = signs.T @ centred * 2 / runs
    squares = runs * differences**2 / 4
    fitted = mean + signs @ (differences / 2)
    residuals = found - fitted
    noise = ROUNDING * float(found @ found)
    total, error, degrees = float(centred @ centred), float(residuals @ residuals), runs - 1 - factors
    together = [_test(float(each), error, degrees, noise) for each in squares]
    holm = holm_corrected([test.p for test in together])
    effects = tuple(
        Effect(
            factor=factor,
            difference=float(differences[number]),
            sum_of_squares=float(squares[number]),
            together=together[number],
            alone=_test(float(squares[number]), total - float(squares[number]), runs - 2, noise),
            holm=holm[number],
            aliases=tuple(design.letters(word) for word in design.aliases(frozenset((number,)))),
        )
        for number, factor in enumerate(design.factors)
    )
    in_deviations = smallest_effect(runs, degrees)
    deviation = (error / degrees) ** 0.5 if degrees and error > noise else None
    return Analysis(
        mean=mean,
        total=total,
        error=error,
        error_degrees=degrees,
        effects=effects,
        fitted=tuple(map(float, fitted)),
        residuals=tuple(map(float, residuals)),
        contrasts=tuple(
            (design.letters(word), float(column.astype(np.float64) @ centred * 2 / runs))
            for word, column in design.contrasts()
        ),
        smallest_visible=in_deviations * deviation if in_deviations and deviation else None,
        smallest_in_deviations=in_deviations,
        false_alarms=false_alarms(factors, degrees),
    )


def holm_corrected(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down correction of the p values that are defined, in their order."""
    defined = sorted((p, number) for number, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, number) in enumerate(defined):
        highest = max(highest, min(1.0, (len(defined) - rank) * p))
        corrected[number] = highest
    return corrected


def smallest_effect(runs: int, degrees: int) -> float | None:
    """The effect, in standard deviations of a run, that an F test at `ALPHA` finds with probability `POWER`.

    From the noncentral F distribution with noncentrality runs·effect²/4. None without degrees of freedom for error.
    """
    from scipy import optimize, stats

    if degrees < 1:
        return None
    critical = stats.f.isf(ALPHA, 1, degrees)

    def missing(effect: float) -> float:
        return float(stats.ncf.sf(critical, 1, degrees, runs * effect**2 / 4)) - POWER

    return float(optimize.brentq(missing, 1e-6, 1e3))


def false_alarms(tests: int, degrees: int) -> float | None:
    """The probability that some of ``tests`` effects is significant at `ALPHA` though none does anything.

    The tests share one estimate of error: given it they are independent, so the probability is an integral over it.
    """
    from scipy import integrate, stats

    if degrees < 1:
        return None
    critical = stats.f.isf(ALPHA, 1, degrees)

    def some(spread: float) -> float:
        none = stats.chi2.cdf(critical * spread / degrees, 1) ** tests
        return float((1 - none) * stats.chi2.pdf(spread, degrees))

    return float(integrate.quad(some, 0, np.inf)[0])


def _test(squares: float, error: float, degrees: int, noise: float) -> Test:
    from scipy import stats

    if degrees < 1 or error <= noise:
        return Test(degrees, None, None, None)
    f = squares / (error / degrees)
    return Test(degrees, f, float(stats.f.sf(f, 1, degrees)), (squares / error) ** 0.5)
