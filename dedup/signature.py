"""The MinHash signature of a text: datasketch's values, bit for bit, computed a block at a time."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from .mixing import mix32
from .ngrams import BLOCK, ngram_hash_blocks
from .presets import DedupParameters

PERMUTATIONS_AT_ONCE = 32
"""Permutations applied to a block together: 1 MB at most; 16 to 64 are about as fast, for short texts and long."""


def signature(form: str, parameters: DedupParameters) -> NDArray[np.uint32] | None:
    """The ``b * r`` MinHash values of the n-grams of ``form``, or None where it is shorter than one n-gram.

    ``form`` is a text in comparison form; any string will do, and is taken as it is. The values equal those
    of ``datasketch.MinHash(num_perm=b * r, seed=seed, scheme="affine32", hashfunc=ngram_hash)`` updated with
    every n-gram in UTF-32-LE. Memory beyond the text's own is bounded: a block of n-grams by 32 permutations.
    """
    if len(form) < parameters.n:
        return None
    multipliers, offsets = _permutations(parameters.permutations, parameters.seed)
    values = np.full(parameters.permutations, np.iinfo(np.uint32).max, dtype=np.uint32)
    permuted = np.empty((PERMUTATIONS_AT_ONCE, min(BLOCK, len(form))), dtype=np.uint32)
    for hashes in ngram_hash_blocks(form, parameters.n):
        mixed = mix32(hashes)
        for start in range(0, len(values), PERMUTATIONS_AT_ONCE):
            some = slice(start, start + PERMUTATIONS_AT_ONCE)
            work = permuted[: len(values[some]), : len(mixed)]
            np.multiply(multipliers[some, None], mixed, out=work)
            work += offsets[some, None]
            np.minimum(values[some], work.min(axis=1), out=values[some])
    return values


@cache
def _permutations(count: int, seed: int) -> NDArray[np.uint32]:
    """Row 0 multipliers, row 1 offsets, as datasketch draws them for its scheme affine32 (its default from 2.0).

    The hash is mixed once, then permuted by a * h + b mod 2^32, a odd. The draws are NumPy's legacy generator's, whose
    stream is frozen (NEP 19).
    """
    draw = np.random.RandomState(seed)
    multipliers = draw.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return np.array([multipliers, draw.randint(0, 1 << 32, count, dtype=np.uint32)])
