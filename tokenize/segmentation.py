"""Words of a text, for tokenizer training: pieces must not cross the boundary of a dictionary word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tesuki.common.morphology import words
from tesuki.common.scripts import JAPANESE_LETTERS

_JAPANESE = re.compile(f"[{JAPANESE_LETTERS}]")
_OTHER_WORD = re.compile(r" *[^ ]+| +$")


def words_with_spaces(line: str) -> list[str]:
    """The words of one line, each with the white space before it; joined they are the line.

    Lines without Japanese are parted at spaces. Only white space at the end of a Japanese line is lost; NUL counts as
    a space.
    """
    if not _JAPANESE.search(line):
        return _OTHER_WORD.findall(line)
    return [word.white_space + word.surface for word in words(line)]


def count_words(texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs in ``texts``."""
    counts: Counter[str] = Counter()
    for text in texts:
        for line in text.splitlines():
            counts.update(words_with_spaces(line))
    return counts
