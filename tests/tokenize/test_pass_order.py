"""One pass reads every document exactly as often as declared, scattered, shared out, and resumable at any step."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.tokenize.listed_shards import ListedShard
from tesuki.tokenize.pass_order import PassOrder, pass_order, readings_from
from tesuki.tokenize.permutation import key_of, permuted

SEEDS = st.integers(0, 2**32)


@st.composite
def listed(draw: st.DrawFn) -> list[ListedShard]:
    """Shards of up to three subsets, read up to five times, a part of one shard of each perhaps once more."""
    shards = []
    for subset in draw(st.lists(st.sampled_from(["ja_cc", "ja_wiki", "en"]), max_size=3, unique=True)):
        times = draw(st.integers(0, 5))
        sizes = draw(st.lists(st.integers(1, 400), min_size=1, max_size=4))
        split_at = draw(st.integers(0, len(sizes) - 1))
        for number, rows in enumerate(sizes):
            more = 1 if number < split_at else 0
            extra = draw(st.integers(0, rows - 1)) if number == split_at else 0
            shards.append(ListedShard(f"{subset}/{number}", subset, rows, rows * 10, times + more, extra, extra * 10))
    return shards


def declared(shards: list[ListedShard]) -> Counter[tuple[int, int]]:
    """How often each (shard, row) is to be read."""
    return Counter(
        {
            (number, row): shard.times + (row < shard.extra_rows)
            for number, shard in enumerate(shards)
            for row in range(shard.rows)
            if shard.times + (row < shard.extra_rows)
        }
    )


def readings(order: PassOrder, step: int = 0) -> list[tuple[int, int, int]]:
    return [
        reading
        for block in readings_from(order, step)
        for reading in zip(block.shards.tolist(), block.rows.tolist(), block.repetitions.tolist(), strict=True)
    ]


@given(shards=listed(), seed=SEEDS, world_size=st.integers(1, 5))
def test_ranks_together_read_what_is_declared_and_share_no_row(
    shards: list[ListedShard], seed: int, world_size: int
) -> None:
    ranks = [readings(pass_order(shards, seed, rank, world_size)) for rank in range(world_size)]
    everything = [reading for rank in ranks for reading in rank]
    assert Counter((shard, row) for shard, row, _ in everything) == declared(shards)
    assert len(set(everything)) == len(everything)
    rows = [{(shard, row) for shard, row, _ in rank} for rank in ranks]
    assert sum(map(len, rows)) == len(set().union(*rows))
    # A rank can have one row more than another of each group of rows that are read equally often.
    groups = {(shards[shard].subset, times) for (shard, _), times in declared(shards).items()}
    assert max(map(len, ranks)) - min(map(len, ranks)) <= sum(times for _, times in groups)


@given(shards=listed(), seed=SEEDS)
def test_repetitions_come_in_order_and_apart(shards: list[ListedShard], seed: int) -> None:
    order = readings(pass_order(shards, seed, 0, 1))
    group_sizes = Counter((shards[shard].subset, times) for (shard, _), times in declared(shards).items())
    times = declared(shards)
    steps: dict[tuple[int, int], list[int]] = defaultdict(list)
    for step, (shard, row, repetition) in enumerate(order):
        assert repetition == len(steps[shard, row])
        steps[shard, row].append(step)
    for (shard, row), at in steps.items():
        others = group_sizes[shards[shard].subset, times[shard, row]]
        assert all(later - sooner > others // 2 for sooner, later in pairwise(at))


@given(shards=listed(), seed=SEEDS, world_size=st.integers(1, 3), data=st.data())
def test_a_pass_resumed_anywhere_goes_on_as_if_uninterrupted(
    shards: list[ListedShard], seed: int, world_size: int, data: st.DataObject
) -> None:
    order = pass_order(shards, seed, data.draw(st.integers(0, world_size - 1)), world_size)
    step = data.draw(st.integers(0, order.steps))
    assert readings(order, step) == readings(order)[step:]


def test_repeats_are_spread_over_the_whole_pass() -> None:
    # A subset of 10 rows read 8 times beside 10,000 rows read once: each tenth of the pass sees a tenth of both.
    shards = [ListedShard("a", "wiki", 10, 100, 8, 0, 0), ListedShard("b", "web", 10_000, 100_000, 1, 0, 0)]
    order = readings(pass_order(shards, 1, 0, 1))
    tenths = [[shard for shard, _, _ in order[low : low + 1008]] for low in range(0, 10_080, 1008)]
    assert all(abs(tenth.count(0) - 8) <= 1 for tenth in tenths)


def test_the_seed_decides_the_order_and_every_rank_is_its_own() -> None:
    shards = [ListedShard("a", "web", 1000, 10_000, 1, 0, 0)]
    orders = [tuple(readings(pass_order(shards, seed, 0, 1))) for seed in range(3)]
    assert len(set(orders)) == 3
    assert readings(pass_order(shards, 0, 0, 1)) == list(orders[0])
    # Nothing of the order on disk is left: about one row in a thousand stays where it was.
    assert sum(row == step for step, (_, row, _) in enumerate(orders[0])) < 10


def test_every_repetition_is_shuffled_anew() -> None:
    order = readings(pass_order([ListedShard("a", "web", 200, 2000, 2, 0, 0)], 5, 0, 1))
    first, second = (([row for _, row, repetition in order if repetition == n]) for n in (0, 1))
    assert sorted(first) == sorted(second) == list(range(200))
    assert sum(a == b for a, b in zip(first, second, strict=True)) < 20


@pytest.mark.parametrize(("rank", "world_size"), [(1, 1), (-1, 2), (0, 0)])
def test_an_impossible_rank_is_refused(rank: int, world_size: int) -> None:
    with pytest.raises(ValueError, match="rank"):
        pass_order([], 0, rank, world_size)


@pytest.mark.parametrize("step", [-1, 11])
def test_a_step_outside_the_pass_is_refused(step: int) -> None:
    order = pass_order([ListedShard("a", "web", 10, 100, 1, 0, 0)], 0, 0, 1)
    with pytest.raises(ValueError, match="pass of 10"):
        list(readings_from(order, step))


@given(size=st.integers(0, 3000), key=st.integers(0, 2**64 - 1))
def test_a_permutation_leaves_nothing_out(size: int, key: int) -> None:
    moved = permuted(np.arange(size, dtype=np.uint64), size, key)
    assert sorted(moved.tolist()) == list(range(size))


@given(places=st.lists(st.integers(0, 10**12 - 1), min_size=1, max_size=50), key=st.integers(0, 2**64 - 1))
def test_a_place_in_a_huge_shuffle_needs_no_other(places: list[int], key: int) -> None:
    together = permuted(np.array(places, dtype=np.uint64), 10**12, key)
    alone = [int(permuted(np.array([place], dtype=np.uint64), 10**12, key)[0]) for place in places]
    assert together.tolist() == alone
    assert all(0 <= place < 10**12 for place in alone)
    assert len(set(alone)) == len(set(places))


def test_places_are_evenly_likely() -> None:
    # 4,000 keys put place 3 of 10 somewhere: each place has 400 ± 19 (one standard deviation); 5 of them is 95.
    where = Counter(int(permuted(np.array([3], dtype=np.uint64), 10, key_of(n))[0]) for n in range(4000))
    assert all(abs(where[place] - 400) < 95 for place in range(10))
