"""Footers: only trailing lines, only what is footer, never past a real sentence."""

from __future__ import annotations

import re
from functools import lru_cache

from .footer_words import FOOTER_WORDS, FooterWords

LONGEST_FOOTER_LINE = 160
"""Characters; a longer line is not taken for a footer whatever it says. Our choice: menus of some 20 labels
fit."""

_FULL_STOPS = "。．"


def footer_start(text: str, words: FooterWords = FOOTER_WORDS) -> int:
    """The length of ``text`` without its footer: ``len(text)`` where it has none.

    Lines are taken from the end as long as each is blank or footer; the cut is made at the newline before
    the first of them that is footer. A text of nothing but footer is left whole: what would remain is no
    document.
    """
    start = len(text)
    end = len(text)
    while end > 0:
        line_start = text.rfind("\n", 0, end) + 1
        line = text[line_start:end]
        if is_footer_line(line, words):
            start = line_start - 1
        elif line.strip():
            return start
        end = line_start - 1
    return len(text)


def is_footer_line(line: str, words: FooterWords = FOOTER_WORDS) -> bool:
    """Whether a line is footer through and through. Full-width marks of either kind, 、 and ，, read the
    same."""
    if not line.strip() or len(line) > LONGEST_FOOTER_LINE:
        return False
    if any(pattern.search(line) for pattern in _always(words)):
        return True
    without_sentence = not any(stop in line for stop in _FULL_STOPS)
    return without_sentence and _reserving(words).search(line) is not None


@lru_cache(maxsize=8)
def _always(words: FooterWords) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Lines of labels and what may stand between them; lines that end in a notice. Possessive, so linear."""
    labels = _any_of(words.labels)
    return (
        re.compile(rf"\A[\W\d_]*+(?:{labels})(?:[\W\d_]++|{labels})*+\Z", re.IGNORECASE),
        re.compile(rf"\A[^。．]*?(?:{_any_of(words.notices)})[^。．、，]{{0,14}}[。．]?\s*\Z", re.IGNORECASE),
    )


@lru_cache(maxsize=8)
def _reserving(words: FooterWords) -> re.Pattern[str]:
    """Lines that open with a claim of authorship or hold one, where no full stop makes them prose."""
    return re.compile(rf"\A\s*(?:{_any_of(words.openings)})|{_any_of(words.claims)}", re.IGNORECASE)


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))) or "(?!)"
