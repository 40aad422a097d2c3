"""The form in which texts are compared: what a reader would call the same text becomes the same string.

For comparing only, never for output. Width, case, white space and punctuation are folded; what tells Japanese
words apart (dakuten, the long mark, iteration marks, kanji) stays.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import groupby

LOOKALIKES = "~−∥"
"""Symbols by category, yet the same printed mark as a dash or a rule, depending only on which table decoded
the page.

The WAVE DASH problem: JIS X 0208 0x8160, 0x815D and 0x8161 become U+301C, U+2010/U+2212 and U+2016 by one
mapping and U+FF5E, U+FF0D and U+2225 by windows-31j (WHATWG index jis0208). NFKC turns U+FF5E into ``~``.
"""

INVISIBLE = "\N{COMBINING GRAPHEME JOINER}\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""Marks nobody sees beside the format characters (category Cf): the grapheme joiner and variation selectors.
"""

CODES = (*range(0x20000), *range(0xE0000, 0xE0200))
"""Where punctuation, separators and format characters live: planes 0 and 1, and the tags of plane 14."""


def comparison_form(text: str) -> str:
    """``text`` as it is compared: NFKC, case folded, every run of white space and punctuation one space.

    Format characters and variation selectors go. A run becomes a space, not nothing, so that 1.5 stays apart
    from 15. Idempotent; the empty string for a text without any letter, digit or symbol.
    """
    visible = _invisible().sub("", unicodedata.normalize("NFKC", text))
    # Folding case can undo composition (U+0390 and its like), hence the second normalisation.
    folded = unicodedata.normalize("NFKC", visible.casefold())
    return _separators().sub(" ", folded).strip(" ")


@cache
def _separators() -> re.Pattern[str]:
    return re.compile(f"[{_ranges(('P', 'Z', 'Cc'))}{LOOKALIKES}]+")


@cache
def _invisible() -> re.Pattern[str]:
    return re.compile(f"[{_ranges(('Cf',))}{INVISIBLE}]+")


def _ranges(categories: tuple[str, ...]) -> str:
    """The inside of a character class: every character whose general category starts with one of these."""
    codes = (code for code in CODES if unicodedata.category(chr(code)).startswith(categories))
    runs = groupby(enumerate(codes), key=lambda pair: pair[1] - pair[0])
    spans = [[code for _, code in run] for _, run in runs]
    return "".join(f"\\U{span[0]:08x}-\\U{span[-1]:08x}" for span in spans)
