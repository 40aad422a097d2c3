"""Words of a text, for tokenizer training: pieces must not cross the boundary of a word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from tesuki.common.morphology import require_dictionary, words
from tesuki.common.scripts import HIRAGANA, JAPANESE_LETTERS, KANJI, KATAKANA, character_class

WordsBy = Literal["dictionary", "script"]
"""What says where a Japanese word ends: UniDic (the extra `dictionary`), or the change from one script to another."""

_JAPANESE = re.compile(f"[{JAPANESE_LETTERS}]")
_OTHER_WORD = re.compile(r" *[^ ]+| +$")
_RUN_OF_A_SCRIPT = re.compile(
    rf" *(?:[{character_class(HIRAGANA)}]+|[{character_class(KATAKANA)}]+|[{character_class(KANJI)}]+"
    rf"|[^\W{JAPANESE_LETTERS}]+|[^ ])| +$"
)


def words_with_spaces(line: str) -> list[str]:
    """The words of one line, each with the white space before it; joined they are the line.

    Lines without Japanese are parted at spaces. Only white space at the end of a Japanese line is lost; NUL counts as
    a space.
    """
    if not _JAPANESE.search(line):
        return _OTHER_WORD.findall(line)
    return [word.white_space + word.surface for word in words(line)]


def script_runs_with_spaces(line: str) -> list[str]:
    """The runs of one script of a line, each with the spaces before it; joined they are the line.

    Hiragana, katakana, kanji, letters and digits of elsewhere, and every other character alone. Lines without Japanese
    are parted at spaces.
    """
    return (_RUN_OF_A_SCRIPT if _JAPANESE.search(line) else _OTHER_WORD).findall(line)


WORDS_BY: Mapping[WordsBy, Callable[[str], list[str]]] = {
    "dictionary": words_with_spaces,
    "script": script_runs_with_spaces,
}
"""How a line is parted, by the name a recipe gives."""


def require_words(words_by: WordsBy) -> None:
    """Raise ValueError where text can't be parted ``words_by`` here."""
    if words_by == "dictionary":
        require_dictionary("dictionary")


def count_words(texts: Iterable[str], words_of: Callable[[str], list[str]] = words_with_spaces) -> Counter[str]:
    """How often each word occurs in ``texts``."""
    counts: Counter[str] = Counter()
    for text in texts:
        for line in text.splitlines():
            counts.update(words_of(line))
    return counts
