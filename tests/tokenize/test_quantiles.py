"""Exact quantiles against sorting everything."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tesuki.tokenize.quantiles import exact_quantiles

SHARES = st.lists(st.fractions("1/100", "99/100", max_denominator=100), min_size=1, max_size=5)
VALUES = st.lists(
    st.sampled_from([-1.5, -0.0, 0.0, 0.25, 1e-6, 2e-6, 3.0]) | st.floats(allow_nan=False, allow_infinity=False),
    min_size=1,
    max_size=60,
)


@given(VALUES, SHARES, st.integers(9, 70), st.integers(0, 3))
def test_they_are_the_values_at_their_rank_in_any_order_and_pieces(
    values: list[float], shares: list[Fraction], size: int, unscored: int
) -> None:
    array = np.array([*values, *[np.nan] * unscored])[::-1]

    def pieces() -> Iterator[np.ndarray]:
        for start in range(0, len(array), size):
            yield array[start : start + size]

    found = exact_quantiles(pieces, shares)
    ordered = sorted(values)
    assert list(found) == [ordered[len(values) * share.numerator // share.denominator] for share in shares]
    for quantile, share in zip(found, shares, strict=True):
        assert sum(value < quantile for value in values) <= share * len(values)


def test_of_no_values_each_is_zero() -> None:
    assert exact_quantiles(lambda: [np.array([np.nan]), np.array([])], [Fraction(1, 2)] * 2) == (0.0, 0.0)
