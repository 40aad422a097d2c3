"""Which lines of a text are Japanese prose, and which are code, formulas, tables or another language."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from tesuki.common.code_points import code_points

from .japanese_letters import JAPANESE, LETTERS, VISIBLE, character_classes

JAPANESE_PART: Final = 0.3
"""Least share of Japanese among the characters of a line of prose: a sentence that names a command and its options
has more, a line of code with a comment less."""

JAPANESE_LETTERS_IN_LINE: Final = 10
"""A line of fewer Japanese than that is prose all the same where it has this many kana and kanji and is not indented
(code is): a sentence around a long address or formula."""


FOREIGN_WORDS: Final = 7
FOREIGN_LETTERS: Final = 0.85
FOREIGN_SMALL: Final = 0.5
"""Words of a run of prose in the Latin alphabet, the least share of their letters among its characters, and of the
words that begin with a small letter: code, menus and names of files have fewer of each."""

_RUN = re.compile("[A-Z][A-Za-z0-9 ,;:'’\"“”()./&-]{29,}")
_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z][a-z'’]*(?![A-Za-z])")


def prose_lines(text: str) -> list[str]:
    """The lines of ``text`` that are Japanese prose, in their order, without the blanks around them."""
    lines = text.split("\n")
    codes = code_points(text)
    classes = character_classes(codes)
    number = np.cumsum(codes == 0x0A)
    size = len(lines)
    visible = _count(number, VISIBLE[classes], size)
    japanese = _count(number, JAPANESE[classes], size)
    letters = _count(number, LETTERS[classes], size)
    mostly = (japanese >= JAPANESE_PART * visible) & (japanese > 0)
    chosen = np.flatnonzero(mostly | (letters >= JAPANESE_LETTERS_IN_LINE)).tolist()
    return [lines[line].strip() for line in chosen if mostly[line] or not lines[line][:1].isspace()]


def foreign_characters(text: str) -> int:
    """How many characters of ``text``, blanks aside, lie in prose in the Latin alphabet."""
    return sum(_foreign(run) for run in _RUN.findall(text))


def _foreign(run: str) -> int:
    words = _WORD.findall(run)
    characters = sum(map(len, run.split()))
    small = sum(word[0].islower() for word in words)
    enough = len(words) >= FOREIGN_WORDS and sum(map(len, words)) >= FOREIGN_LETTERS * characters
    return characters if enough and small >= FOREIGN_SMALL * len(words) else 0


def _count(number: npt.NDArray[np.intp], counted: npt.NDArray[np.bool_], size: int) -> npt.NDArray[np.intp]:
    return np.bincount(number[counted], minlength=size)
