"""The order of one pass: which row of which shard a rank reads at each step, and for which time.

A pure function of the listed shards, seed, rank and world size. Any step can be asked for without those
before it, so training resumes anywhere; memory does not depend on the size of the corpus.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .listed_shards import ListedShard
from .permutation import key_of, mixed
from .reading_groups import RankShare, rank_shares, reading_groups, rows_at

STEPS_A_BLOCK = 1024
"""A pass is cut into blocks of about this many steps; each block holds every group in its exact share of the pass."""


@dataclass(frozen=True, slots=True)
class PassOrder:
    """One rank's pass. Step n of it is a document; ``steps`` is how many there are."""

    seed: int
    shares: tuple[RankShare, ...]
    steps: int
    blocks: int


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Consecutive steps from ``first_step`` on: index of the shard, row in it, and which repetition (from 0)."""

    first_step: int
    shards: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    repetitions: npt.NDArray[np.int64]


def pass_order(shards: Sequence[ListedShard], seed: int, rank: int, world_size: int) -> PassOrder:
    """The order in which ``rank`` of ``world_size`` reads ``shards``. Ranks share no row and leave none out."""
    shares = tuple(share for share in rank_shares(reading_groups(shards), seed, rank, world_size) if share.rows)
    steps = sum(share.readings for share in shares)
    return PassOrder(seed, shares, steps, -(-steps // STEPS_A_BLOCK))


def readings_from(order: PassOrder, step: int) -> Iterator[Readings]:
    """The readings from ``step`` to the end of the pass, in pieces.

    Raises ValueError for a step outside [0, order.steps].
    """
    if not 0 <= step <= order.steps:
        raise ValueError(f"step {step} of a pass of {order.steps}; expected one from 0 to {order.steps}")
    block = _block_of(order, step)
    while step < order.steps:
        first = _first_step(order, block)
        shards, rows, repetitions = _block(order, block)
        skipped = step - first
        yield Readings(step, shards[skipped:], rows[skipped:], repetitions[skipped:])
        step = first + shards.size
        block += 1


def _quota(order: PassOrder, share: RankShare, block: int) -> int:
    """How many of a share's readings come before ``block``: its exact part of the pass, rounded down."""
    return share.readings * block // order.blocks


def _first_step(order: PassOrder, block: int) -> int:
    return sum(_quota(order, share, block) for share in order.shares)


def _block_of(order: PassOrder, step: int) -> int:
    """The last block that begins at or before ``step``."""
    low, high = 0, order.blocks
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if _first_step(order, middle) <= step else (low, middle)
    return low


def _block(order: PassOrder, block: int) -> tuple[npt.NDArray[np.int64], ...]:
    """Shard, row and repetition of each step of a block.

    A share's n readings stand at (i + u / 2) / n of the block, u random: spread evenly, in their own order.
    """
    places, columns = [], []
    for number, share in enumerate(order.shares):
        low, high = _quota(order, share, block), _quota(order, share, block + 1)
        positions = np.arange(low, high, dtype=np.uint64)
        jitter = mixed(positions, key_of(order.seed, "jitter", number)) / 2.0**65
        places.append((np.arange(high - low) + jitter) / max(1, high - low))
        columns.append(rows_at(share, positions))
    arrangement = np.argsort(np.concatenate(places), kind="stable")
    return tuple(np.concatenate(column)[arrangement] for column in zip(*columns, strict=True))
