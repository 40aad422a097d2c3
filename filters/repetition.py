"""Lines and sentences that say again what an earlier one said, as Gopher counts them."""

from __future__ import annotations

from collections.abc import Sequence


def repeats(items: Sequence[str]) -> tuple[int, int]:
    """How many items say what an earlier one said, and how many characters they hold (Rae et al. 2021, A.1.1)."""
    different = set(items)
    return len(items) - len(different), sum(map(len, items)) - sum(map(len, different))


def share(part: float, whole: float) -> float:
    """``part / whole``, and 0 of an empty whole."""
    return part / whole if whole else 0.0
