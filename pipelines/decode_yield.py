"""How well a decoded text reads, to choose between encodings that all accept the bytes."""

from __future__ import annotations

import numpy as np

_SAMPLE = 200_000
"""Characters looked at: enough to choose by, and a bound on the cost of a long page."""


def plausibility(text: str, replacements: int) -> float:
    """Points for a text as Japanese would be written; comparable only between readings of one page.

    Kana speak for a reading more than anything else: legacy encodings misread as one another give kanji, half-width
    kana and errors, hardly ever hiragana. A reading loses for every character that could not be read.
    """
    codes = np.frombuffer(text[:_SAMPLE].encode("utf-32-le", "replace"), np.uint32)
    beyond = codes[codes > 0x7F]
    kana = _count(beyond, 0x3041, 0x30FE)
    kanji = _count(beyond, 0x4E00, 0x9FFF)
    half_width = _count(beyond, 0xFF61, 0xFF9F)
    unlikely = _count(beyond, 0x80, 0x9F) + _count(beyond, 0xE000, 0xF8FF)
    return kana + 0.25 * kanji - 0.5 * half_width - 2.0 * unlikely - 3.0 * replacements


def _count(codes: np.ndarray, low: int, high: int) -> int:
    return int(np.count_nonzero((codes >= low) & (codes <= high)))
