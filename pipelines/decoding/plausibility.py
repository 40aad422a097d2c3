"""How well a decoded text reads, to choose between encodings that all accept the bytes."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from tesuki.common.code_points import UNICODE_SIZE, code_points

_SAMPLE = 200_000
"""Characters looked at: enough to choose by, and a bound on the cost of a long page."""

_UNREADABLE = -4.0
"""Points for a character that could not be read, or a byte left out."""

_KANJI_SECOND_LEVEL = range(0x98, 0xFD)
"""Lead bytes in windows-31j of the rare kanji of JIS X 0208 (level 2) and of the vendors' extensions."""


def plausibility(text: str, replacements: int) -> float:
    """Points for a text as Japanese would be written; comparable only between readings of one page.

    Points are dealt out by how much a misreading can feign: legacy encodings misread as one another give kanji, many of
    them rare, half-width kana among a great deal of half-width punctuation, and errors, but hardly ever kana.
    """
    codes = code_points(text[:_SAMPLE])
    return float(_points()[codes].sum()) + _UNREADABLE * replacements


@cache
def _points() -> npt.NDArray[np.float32]:
    table = np.zeros(UNICODE_SIZE, np.float32)
    for low, high, points in (
        (0x80, 0x9F, -3.0),  # C1 controls
        (0xE000, 0xF8FF, -3.0),  # private use
        (0x3041, 0x30FE, 2.0),  # kana
        (0x4E00, 0x9FFF, 1.0),  # han
        (0xAC00, 0xD7A3, 1.2),  # hangul: as many bytes as kanji, which EUC-KR misread as EUC-JP gives
        (0xFF61, 0xFF65, -1.5),  # half-width punctuation: what leads kana in EUC-JP, read as Shift_JIS
        (0xFF66, 0xFF9F, 0.6),  # half-width kana: one byte each, so a little more than half a kanji
    ):
        table[low : high + 1] = points
    for code in range(0x4E00, 0xA000):
        if chr(code).encode("cp932", "ignore")[:1] in _SECOND_LEVEL_LEADS:
            table[code] = 0.5
    return table


_SECOND_LEVEL_LEADS = frozenset(bytes([lead]) for lead in _KANJI_SECOND_LEVEL)
