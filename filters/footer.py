"""Footers: only trailing lines, only what is footer, never past a real sentence."""

from __future__ import annotations

import re
from functools import lru_cache

from .footer_words import FOOTER_WORDS, FooterWords

LONGEST_FOOTER_LINE = 160
"""Characters; a longer line is not taken for a footer whatever it says. Our choice: menus of some 20 labels
fit."""

LONGEST_NAME = 60
"""Characters of a name under a bare claim. Our choice: a company with its address."""

_BARE_CLAIM = re.compile(
    r"\s*+(?:copyright\s*+)?(?:©|ⓒ|&copy;|[(（][cCＣ][)）]|copyright)[\s0-9０-９,，、.~〜–—-]*+\Z", re.IGNORECASE
)
"""A line of nothing but the mark and years."""

_BULLETS = ("- ", "・", "* ", "• ")
"""What extractors put before the items of a list, and what authors write."""

_DECORATION = " 　:：■◆●▼【】「」<>＜＞#-"


def footer_start(text: str, words: FooterWords = FOOTER_WORDS) -> int:
    """The length of ``text`` without its footer: ``len(text)`` where it has none.

    Lines are taken from the end as long as each is blank, footer, or an item of a list of other articles;
    the cut is made at the newline before the first of them that is footer or the heading of such a list. A
    text of nothing but footer is left whole: what would remain is no document.
    """
    start = len(text)
    end = len(text)
    items = False
    while end > 0:
        line_start = text.rfind("\n", 0, end) + 1
        line = text[line_start:end]
        if _is_heading(line, words) if items else is_footer_line(line, words):
            start = line_start - 1
            items = False
        elif _is_item(line):
            items = True
        elif line.strip():
            year = text.rfind("\n", 0, max(line_start - 1, 0)) + 1
            if items or not _is_name_of(text[year : max(line_start - 1, 0)], line):
                return start
            start = year - 1
            line_start = year
        end = line_start - 1
    return len(text)


def is_footer_line(line: str, words: FooterWords = FOOTER_WORDS) -> bool:
    """Whether a line is footer through and through. Full-width marks of either kind, 、 and ，, read the
    same."""
    if not line.strip() or len(line) > LONGEST_FOOTER_LINE:
        return False
    if any(pattern.search(line) for pattern in _always(words)):
        return True
    return not _has_full_stop(line) and _reserving(words).search(line) is not None


def _is_name_of(year: str, line: str) -> bool:
    """Whether ``line`` is the name to which the bare claim above it belongs: © 2007-2015, and below it who claims."""
    return len(line) <= LONGEST_NAME and not _has_full_stop(line) and _BARE_CLAIM.match(year) is not None


def _is_heading(line: str, words: FooterWords) -> bool:
    return line.strip(_DECORATION) in words.headings


def _is_item(line: str) -> bool:
    return line.lstrip().startswith(_BULLETS) and len(line) <= LONGEST_FOOTER_LINE and not _has_full_stop(line)


def _has_full_stop(line: str) -> bool:
    return "。" in line or "．" in line


@lru_cache(maxsize=8)
def _always(words: FooterWords) -> tuple[re.Pattern[str], ...]:
    """Lines of labels and what may stand between them, possessive and so linear; lines that end in a notice;
    short lines that lead back."""
    labels = _any_of(words.labels)
    return (
        re.compile(rf"\A[\W\d_]*+(?:{labels})(?:[\W\d_]++|{labels})*+\Z", re.IGNORECASE),
        re.compile(rf"\A[^。．]*?(?:{_any_of(words.notices)})[^。．、，]{{0,14}}[。．]?\s*\Z", re.IGNORECASE),
        re.compile(rf"\A[^。．、，！？]{{0,30}}(?:{_any_of(words.returns)})[\W\d_]*\Z"),
    )


@lru_cache(maxsize=8)
def _reserving(words: FooterWords) -> re.Pattern[str]:
    """Lines that open with a claim of authorship or hold one, where no full stop makes them prose."""
    return re.compile(rf"\A\s*(?:{_any_of(words.openings)})|{_any_of(words.claims)}", re.IGNORECASE)


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))) or "(?!)"
