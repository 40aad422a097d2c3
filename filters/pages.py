"""Measures of a document set in pages, and the rules a recipe can add on them.

Of the text alone a document is one page; who knows how many there were says so (`Known` of `presets.Preset.examine`).
"""

from __future__ import annotations

import re
from typing import Final

from .repetition import share

MEANINGLESS: Final = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010fffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Private use, U+FFFD and controls: what a font without a map to Unicode gives, and a wrong encoding."""


def measure_pages(text: str) -> dict[str, float]:
    """Pages, characters without blanks for each, and the share of them that has no meaning; ``form_unpaged`` is 1 of
    what is not known to be set in pages.
    """
    found = page_measures(len("".join(text.split())), len(MEANINGLESS.findall(text)), 1)
    return found | {"form_unpaged": 1.0}


def page_measures(characters: int, garbled: int, pages: int) -> dict[str, float]:
    """The same of a document of so many pages, counted elsewhere."""
    return {
        "pages": pages,
        "characters_a_page": share(characters, pages),
        "garbled_share": share(garbled, characters),
        "form_unpaged": 0.0,
    }
