"""What a signature is reduced to for the search: a key for each bucket, and a sketch to estimate similarity by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .mixing import mix64, random_words
from .presets import DedupParameters

BAND_STREAM = 2
"""The stream of fixed random words that band keys are made with; changing it makes band indexes incomparable."""

CHANCE_MATCH = 1 / 256
"""How often the lowest bytes of two different values are equal."""


def band_keys(signature: NDArray[np.uint32], parameters: DedupParameters) -> NDArray[np.uint64]:
    """One 64-bit key for each of the ``r`` buckets, in order: equal where the bucket's ``b`` values are equal.

    A multilinear hash of the bucket's values and its number, mixed. Two different buckets among 10^9 documents get one
    key with a chance of about 0.03 in a band. Raises `ValueError` for a signature of another length.
    """
    if signature.shape != (parameters.permutations,):
        raise ValueError(f"signature: found {signature.shape[0]} values, expected b * r = {parameters.permutations}")
    values = signature.reshape(parameters.r, parameters.b).astype(np.uint64)
    words = random_words(BAND_STREAM, parameters.b)
    buckets = np.arange(1, parameters.r + 1, dtype=np.uint64) << np.uint64(40)
    return mix64((values * words).sum(axis=1, dtype=np.uint64) + buckets)


def sketch(signature: NDArray[np.uint32]) -> bytes:
    """The lowest byte of each signature value: b-bit minwise hashing (Li and König, WWW 2010) with 8 bits."""
    return signature.astype(np.uint8).tobytes()


def estimate_similarity(sketch_a: bytes, sketch_b: bytes) -> float:
    """Jaccard similarity (0 to 1) of the texts behind two sketches: the share of equal bytes, chance deducted.

    Standard error about sqrt(s * (1 - s) / length). Raises `ValueError` for sketches of different length or empty.
    """
    a = np.frombuffer(sketch_a, dtype=np.uint8)[None]
    b = np.frombuffer(sketch_b, dtype=np.uint8)[None]
    return float(estimate_similarities(a, b)[0])


def estimate_similarities(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float64]:
    """`estimate_similarity` of row i of ``a`` and row i of ``b``, for all rows."""
    if a.shape != b.shape or a.shape[-1] == 0:
        raise ValueError(f"sketches: found {a.shape[-1]} and {b.shape[-1]} values, expected the same, above 0")
    matches = (a == b).mean(axis=1)
    estimates: NDArray[np.float64] = np.clip((matches - CHANCE_MATCH) / (1 - CHANCE_MATCH), 0.0, 1.0)
    return estimates
