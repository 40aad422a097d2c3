"""Ranges of keys, by which claims and index entries are spread over files and workers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def runs(numbers: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Each run of one number in ascending ``numbers``: the number, where it starts and where it stops."""
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    stops = np.append(starts, len(numbers))[1:]
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        yield int(numbers[start]), start, stop


def key_ranges(keys: NDArray[np.uint64], key_bits: int) -> NDArray[np.int64]:
    """The first ``key_bits`` bits of each key."""
    return (keys >> np.uint64(64 - key_bits)).astype(np.int64) if key_bits else np.zeros(len(keys), np.int64)


def key_bits_for(documents: int, entries: int) -> int:
    """How many leading bits of a key to divide a band by, so that a part has about so many ``entries`` or fewer."""
    return (max(0, documents - 1) // entries).bit_length()
