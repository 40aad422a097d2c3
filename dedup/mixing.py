"""Whole-array integer hashing: the bit mixers that n-grams and band keys are made with."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray


def mix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The 32-bit finalizer of MurmurHash3 (Appleby), a bijection; new array."""
    values = values ^ (values >> np.uint32(16))
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values


def mix64(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The 64-bit finalizer of MurmurHash3 (Appleby), a bijection; new array."""
    values = values ^ (values >> np.uint64(33))
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> np.uint64(33)
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> np.uint64(33)
    return values


@cache
def random_words(stream: int, count: int) -> NDArray[np.uint64]:
    """``count`` fixed pseudo-random 64-bit words, the same everywhere; ``stream`` tells uses apart. Read-only.

    SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) with the state starting at ``stream`` times 2^32.
    """
    state = np.uint64(stream << 32) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    words = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    words ^= words >> np.uint64(31)
    words.flags.writeable = False
    return words
