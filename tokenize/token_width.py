"""How wide a token id is stored."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

TokenArray = npt.NDArray[np.unsignedinteger[Any]]
"""Token ids as they are stored: uint16 or uint32, one width for a whole corpus."""

TokenDtype = np.dtype[np.unsignedinteger[Any]]

LARGEST_UINT16_VOCABULARY = 2**16
"""Ids run from 0 to vocabulary size - 1, so 65,536 entries still fit 16 bits; NumPy wraps silently beyond."""


def token_dtype(vocabulary_size: int) -> TokenDtype:
    """The dtype for ids of a vocabulary: uint16 iff every id fits it, else uint32.

    Raises ValueError for a size that is not positive or has ids beyond 32 bits.
    """
    if not 0 < vocabulary_size <= 2**32:
        raise ValueError(f"vocabulary size is {vocabulary_size}; expected between 1 and {2**32}")
    return np.dtype(np.uint16 if vocabulary_size <= LARGEST_UINT16_VOCABULARY else np.uint32)
