"""Shards × repeats = the mixture to the token, for any corpus, ratio and shard size."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.tokenize.document_order import document_order, order_hash, order_hashes
from tesuki.tokenize.passes import Passes, ShardPasses, declare_passes
from tesuki.tokenize.shard_plan import ShardRange, histogram, plan_shards

LENGTHS = st.lists(st.integers(1, 500), max_size=80)
RATIOS = st.one_of(
    st.fractions(min_value=0, max_value=9, max_denominator=12),
    st.fractions(min_value=0, max_value=3, max_denominator=10**12),
)
BINS = st.sampled_from([1, 4, 64, 2**16])


def corpus(lengths: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Order hashes and lengths of documents ``d0``, ``d1``, …, in document order."""
    ids = [f"d{number}" for number in range(len(lengths))]
    hashes = order_hashes(ids)
    order = document_order(hashes, ids)
    return hashes[order], np.array(lengths, dtype=np.int64)[order]


def planned(
    lengths: list[int], ratio: Fraction, shard_tokens: int, bins: int
) -> tuple[tuple[ShardRange, ...], list[np.ndarray], Passes]:
    """The plan of a corpus, the document lengths of each shard and the declared passes."""
    hashes, ordered = corpus(lengths)
    ranges = plan_shards(
        histogram(hashes, ordered, bins), histogram(hashes, np.ones_like(ordered), bins), ratio, shard_tokens
    )
    firsts = np.array([shard.first for shard in ranges], dtype=np.uint64)
    numbers = np.searchsorted(firsts, hashes, side="right") - 1
    shards = [ordered[numbers == number] for number in range(len(ranges))]
    passes = declare_passes([int(shard.sum()) for shard in shards], ratio, lambda number: shards[number])
    return ranges, shards, passes


def readings(shards: list[np.ndarray], passes: Passes) -> list[int]:
    """How often each document is read, in document order."""
    return [
        shard.times + (row < shard.extra_rows)
        for rows, shard in zip(shards, passes.shards, strict=True)
        for row in range(rows.size)
    ]


@given(lengths=LENGTHS, ratio=RATIOS, shard_tokens=st.integers(1, 5000), bins=BINS)
def test_shards_cover_the_order_and_hold_what_they_say(
    lengths: list[int], ratio: Fraction, shard_tokens: int, bins: int
) -> None:
    ranges, shards, _ = planned(lengths, ratio, shard_tokens, bins)
    if not lengths or ratio == 0:
        assert ranges == ()
        return
    assert ranges[0].first == 0
    assert ranges[-1].end == 2**64
    assert all(before.end == after.first for before, after in pairwise(ranges))
    assert [(shard.documents, shard.tokens) for shard in ranges] == [(rows.size, int(rows.sum())) for rows in shards]
    assert all(shard.documents > 0 for shard in ranges)


@given(lengths=LENGTHS, ratio=RATIOS, shard_tokens=st.integers(1, 5000), bins=BINS)
def test_one_pass_sees_the_ratio_to_the_token(
    lengths: list[int], ratio: Fraction, shard_tokens: int, bins: int
) -> None:
    _, shards, passes = planned(lengths, ratio, shard_tokens, bins)
    times = readings(shards, passes)
    ordered = np.concatenate(shards).tolist() if shards else []
    seen = sum(t * n for t, n in zip(times, ordered, strict=True))
    assert passes.training_tokens == seen
    assert passes.unique_tokens == sum(ordered)
    exact = passes.unique_tokens * ratio
    assert passes.short_by == exact.numerator // exact.denominator - seen
    # Every document is read floor(ratio) times or once more, the latter first, and no further one would fit.
    whole = ratio.numerator // ratio.denominator
    assert times == sorted(times, reverse=True)
    assert set(times) <= {whole, whole + 1}
    assert exact - seen >= 0
    if whole in times:
        assert exact - seen < ordered[times.index(whole)]
    assert sum(shard.extra_rows > 0 for shard in passes.shards) <= 1


@given(lengths=LENGTHS, ratio=RATIOS, shard_tokens=st.integers(1, 5000))
def test_passes_are_whole_shards_where_the_histogram_tells_documents_apart(
    lengths: list[int], ratio: Fraction, shard_tokens: int
) -> None:
    hashes, _ = corpus(lengths)
    if np.unique(hashes >> np.uint64(48)).size < len(lengths):
        return  # two documents in one of the 65,536 bins
    _, _, passes = planned(lengths, ratio, shard_tokens, 2**16)
    assert all(shard.extra_rows == 0 for shard in passes.shards)


@given(lengths=LENGTHS, one=RATIOS, other=RATIOS, shard_tokens=st.integers(1, 5000))
def test_a_smaller_ratio_reads_a_subset_of_a_larger(
    lengths: list[int], one: Fraction, other: Fraction, shard_tokens: int
) -> None:
    small, large = sorted((one, other))
    if small == 0:
        return
    few, many = (readings(*planned(lengths, ratio, shard_tokens, 64)[1:]) for ratio in (small, large))
    assert all(a <= b for a, b in zip(few, many, strict=True))


@given(lengths=st.lists(st.integers(1, 50), min_size=1, max_size=80), shard_tokens=st.integers(100, 2000))
def test_shards_are_even_and_no_larger_than_asked_but_for_one_bin(lengths: list[int], shard_tokens: int) -> None:
    hashes, ordered = corpus(lengths)
    tokens = histogram(hashes, ordered)
    ranges = plan_shards(tokens, histogram(hashes, np.ones_like(ordered)), Fraction(1), shard_tokens)
    assert max(shard.tokens for shard in ranges) <= shard_tokens + int(tokens.max())
    assert len(ranges) <= -(-sum(lengths) // shard_tokens)


def test_a_plan_small_enough_to_draw() -> None:
    # Four bins of 10, 10, 0 and 20 tokens; ratio 5/2: the half ends after 20 tokens, at the border of bin 2 or 3
    # (bin 2 is empty, the later border is taken); shards of 15 tokens halve each side where bins allow it.
    tokens, documents = np.array([10, 10, 0, 20]), np.array([1, 1, 0, 2])
    ranges = plan_shards(tokens, documents, Fraction(5, 2), 15)
    quarter = 2**62
    assert ranges == (
        ShardRange(0, quarter, 1, 10),
        ShardRange(quarter, 3 * quarter, 1, 10),
        ShardRange(3 * quarter, 4 * quarter, 2, 20),
    )
    passes = declare_passes([10, 10, 20], Fraction(5, 2), lambda _: np.array([]))
    assert passes == Passes((ShardPasses(3), ShardPasses(3), ShardPasses(2)), 40, 100, 0)


def test_a_split_inside_a_shard_is_declared() -> None:
    # One shard of 10 + 10 + 11 tokens at 7/10: 21.7 tokens may be read, two whole documents are 20, one is left out.
    passes = declare_passes([31], Fraction(7, 10), lambda _: np.array([10, 10, 11]))
    assert passes == Passes((ShardPasses(0, extra_rows=2, extra_tokens=20),), 31, 20, 1)


def test_lengths_that_contradict_the_shard_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shard 0.*20 tokens.*31"):
        declare_passes([31], Fraction(7, 10), lambda _: np.array([10, 10]))


@pytest.mark.parametrize(("bins", "others"), [(3, 3), (4, 8), (0, 0)])
def test_histograms_must_match(bins: int, others: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        plan_shards(np.ones(bins, np.int64), np.ones(others, np.int64), Fraction(1), 10)


def test_the_order_of_documents_is_fixed() -> None:
    # blake2b of "tesuki" with person "tesuki order", 8 bytes: changing it would reshuffle every corpus.
    assert order_hash("tesuki") == 0xE01B82BA75DAF508
    assert order_hashes(["tesuki", "和紙"]).tolist() == [order_hash("tesuki"), order_hash("和紙")]


def test_equal_hashes_are_ordered_by_id() -> None:
    assert document_order(np.array([5, 1, 5], dtype=np.uint64), ["b", "c", "a"]).tolist() == [1, 2, 0]
