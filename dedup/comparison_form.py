"""The form in which texts are compared: what a reader would call the same text becomes the same string.

For comparing only, never for output. Width, case, white space and punctuation are folded; what tells Japanese
words apart (dakuten, the long mark, iteration marks, kanji) stays.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tesuki.common.code_points import UNICODE_SIZE, code_points

SEPARATORS = ("P", "Z", "Cc")
"""General categories folded into a space: punctuation, separators, controls."""

LOOKALIKES = "~−∥"
"""Symbols by category, yet the same printed mark as a dash or a rule.

Which one a page has depends only on the table that decoded it (the WAVE DASH problem): Shift_JIS 0x8160, 0x817C
and 0x8161 become U+301C, U+2212 and U+2016 by the JIS mapping, U+FF5E, U+FF0D and U+2225 by windows-31j (WHATWG
index jis0208). NFKC turns U+FF5E into ``~``, and U+FF0D into a hyphen.
"""

INVISIBLE = frozenset((0x034F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
"""What nobody sees beside format characters (category Cf): the grapheme joiner and the variation selectors."""

STAYS, GOES, SEPARATES, MARKS = range(4)
"""What the comparison form does with a character; a mark (canonical combining class above 0) goes where it is one too
many."""

MOST_MARKS = 30
"""Combining marks in a row that are looked at, as in Unicode's stream-safe text format (UAX #15, section 13). Sorting
them costs the square of their number: a page of nothing else would hold a worker for minutes."""


def comparison_form(text: str) -> str:
    """``text`` as it is compared: NFKC, case folded, every run of white space and punctuation one space.

    Format characters and variation selectors go, and combining marks after the thirtieth in a row. A run becomes a
    space, not nothing, so that 1.5 stays apart from 15. Idempotent; the empty string for a text without any letter,
    digit or symbol. Characters that the running Python's Unicode version does not know yet stay as they are.
    """
    # NFKC can bring capitals and punctuation forth (U+3386 is "MB", U+3231 "(株)"), folding case can undo NFKC.
    return _fold(_normalize(_normalize(_fold(text)).casefold()))


def _fold(text: str) -> str:
    """``text`` without invisible characters and with one space for each run of separators, none at the ends."""
    codes = code_points(text)
    fates = _fates()[codes]
    codes, fates = codes[fates != GOES], fates[fates != GOES]
    sparse = _few_marks(fates)
    codes, fates = codes[sparse], fates[sparse]
    separates = fates == SEPARATES
    repeated = separates.copy()
    repeated[1:] &= separates[:-1]
    repeated[:1] = separates[:1]
    kept: NDArray[np.uint32] = np.where(separates, np.uint32(ord(" ")), codes)[~repeated]
    return kept.tobytes().decode("utf-32-le", "surrogatepass").rstrip(" ")


def _few_marks(fates: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which characters stay so that no run of marks is longer than `MOST_MARKS`."""
    places = np.arange(len(fates))
    last_other = np.maximum.accumulate(np.where(fates == MARKS, -1, places))
    few: NDArray[np.bool_] = places - last_other <= MOST_MARKS
    return few


def _normalize(text: str) -> str:
    """NFKC, word by word: most words are normal already, and telling so is far cheaper than doing it."""
    return " ".join([unicodedata.normalize("NFKC", word) for word in text.split(" ")])


@cache
def _fates() -> NDArray[np.uint8]:
    """What becomes of each code point."""
    fates = np.full(UNICODE_SIZE, STAYS, dtype=np.uint8)
    for code in (*range(0x20000), *range(0xE0000, 0xE0200)):  # where punctuation and format characters live
        category = unicodedata.category(chr(code))
        if category.startswith(SEPARATORS) or chr(code) in LOOKALIKES:
            fates[code] = SEPARATES
        elif category == "Cf" or code in INVISIBLE:
            fates[code] = GOES
        elif unicodedata.combining(chr(code)):
            fates[code] = MARKS
    return fates
