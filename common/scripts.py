"""What is kana, what is kanji, what is Japanese: ranges of Unicode, and classes of regular expressions made of them.

Unicode 15.1, Blocks.txt and Scripts.txt, half-width forms and supplementary planes included. 々〆〇〻 count as kanji,
ー and the iteration marks ゝヽ as kana, the hexagrams between the kanji of extension A and the unified ones as nothing.
"""

from __future__ import annotations

from typing import Final

Ranges = tuple[tuple[int, int], ...]
"""First and last code points, both included."""

HIRAGANA: Final[Ranges] = ((0x3041, 0x3096), (0x3099, 0x309F), (0x1B001, 0x1B11F), (0x1B150, 0x1B152))

KATAKANA: Final[Ranges] = (
    *((0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)),
    *((0x1AFF0, 0x1AFFE), (0x1B000, 0x1B000), (0x1B120, 0x1B122), (0x1B155, 0x1B155), (0x1B164, 0x1B167)),
)

KANJI: Final[Ranges] = (
    *((0x3005, 0x3007), (0x303B, 0x303B), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)),
    *((0x20000, 0x2A6DF), (0x2A700, 0x2EBE0), (0x2EBF0, 0x2EE5D), (0x2F800, 0x2FA1F), (0x30000, 0x323AF)),
)


def character_class(*scripts: Ranges) -> str:
    """The inside of a class of a regular expression: ``re.compile(f"[{character_class(KANJI)}]")``."""
    return "".join(f"{chr(first)}-{chr(last)}" for ranges in scripts for first, last in ranges)


JAPANESE_LETTERS: Final = character_class(HIRAGANA, KATAKANA, KANJI)
"""Kana and kanji, as the inside of a class of a regular expression."""
