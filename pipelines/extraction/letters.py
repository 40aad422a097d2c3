"""Kana and kanji counted: in a text, and the most that an engine can find on a page, told without reading it."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from tesuki.common.code_points import UNICODE_SIZE, code_points
from tesuki.common.scripts import HIRAGANA, KANJI, KATAKANA


def _table() -> npt.NDArray[np.bool_]:
    table = np.zeros(UNICODE_SIZE, np.bool_)
    for first, last in (*HIRAGANA, *KATAKANA, *KANJI):
        table[first : last + 1] = True
    return table


_LETTERS: Final = _table()

_WRITTEN_OTHERWISE: Final = re.compile(r"#(?:[0-9]{5}|[xX]0*+[0-9A-Fa-f]{4})|\\u[0-9A-Fa-f]{4}")
"""References by number to what may be kana or kanji, whatever stands before them, and the escapes of JSON: engines read
structured data too. No kana or kanji has a reference by name (HTML standard, section 13.5)."""


def japanese(text: str) -> int:
    """How many kana and kanji ``text`` has."""
    return int(np.count_nonzero(_LETTERS[code_points(text)]))


def letters_at_most(html: str) -> int:
    """A bound of the kana and kanji in anything that is taken from ``html`` once: those that stand anywhere in it,
    scripts and attributes too, and each reference or escape that could be one.
    """
    return japanese(html) + sum(1 for _ in _WRITTEN_OTHERWISE.finditer(html))
