"""Repeat ratios: how many times a subset's tokens are seen in one pass over the mixture, exactly."""

from __future__ import annotations

import re
from fractions import Fraction

_DECIMAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")
_RATIO = re.compile(r"[0-9]{1,30}/[0-9]{1,30}")


def parse_repeats(written: str | int | float | Fraction) -> Fraction:
    """The exact ratio of ``2``, ``0.5`` or ``3/4``.

    A float (what YAML makes of ``0.1``) means the decimal it prints as, one tenth, not the binary fraction
    next to it. Raises ValueError for anything negative or not a number.
    """
    if isinstance(written, float):
        written = repr(written)
    text = str(written).strip()
    if _DECIMAL.fullmatch(text) or (_RATIO.fullmatch(text) and int(text.split("/")[1]) > 0):
        return Fraction(text)
    raise ValueError(f"repeats is {text[:60]!r}; expected a whole number, a decimal or a ratio: 2, 0.5, 3/4")


def format_repeats(repeats: Fraction) -> str:
    """``2`` for whole ratios, ``3/4`` for others: always exact, and read back by `parse_repeats`."""
    return str(repeats)
