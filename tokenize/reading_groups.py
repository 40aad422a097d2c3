"""Groups of rows that one pass reads equally often, shared out among ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .listed_shards import ListedShard
from .permutation import Places, key_of, permuted


@dataclass(frozen=True, slots=True)
class ReadingGroup:
    """Rows of one subset that a pass reads ``times`` times, in the order of the shards.

    Segment i is ``starts[i + 1] - starts[i]`` rows of shard ``shards[i]`` (an index into the listed shards)
    beginning at row ``first_rows[i]``.
    """

    subset: str
    times: int
    shards: npt.NDArray[np.int64]
    first_rows: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]

    @property
    def rows(self) -> int:
        """Rows in the group."""
        return int(self.starts[-1])


@dataclass(frozen=True, slots=True)
class RankShare:
    """One rank's rows of a group: those whose shuffled number is ``residue`` modulo ``world_size``.

    A row is of one rank only, in all its repetitions.
    """

    group: ReadingGroup
    key: int
    residue: int
    world_size: int

    @property
    def rows(self) -> int:
        """Rows the rank reads, repetitions not counted."""
        return len(range(self.residue, self.group.rows, self.world_size))

    @property
    def readings(self) -> int:
        """Documents the rank reads in a pass, repetitions counted."""
        return self.rows * self.group.times


def reading_groups(shards: Sequence[ListedShard]) -> tuple[ReadingGroup, ...]:
    """The groups of a split's shards, by subset in order of appearance, most often read first; unread rows in none."""
    segments: dict[tuple[str, int], list[tuple[int, int, int]]] = {}
    for number, shard in enumerate(shards):
        segments.setdefault((shard.subset, shard.times + 1), []).append((number, 0, shard.extra_rows))
        segments.setdefault((shard.subset, shard.times), []).append((number, shard.extra_rows, shard.rows))
    groups = []
    for (subset, times), spans in segments.items():
        held = np.array([span for span in spans if span[1] < span[2]], dtype=np.int64).reshape(-1, 3)
        if times and held.size:
            starts = np.concatenate([[0], np.cumsum(held[:, 2] - held[:, 1])])
            groups.append(ReadingGroup(subset, times, held[:, 0], held[:, 1], starts))
    return tuple(groups)


def rank_shares(groups: Sequence[ReadingGroup], seed: int, rank: int, world_size: int) -> tuple[RankShare, ...]:
    """What ``rank`` of ``world_size`` reads of each group.

    Groups that do not divide evenly give their odd rows to the ranks in turn. Raises ValueError for an impossible rank.
    """
    if not 0 <= rank < world_size:
        raise ValueError(f"rank {rank} of {world_size}; expected a rank from 0 to world size - 1")
    shares, dealt = [], 0
    for group in groups:
        key = key_of(seed, group.subset, group.times)
        shares.append(RankShare(group, key, (rank - dealt) % world_size, world_size))
        dealt += group.rows % world_size
    return tuple(shares)


def rows_at(share: RankShare, positions: Places) -> tuple[npt.NDArray[np.int64], ...]:
    """Shard, row and repetition at ``positions`` (below ``share.readings``) of the rank's readings of the group.

    The readings are ``times`` rounds over the rank's rows, each shuffled anew, but so that a row stays in the same half
    of every round: between two readings of a row lie at least half of the rank's other rows of the group.
    """
    rows = np.uint64(share.rows)
    repetitions, within = positions // rows, positions % rows
    half = (share.rows + 1) // 2
    turned = np.empty_like(within)
    for repetition in np.unique(repetitions):
        for first, size in ((0, half), (half, share.rows - half)):
            here = (repetitions == repetition) & (within >= first) & (within < first + size)
            key = key_of(share.key, int(repetition), first)
            turned[here] = permuted(within[here] - np.uint64(first), size, key) + np.uint64(first)
    numbers = np.uint64(share.residue) + turned * np.uint64(share.world_size)
    chosen = permuted(numbers, share.group.rows, share.key).astype(np.int64)
    segment = np.searchsorted(share.group.starts, chosen, side="right") - 1
    row = share.group.first_rows[segment] + chosen - share.group.starts[segment]
    return share.group.shards[segment], row, repetitions.astype(np.int64)
