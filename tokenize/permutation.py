"""A shuffle that can be asked for any one place: no list of the corpus, whatever its size.

A Feistel network over the next power of two, walked until it lands inside (Black and Rogaway, "Ciphers with
Arbitrary Finite Domains", CT-RSA 2002). Round keys and the round function are SplitMix64 (Steele, Lea and
Flood, OOPSLA 2014), written out here so that the order does not change with a library's version.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.uint64]

ROUNDS = 8
"""Four for each half: Luby and Rackoff need four in all; the rest is margin for the small domains of small corpora."""

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = 2**64 - 1


def key_of(*parts: str | int) -> int:
    """A 64-bit key from what a shuffle belongs to (seed, subset, round)."""
    written = "\x1f".join(str(part) for part in parts).encode()
    return int.from_bytes(hashlib.blake2b(written, digest_size=8, person=b"tesuki pass").digest(), "big")


def mixed(values: Places, key: int) -> Places:
    """64 well-mixed bits for each value: SplitMix64's output function at ``key`` + value."""
    bits = values + np.uint64(key & _WORD)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def permuted(places: Places, size: int, key: int) -> Places:
    """Where each of ``places`` (all below ``size``) stands after the shuffle of [0, size) with this key."""
    if size <= 1:
        return places.copy()
    bits = (size - 1).bit_length()
    moved = _feistel(places, bits, key)
    outside = np.flatnonzero(moved >= size)
    while outside.size:
        moved[outside] = _feistel(moved[outside], bits, key)
        outside = outside[moved[outside] >= size]
    return moved


def _feistel(places: Places, bits: int, key: int) -> Places:
    """A permutation of [0, 2**bits): each half in turn is changed by a hash of the other."""
    low_bits = np.uint64(bits // 2)
    low_mask, high_mask = np.uint64((1 << bits // 2) - 1), np.uint64((1 << (bits - bits // 2)) - 1)
    low, high = places & low_mask, places >> low_bits
    for number in range(ROUNDS):
        round_key = key + number * _GOLDEN
        if number % 2:
            low = low ^ (mixed(high, round_key) & low_mask)
        else:
            high = high ^ (mixed(low, round_key) & high_mask)
    return (high << low_bits) | low
