"""What a choice of b and r finds and what it lets through, as a table to read."""

from __future__ import annotations

from .presets import DedupParameters

SHOWN = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99)
"""Jaccard similarities of the table's lines."""

BYTES_PER_CLAIM = 24
"""A key, a priority and a document number of 8 bytes each."""


def half_point(parameters: DedupParameters) -> float:
    """The similarity at which every second pair is found: (1 - 2^(-1/r))^(1/b)."""
    return float((1.0 - 0.5 ** (1.0 / parameters.r)) ** (1.0 / parameters.b))


def explanation(parameters: DedupParameters) -> str:
    """The detection curve 1 - (1 - s^b)^r as lines of text, and what a document costs."""
    lines = [
        f"MinHash LSH on character {parameters.n}-grams of the comparison form, seed {parameters.seed}",
        f"{parameters.r} buckets (r) of {parameters.b} hash values (b): {parameters.permutations} values a document",
        "",
        "Jaccard s   found   1 - (1 - s^b)^r",
    ]
    for similarity in SHOWN:
        chance = parameters.detection_probability(similarity)
        lines.append(f"     {similarity:.2f}  {_percent(chance):>6}   {'#' * round(40 * chance)}".rstrip())
    lines += [
        "",
        f"Every second pair is found at s = {half_point(parameters):.4f}.",
        f"Texts shorter than {parameters.n} characters are compared whole, never by buckets.",
        f"A document costs {BYTES_PER_CLAIM * parameters.r + 32} bytes of claims in the comparison.",
    ]
    return "\n".join(lines) + "\n"


def _percent(chance: float) -> str:
    return f"{100 * chance:.2f}%"
