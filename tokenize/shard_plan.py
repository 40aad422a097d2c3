"""Where a subset is cut into shards: a pure function of its histogram and its repeat ratio.

Documents stand in hash order (`document_order`). A fraction of a pass is a prefix of that order, so the order is cut
first where the fractional pass ends, and then each side into shards of even size: whole shards make up the fraction,
whatever its denominator. Only the histogram is needed, so memory does not depend on the size of the corpus.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .document_order import HashArray

DEFAULT_BINS = 2**16
"""Bins of the histogram: the highest 16 bits of the order hash; 1 MB for the two counts of a subset and split."""

Histogram = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ShardRange:
    """The documents of one shard: those with order hash in [first, end); ``end`` may be 2**64."""

    first: int
    end: int
    documents: int
    tokens: int


def histogram(hashes: HashArray, weights: npt.NDArray[np.integer], bins: int = DEFAULT_BINS) -> Histogram:
    """The sum of ``weights`` (token counts, or ones for documents) by bin of the order hash; add them over parts.

    ``bins`` is a power of two.
    """
    totals = np.zeros(bins, dtype=np.int64)
    np.add.at(totals, (hashes >> np.uint64(64 - _bits(bins))).astype(np.int64), weights)
    return totals


def plan_shards(
    tokens_by_bin: Histogram, documents_by_bin: Histogram, repeats: Fraction, shard_tokens: int
) -> tuple[ShardRange, ...]:
    """Cut the hash order into shards of at most about ``shard_tokens`` tokens, with documents in each.

    The fractional part of ``repeats`` ends at the last bin border that does not exceed it, and there a
    shard ends too. A ratio of 0 plans no shards, nor do histograms without documents. Ranges are ascending,
    cover [0, 2**64) and leave out nothing between them. A shard can't be smaller than a bin. Raises
    ValueError for histograms that do not match, or a ``shard_tokens`` below 1.
    """
    bins = tokens_by_bin.size
    if documents_by_bin.size != bins or bins & (bins - 1) or bins == 0:
        raise ValueError(f"histograms of {bins} and {documents_by_bin.size} bins; expected one same power of two")
    if shard_tokens < 1:
        raise ValueError(f"shard_tokens is {shard_tokens}; expected at least 1")
    if repeats == 0 or not documents_by_bin.any():
        return ()
    tokens_before = np.concatenate([[0], np.cumsum(tokens_by_bin)])
    documents_before = np.concatenate([[0], np.cumsum(documents_by_bin)])
    total = int(tokens_before[-1])
    fraction = repeats - repeats.numerator // repeats.denominator
    cut = int(np.searchsorted(tokens_before, total * fraction.numerator // fraction.denominator, side="right")) - 1
    borders = {0, bins}
    for low, high in ((0, cut), (cut, bins)) if fraction else ((0, bins),):
        borders.update(_even_borders(tokens_before, low, high, shard_tokens))
    return _with_documents(sorted(borders), tokens_before, documents_before)


def _bits(bins: int) -> int:
    return bins.bit_length() - 1


def _even_borders(tokens_before: Histogram, low: int, high: int, shard_tokens: int) -> list[int]:
    """Bin borders that cut bins [low, high) into the fewest shards of even size, ``low`` among them."""
    start, tokens = int(tokens_before[low]), int(tokens_before[high] - tokens_before[low])
    shards = max(1, -(-tokens // shard_tokens))
    targets = np.array([start + tokens * number // shards for number in range(shards)], dtype=np.int64)
    nearest = np.searchsorted(tokens_before[low : high + 1], targets) + low
    return [low, *map(int, nearest)]


def _with_documents(
    borders: list[int], tokens_before: Histogram, documents_before: Histogram
) -> tuple[ShardRange, ...]:
    """The ranges between borders, each empty one joined to the range before it (the first to the one after)."""
    kept = [b for b, after in pairwise(borders) if documents_before[after] > documents_before[b]]
    kept[0] = 0
    shift = 64 - _bits(tokens_before.size - 1)
    return tuple(
        ShardRange(
            first=low << shift,
            end=high << shift,
            documents=int(documents_before[high] - documents_before[low]),
            tokens=int(tokens_before[high] - tokens_before[low]),
        )
        for low, high in pairwise([*kept, borders[-1]])
    )
