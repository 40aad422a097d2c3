"""Two pictures of an analysis as SVG: which contrasts stand out, and what the effects leave unexplained."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, MARGIN = 460, 300, 44
"""Of a picture, in its own units."""


def half_normal_plot(contrasts: Sequence[tuple[str, float]]) -> str:
    """Sizes of contrasts against half-normal quantiles (Daniel, Technometrics 1, 1959): noise lies on a line."""
    from scipy import stats

    ranked = sorted(contrasts, key=lambda contrast: abs(contrast[1]))
    count = len(ranked)
    points = [
        (abs(size), float(stats.norm.ppf(0.5 + 0.5 * (rank + 0.5) / count)), name)
        for rank, (name, size) in enumerate(ranked)
    ]
    return _scatter(points, "size of contrast", "half-normal quantile")


def residual_plot(fitted: Sequence[float], residuals: Sequence[float], runs: Sequence[str]) -> str:
    """What is left of each run's score against what the effects make of it."""
    return _scatter(list(zip(fitted, residuals, runs, strict=True)), "fitted", "residual")


def _scatter(points: Sequence[tuple[float, float, str]], across: str, up: str) -> str:
    horizontal, vertical = [x for x, _, _ in points], [y for _, y, _ in points]
    dots = "".join(
        f'<circle cx="{_place(x, horizontal, MARGIN, WIDTH - 60)}" '
        f'cy="{_place(y, vertical, HEIGHT - MARGIN, 34)}" r="4"/>'
        f'<text x="{_place(x, horizontal, MARGIN, WIDTH - 60) + 8}" '
        f'y="{_place(y, vertical, HEIGHT - MARGIN, 34) + 4}">{escape(name)}</text>'
        for x, y, name in points
    )
    axes = (
        f'<path d="M{MARGIN - 12} 8V{HEIGHT - MARGIN + 12}H{WIDTH}" fill="none" stroke="currentColor"/>'
        f'<text x="{WIDTH // 2}" y="{HEIGHT - 8}">{across} ({min(horizontal):.3g} to {max(horizontal):.3g})</text>'
        f'<text x="{MARGIN}" y="{8}" dy="6">{up} ({min(vertical):.3g} to {max(vertical):.3g})</text>'
    )
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" fill="currentColor">{axes}{dots}</svg>'


def _place(value: float, values: Sequence[float], start: float, stop: float) -> float:
    low, high = min(values), max(values)
    return round(start + (stop - start) * ((value - low) / (high - low) if high > low else 0.5), 1)
