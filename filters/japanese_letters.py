"""The letters of Japanese by the blocks of Unicode, half-width forms and the supplementary planes
included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tesuki.common.code_points import CodePoints, code_points
from tesuki.common.scripts import HIRAGANA, KANJI, KATAKANA

from .class_tables import class_table, count_classes

_HIRAGANA, _KATAKANA, _KANJI, _PUNCTUATION, _BREAK, _BLANK, _CLASSES = 1, 2, 3, 4, 5, 6, 7

_LETTERS: Final = class_table(
    (
        (_HIRAGANA, HIRAGANA),
        (_KATAKANA, KATAKANA),
        (_KANJI, KANJI),
        (_PUNCTUATION, tuple((ord(mark), ord(mark)) for mark in "、，。．！？｡､")),
        (_BREAK, ((0x0A, 0x0D), (0x85, 0x85), (0x2028, 0x2029))),
        (_BLANK, ((0x09, 0x09), (0x20, 0x20), (0xA0, 0xA0), (0x2000, 0x200B), (0x3000, 0x3000), (0xFEFF, 0xFEFF))),
    )
)


def _members(*classes: int) -> npt.NDArray[np.bool_]:
    member = np.zeros(_CLASSES, dtype=bool)
    member[list(classes)] = True
    return member


LETTERS: Final = _members(_HIRAGANA, _KATAKANA, _KANJI)
"""By class: kana and kanji."""

JAPANESE: Final = _members(_HIRAGANA, _KATAKANA, _KANJI, _PUNCTUATION)
"""By class: kana, kanji and Japanese punctuation."""

VISIBLE: Final = ~_members(_BREAK, _BLANK)
"""By class: what is not blank."""


def character_classes(codes: CodePoints) -> npt.NDArray[np.uint8]:
    """The class of each character, for `LETTERS`, `JAPANESE` and `VISIBLE`."""
    return _LETTERS[codes]


@dataclass(frozen=True, slots=True)
class LetterCounts:
    """How many characters of a text fall into each class; ``characters`` counts them all."""

    characters: int
    hiragana: int
    katakana: int
    kanji: int
    punctuation: int
    breaks: int
    blanks: int

    @property
    def letters(self) -> int:
        """Kana and kanji."""
        return self.hiragana + self.katakana + self.kanji


def count_letters(text: str) -> LetterCounts:
    """The characters of ``text`` by class."""
    counts = count_classes(code_points(text), _LETTERS, _CLASSES)
    return LetterCounts(len(text), *counts[_HIRAGANA:_CLASSES])
