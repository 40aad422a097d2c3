"""Arrays as they travel between workers: bytes, which Beam writes with 3 more, where an array costs some 260.

An array of claims is mostly what compresses: the priorities of one crawl and the numbers of neighbours differ in few
bytes. So each byte of a row becomes a column of its own, and columns are compressed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

SMALL = 256
"""Bytes below which compressing costs more than it saves."""

RAW, PACKED = b"\0", b"\1"
"""The first byte: whether rows follow, or their compressed columns."""

LEVEL = 1
"""zstd's fastest level that compresses repeated bytes as well as the others."""


def packed(array: NDArray[Any]) -> bytes:
    """The rows of ``array`` as bytes, for `unpacked`."""
    rows = np.ascontiguousarray(array)
    if rows.nbytes < SMALL:
        return RAW + rows.tobytes()
    columns = rows.view(np.uint8).reshape(len(rows), rows.dtype.itemsize).T
    return PACKED + zstandard.compress(columns.tobytes(), LEVEL)


def unpacked(blocks: Iterable[bytes], dtype: np.dtype[Any]) -> NDArray[Any]:
    """The rows of all ``blocks``, which `packed` made of arrays of ``dtype``, in order; it can be changed."""
    pieces = [np.empty(0, dtype=dtype), *(_rows(block, dtype) for block in blocks)]
    return np.concatenate(pieces)


def _rows(block: bytes, dtype: np.dtype[Any]) -> NDArray[Any]:
    if block[:1] == RAW:
        return np.frombuffer(block, dtype=dtype, offset=1)
    columns = np.frombuffer(zstandard.decompress(block[1:]), dtype=np.uint8).reshape(dtype.itemsize, -1)
    return np.ascontiguousarray(columns.T).reshape(-1).view(dtype)
