"""Quantiles of any number of values, exact, in the memory of some histograms: counted digit by digit, never sampled.

A value's 64 bits are brought into the order of numbers and read as four digits of 16 bits. Each pass over the values
counts the next digit of those that begin like one of the numbers looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from .buckets import Floats

DIGITS = 4
BITS = 16

Keys = npt.NDArray[np.uint64]

Values = Callable[[], Iterable[Floats]]
"""Gives all values anew, in arrays of any size and order."""


def exact_quantiles(values: Values, shares: Sequence[Fraction]) -> tuple[float, ...]:
    """For each of ``shares``, in (0, 1), the value with floor(share × n) of the n values before it in ascending order.

    So at most that share lies below it, and equal values are never parted. NaN counts as no value. Where there is none
    at all, each quantile is 0. Reads all values four times.
    """
    first = _count(values, 0, {0})[0]
    total = int(first.sum())
    if not total:
        return (0.0,) * len(shares)
    sought = [(0, total * share.numerator // share.denominator) for share in shares]
    for digit in range(DIGITS):
        counts = {0: first} if digit == 0 else _count(values, digit, {prefix for prefix, _ in sought})
        sought = [_next_digit(prefix, rank, counts[prefix]) for prefix, rank in sought]
    found = np.array([prefix for prefix, _ in sought], dtype=np.uint64)
    return tuple(_values_of(found).tolist())


def _count(values: Values, digit: int, prefixes: set[int]) -> Mapping[int, npt.NDArray[np.int64]]:
    """How often each value of the ``digit``-th digit follows each of ``prefixes``."""
    counts = {prefix: np.zeros(1 << BITS, dtype=np.int64) for prefix in prefixes}
    shift = BITS * (DIGITS - 1 - digit)
    for some in values():
        keys = _keys_of(some[~np.isnan(some)]) >> np.uint64(shift)
        above = keys >> np.uint64(BITS)
        for prefix, total in counts.items():
            here = keys[above == np.uint64(prefix)] & np.uint64((1 << BITS) - 1)
            total += np.bincount(here.astype(np.int64), minlength=1 << BITS)
    return counts


def _next_digit(prefix: int, rank: int, counts: npt.NDArray[np.int64]) -> tuple[int, int]:
    """The prefix with the digit in which the value of that ``rank`` lies, and its rank among those."""
    upto = np.cumsum(counts)
    digit = int(np.searchsorted(upto, rank, side="right"))
    return prefix << BITS | digit, rank - (int(upto[digit - 1]) if digit else 0)


_SIGN = np.uint64(1 << 63)


def _keys_of(values: Floats) -> Keys:
    """64 bits in the order of numbers: of negative ones all bits turned round, of others the sign."""
    bits = (values + 0.0).view(np.uint64)  # -0.0 + 0.0 is 0.0: one zero, one key
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


def _values_of(keys: Keys) -> Floats:
    return np.where(keys & _SIGN, keys & ~_SIGN, ~keys).view(np.float64)
