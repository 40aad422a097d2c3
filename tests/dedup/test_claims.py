"""Buckets, edges and chains, against the same said with dictionaries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.dedup.chains import follow
from tesuki.dedup.claims import (
    EXACT_BAND,
    bucket_firsts,
    carry_to_bucket_firsts,
    lowest_band,
    make_claims,
    make_edges,
    shared,
    undecided,
)

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 3), st.integers(0, 2)), max_size=40)
"""Two words of key, priority, name."""


def u64(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


def keys_of(rows: list[tuple[int, ...]]) -> np.ndarray:
    return u64([word for row in rows for word in row[:2]]).reshape(-1, 2)


@given(ROWS)
@settings(max_examples=100)
def test_the_first_of_each_bucket(rows: list[tuple[int, ...]]) -> None:
    expected = [min((other[2:], place) for place, other in enumerate(rows) if other[:2] == row[:2])[1] for row in rows]
    found = bucket_firsts(keys_of(rows), u64([row[2] for row in rows]), u64([row[3] for row in rows]))
    assert found.tolist() == expected


@given(ROWS)
@settings(max_examples=100)
def test_undecided_are_those_that_tie_for_first(rows: list[tuple[int, ...]]) -> None:
    expected = []
    for place, row in enumerate(rows):
        best = min(other[2] for other in rows if other[:2] == row[:2])
        ties = sum(other[2] == best for other in rows if other[:2] == row[:2])
        if row[2] == best and ties > 1:
            expected.append(place)
    assert undecided(keys_of(rows), u64([row[2] for row in rows])).tolist() == expected


@given(ROWS)
@settings(max_examples=60)
def test_shared_are_those_whose_first_word_another_has(rows: list[tuple[int, ...]]) -> None:
    words = [row[0] for row in rows]
    assert shared(keys_of(rows)).tolist() == [place for place, word in enumerate(words) if words.count(word) > 1]


def test_a_claim_takes_24_bytes_and_32_for_the_exact_match() -> None:
    assert make_claims(u64([1]).reshape(1, 1), u64([2]), u64([3])).nbytes == 24
    assert make_claims(u64([1, 1]).reshape(1, 2), u64([2]), u64([3])).nbytes == 32


def test_edges_are_carried_to_the_first_of_the_same_band_only() -> None:
    bands = np.array([EXACT_BAND, 0, 1, 0], dtype=np.int32)
    edges = make_edges(u64([5, 5, 5, 4]), u64([4, 4, 4, 1]), bands)
    assert carry_to_bucket_firsts(edges)["first"].tolist() == [4, 1, 4, 1]
    assert len(carry_to_bucket_firsts(edges[:0])) == 0


def test_the_exact_match_goes_before_all_bands() -> None:
    edges = make_edges(u64([9, 9, 8]), u64([1, 2, 3]), np.array([0, EXACT_BAND, 7], dtype=np.int32))
    assert lowest_band(edges).tolist() == [(8, 3, 7), (9, 2, EXACT_BAND)]


@given(st.permutations(range(30)), st.data())
@settings(max_examples=60)
def test_chains_are_followed_to_their_ends(names: list[int], data: st.DataObject) -> None:
    """A random forest: node i points at a smaller one or nowhere; names hide the order."""
    parents = [data.draw(st.integers(-1, node - 1)) if node else -1 for node in range(30)]

    def end(node: int) -> int:
        return node if parents[node] < 0 else end(parents[node])

    nodes = [node for node in range(30) if parents[node] >= 0]
    found = follow(u64([names[node] for node in nodes]), u64([names[parents[node]] for node in nodes]))
    assert found.tolist() == [names[end(node)] for node in nodes]


def test_a_chain_of_a_hundred_thousand() -> None:
    nodes = np.arange(1, 100_001, dtype=np.uint64)
    assert not follow(nodes, nodes - np.uint64(1)).any()


def test_a_circle_is_an_error() -> None:
    with pytest.raises(ValueError, match="3 of 4 pointers run in a circle"):
        follow(u64([1, 2, 3, 4]), u64([2, 3, 1, 9]))
