"""Text as an array of code points."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

CodePoints = npt.NDArray[np.uint32]
"""One unsigned 32-bit number for each character of a text, in order."""

UNICODE_SIZE = 0x110000
"""Code points run from 0 to 0x10FFFF (The Unicode Standard, section 2.4)."""


def code_points(text: str) -> CodePoints:
    """The code points of ``text``; a lone surrogate, which JSON can smuggle in, counts as one."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
