"""How often a pass reads each shard: the exact ledger behind a repeat ratio.

A ratio p/q is ``p // q`` readings of everything and one more of a prefix of the document order. The prefix is the
longest run of whole documents whose tokens do not exceed the fractional part × unique tokens, so a smaller ratio reads
a subset of what a larger one reads (0.25 ⊂ 0.5), and a pass is short of the exact product by less than one document.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class ShardPasses:
    """How often one pass reads a shard: every row ``times``, the first ``extra_rows`` rows once more.

    ``extra_tokens`` are the tokens of those rows. At most one shard of a subset has any.
    """

    times: int
    extra_rows: int = 0
    extra_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Passes:
    """The readings of a subset's shards, in shard order, and their sum.

    ``training_tokens`` = Σ shard tokens × times + extra tokens. ``short_by`` = floor(repeats × unique
    tokens) - training tokens: what rounding to whole documents left out, never negative.
    """

    shards: tuple[ShardPasses, ...]
    unique_tokens: int
    training_tokens: int
    short_by: int


def declare_passes(
    shard_tokens: Sequence[int], repeats: Fraction, lengths_of: Callable[[int], npt.NDArray[np.integer]]
) -> Passes:
    """The readings that make ``repeats`` of shards holding ``shard_tokens`` tokens, in document order.

    ``lengths_of(n)`` gives the document lengths (tokens) of shard n in row order; it is asked for at most
    one shard, the one the fractional pass ends in. Raises ValueError for a negative ratio, or lengths that
    do not add up to the shard's tokens.
    """
    if repeats < 0:
        raise ValueError(f"repeats is {repeats}; expected zero or more")
    unique = sum(shard_tokens)
    whole = repeats.numerator // repeats.denominator
    left = _floor(unique * (repeats - whole))
    shards: list[ShardPasses] = []
    for number, tokens in enumerate(shard_tokens):
        if left == 0:
            shards.append(ShardPasses(whole))
        elif tokens <= left:
            left -= tokens
            shards.append(ShardPasses(whole + 1))
        else:
            rows, extra = _whole_documents(number, tokens, left, lengths_of(number))
            left = 0
            shards.append(ShardPasses(whole, rows, extra))
    training = sum(
        tokens * shard.times + shard.extra_tokens for tokens, shard in zip(shard_tokens, shards, strict=True)
    )
    return Passes(tuple(shards), unique, training, _floor(unique * repeats) - training)


def _whole_documents(number: int, tokens: int, left: int, lengths: npt.NDArray[np.integer]) -> tuple[int, int]:
    """The rows, and their tokens, of the longest prefix of a shard with at most ``left`` tokens."""
    upto = np.cumsum(lengths, dtype=np.int64)
    if upto.size == 0 or int(upto[-1]) != tokens:
        found = int(upto[-1]) if upto.size else 0
        raise ValueError(f"shard {number}: document lengths add up to {found} tokens, but it is said to hold {tokens}")
    rows = int(np.searchsorted(upto, left, side="right"))
    return rows, int(upto[rows - 1]) if rows else 0


def _floor(value: Fraction) -> int:
    return value.numerator // value.denominator
