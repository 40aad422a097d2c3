"""Character n-grams of a text, hashed to 32 bits all at once.

The hash is multilinear over code points, h = (m0 + sum of m[i+1] * c[i] mod 2^64) >> 32 with fixed random words m:
strongly universal for strings of one length (Lemire and Kaser, "Strongly universal string hashing is fast", The
Computer Journal 2014), and one multiplication a character where a byte hash would cost a Python call an n-gram.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tesuki.common.code_points import code_points

from .mixing import random_words

NGRAM_STREAM = 1
"""The stream of fixed random words that n-grams are hashed with; changing it changes every signature."""

BLOCK = 8_192
"""N-grams hashed at a time: a block and its eight-byte sums fit a core's second-level cache."""


def ngram_hash(ngram: bytes) -> int:
    """The 32-bit hash of one n-gram given as UTF-32-LE without a byte order mark.

    The function to give `datasketch.MinHash` as ``hashfunc``, fed with ``ngram.encode("utf-32-le")``, to get
    our signatures from datasketch itself.
    """
    codes = np.frombuffer(ngram, dtype="<u4").astype(np.uint64)
    words = random_words(NGRAM_STREAM, len(codes) + 1)
    return (int(words[0]) + sum(int(w) * int(c) for w, c in zip(words[1:], codes, strict=True))) % 2**64 >> 32


def ngram_hash_blocks(text: str, n: int) -> Iterator[NDArray[np.uint32]]:
    """The hashes of all ``n``-grams of ``text`` in order, repeats included, in blocks of at most `BLOCK`.

    Nothing for a text shorter than ``n``. Lone surrogates count as the characters they are.
    """
    codes = code_points(text)
    words = random_words(NGRAM_STREAM, n + 1)
    for start in range(0, len(codes) - n + 1, BLOCK):
        part = codes[start : start + BLOCK + n - 1].astype(np.uint64)
        length = len(part) - n + 1
        sums = part[:length] * words[1]
        sums += words[0]
        for position in range(1, n):
            sums += part[position : position + length] * words[position + 1]
        yield (sums >> np.uint64(32)).astype(np.uint32)
