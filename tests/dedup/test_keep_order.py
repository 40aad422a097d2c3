"""Priorities: smaller is better, whatever decides."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.dedup.keep_order import KeepOrder, date_priorities, length_priorities, measure_priorities

DATES = ["2026-11-21T09:57:01Z", "2026-11-21T09:57:00Z", "2026-11-21", "20261120", "2026-11", "2025", "", None, "?"]
"""From the newest to what is no date."""


def test_newest_first() -> None:
    ranks = date_priorities(pa.array(DATES), newest_first=True)
    assert np.argsort(ranks, kind="stable").tolist() == list(range(len(DATES)))
    assert len(set(ranks[-3:].tolist())) == 1


def test_oldest_first_puts_what_has_no_date_first() -> None:
    ranks = date_priorities(pa.array(DATES), newest_first=False)
    assert np.argsort(ranks, kind="stable").tolist() == [6, 7, 8, 5, 4, 3, 2, 1, 0]


def test_a_date_read_in_full_by_hand() -> None:
    assert date_priorities(pa.array(["2026-11-21T09:57:00Z"]), newest_first=False).tolist() == [20261121095700]
    assert date_priorities(pa.array(["20261121095700"]), newest_first=False).tolist() == [20261121095700]


def test_dates_in_several_chunks() -> None:
    chunked = pa.chunked_array([["2024"], ["2025"]])
    assert np.diff(date_priorities(chunked, newest_first=False).astype(np.int64)) > 0


def test_longest_first() -> None:
    assert np.argsort(length_priorities([5, 0, 10**12])).tolist() == [2, 0, 1]


@given(st.lists(st.floats(), min_size=1, max_size=20))
def test_highest_measure_first_and_what_was_not_measured_last(values: list[float]) -> None:
    ranks = measure_priorities(values)
    for a, rank_a in zip(values, ranks.tolist(), strict=True):
        for b, rank_b in zip(values, ranks.tolist(), strict=True):
            if a > b or (a == a and b != b):
                assert rank_a < rank_b
            if a == b:
                assert rank_a == rank_b


@pytest.mark.parametrize("rule", ["", "newer", "measure:"])
def test_an_unknown_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=f"keep order: found '{rule}', expected one of newest, oldest, longest"):
        KeepOrder(rule)


def test_the_measure_that_decides() -> None:
    assert KeepOrder("measure:hiragana_share").measure == "hiragana_share"
    assert KeepOrder("longest").measure == ""
