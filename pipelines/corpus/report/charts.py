"""Small pictures for the report: a histogram with its bound, as SVG without a script."""

from __future__ import annotations

from html import escape

from tesuki.pipelines.corpus.report.figures import BINS, Histogram

WIDTH, HEIGHT, FOOT = 320, 96, 16
"""Of a histogram, in its own units."""


def histogram(drawn: Histogram) -> str:
    """Bars of kept and rejected pages over one another, the bound as a line; the bars' heights as their square roots,
    so that the few beside the bound are seen beside the many.
    """
    step = WIDTH / BINS
    most = max(1, int((drawn.kept + drawn.rejected).max()))
    scale = (HEIGHT - FOOT) / most**0.5
    bars = []
    for place, (kept, rejected) in enumerate(zip(drawn.kept.tolist(), drawn.rejected.tolist(), strict=True)):
        if not kept + rejected:
            continue
        height = (kept + rejected) ** 0.5 * scale
        good = height * kept / (kept + rejected)
        low = drawn.low + (drawn.high - drawn.low) * place / (BINS - 1)
        title = f"{low:.3g}{'' if place < BINS - 1 else ' and more'}: {kept:,} kept, {rejected:,} rejected"
        bars.append(
            f"<g><title>{escape(title)}</title>"
            + _bar("kept", place * step, HEIGHT - FOOT - good, step, good)
            + _bar("rejected", place * step, HEIGHT - FOOT - height, step, height - good)
            + "</g>"
        )
    bound = (drawn.rule.threshold - drawn.low) / (drawn.high - drawn.low) * (BINS - 1) * step
    line = f'<path class="bound" d="M{bound:.1f} 0V{HEIGHT - FOOT}"/>'
    ends = (
        f'<text x="0" y="{HEIGHT - 3}">{drawn.low:g}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 3}" text-anchor="end">{drawn.high:g} +</text>'
        f'<text x="{min(max(bound, 24), WIDTH - 40):.1f}" y="{HEIGHT - 3}" text-anchor="middle">'
        f"{escape(drawn.rule.comparison)} {drawn.rule.threshold:g}</text>"
    )
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(bars)}{line}{ends}</svg>'


def _bar(name: str, x: float, y: float, width: float, height: float) -> str:
    if height <= 0:
        return ""
    return f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width - 1:.1f}" height="{max(height, 0.8):.1f}"/>'
