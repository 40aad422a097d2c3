"""The letters of Japanese by the blocks of Unicode, half-width forms and the supplementary planes
included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .code_points import class_table, code_points, count_classes

_HIRAGANA, _KATAKANA, _KANJI, _PUNCTUATION, _BREAK, _BLANK, _CLASSES = 1, 2, 3, 4, 5, 6, 7

_LETTERS: Final = class_table(
    (
        (_HIRAGANA, ((0x3041, 0x3096), (0x3099, 0x309F), (0x1B001, 0x1B11F), (0x1B150, 0x1B152))),
        (
            _KATAKANA,
            (
                *((0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)),
                *((0x1AFF0, 0x1AFFE), (0x1B000, 0x1B000), (0x1B120, 0x1B122), (0x1B155, 0x1B155)),
                (0x1B164, 0x1B167),
            ),
        ),
        (
            _KANJI,
            (
                *((0x3005, 0x3007), (0x303B, 0x303B), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)),
                *((0x20000, 0x2A6DF), (0x2A700, 0x2EBE0), (0x2EBF0, 0x2EE5D), (0x2F800, 0x2FA1F)),
                (0x30000, 0x323AF),
            ),
        ),
        (_PUNCTUATION, tuple((ord(mark), ord(mark)) for mark in "、，。．！？｡､")),
        (_BREAK, ((0x0A, 0x0D), (0x85, 0x85), (0x2028, 0x2029))),
        (_BLANK, ((0x09, 0x09), (0x20, 0x20), (0xA0, 0xA0), (0x2000, 0x200B), (0x3000, 0x3000), (0xFEFF, 0xFEFF))),
    )
)
"""Unicode 15.1, Blocks.txt and Scripts.txt; 々〆〇〻 count as kanji, ー and the iteration marks ゝヽ as
kana, and the hexagrams between the kanji of extension A and the unified ones as nothing."""


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
