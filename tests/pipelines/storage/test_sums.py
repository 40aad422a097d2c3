"""Sums by name are those of a dictionary, however few names are held and however many runs there come to be."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.storage.sums import Sums

PAIRS = st.lists(st.tuples(st.text(max_size=2), st.integers(0, 9), st.integers(0, 9)), max_size=60)


@given(PAIRS, st.integers(1, 5), st.integers(2, 4))
def test_the_sums_are_those_of_a_dictionary_in_order(pairs: list[tuple[str, int, int]], held: int, runs: int) -> None:
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    with Sums(held, runs) as sums:
        for name, one, two in pairs:
            sums.add(name, one, two)
            first[name] += one
            second[name] += two
        assert list(sums) == [(name, first[name], second[name]) for name in sorted(first)]


@pytest.mark.parametrize("times", [1, 4, 16])
def test_no_more_names_are_held_than_asked_for(times: int) -> None:
    most = 0
    with Sums(held=50, runs=4) as sums:
        for number in range(200 * times):
            sums.add(f"host-{number}.example", 1, number)
            most = max(most, len(sums._sums))
        assert sum(1 for _ in sums) == 200 * times
    assert most < 50
