"""Is this text Japanese? Decided by the scripts it is written in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from tesuki.common.code_points import UNICODE_SIZE, code_points
from tesuki.common.scripts import HIRAGANA as HIRAGANA_RANGES
from tesuki.common.scripts import KANJI
from tesuki.common.scripts import KATAKANA as KATAKANA_RANGES

from .class_tables import ClassTable, class_table
from .rules import KEPT, Verdict

RULE = "language.precise"

_SAMPLE = 20_000
"""Characters looked at from the start of a text: shares of scripts do not move after this many."""

OTHER, HIRAGANA, KATAKANA, HAN, HANGUL, LETTER = range(6)


@dataclass(frozen=True, slots=True)
class Scripts:
    """How many letters of a text belong to which script.

    ``japanese_han`` and ``chinese_han`` are han characters that only the Japanese character set (windows-31j), or only
    a Chinese one (GB 2312, Big5), has.
    """

    hiragana: int
    katakana: int
    han: int
    hangul: int
    other: int
    japanese_han: int
    chinese_han: int

    @property
    def letters(self) -> int:
        """All letters of all scripts."""
        return self.hiragana + self.katakana + self.han + self.hangul + self.other


def scripts(text: str) -> Scripts:
    """Count the scripts of a text's first `_SAMPLE` characters."""
    codes = code_points(text[:_SAMPLE])
    counts = np.bincount(_classes()[codes], minlength=6)
    standards = np.bincount(_standards()[codes], minlength=3)
    return Scripts(
        hiragana=int(counts[HIRAGANA]),
        katakana=int(counts[KATAKANA]),
        han=int(counts[HAN]),
        hangul=int(counts[HANGUL]),
        other=int(counts[LETTER]),
        japanese_han=int(standards[1]),
        chinese_han=int(standards[2]),
    )


JAPANESE_SHARE = 0.03
"""Least share of kana and Japanese han among all letters. Japanese prose has some 0.6; manuals full of code and foreign
names go down to this (of 769 extracted Japanese pages 5 lie below it, all without a Japanese sentence)."""

FOREIGN_WEIGHT = 2
"""A Chinese han character weighs this many kana: simplified Chinese has one in four characters, traditional one in
twenty, so a text that quotes Japanese stays Chinese, and one that quotes Chinese stays Japanese."""


def is_japanese(text: str) -> Verdict:
    """Keep a text that is Japanese; else the share or the ratio that decided, under the rule `RULE`.

    Kana decide, and where there are hardly any (statutes, names, Chinese read as Japanese) the han characters that only
    Japan writes: 図 広 込. Both are held against what only Chinese (们 說) or Korean writes.
    """
    found = scripts(text)
    japanese = found.hiragana + found.katakana + found.japanese_han
    share = japanese / found.letters if found.letters else 0.0
    if share < JAPANESE_SHARE:
        return Verdict(keep=False, rule=RULE, value=share, threshold=JAPANESE_SHARE)
    foreign = (FOREIGN_WEIGHT * found.chinese_han + found.hangul) / japanese
    if foreign > 1:
        return Verdict(keep=False, rule=RULE, value=foreign, threshold=1.0)
    return KEPT


@cache
def _classes() -> ClassTable:
    letters = ((code, code) for code in range(0x30000) if chr(code).isalpha())
    return class_table(
        (
            (LETTER, letters),
            (HIRAGANA, HIRAGANA_RANGES),
            (KATAKANA, KATAKANA_RANGES),
            (HAN, KANJI),
            (HANGUL, ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7A3))),
        )
    )


@cache
def _standards() -> ClassTable:
    table = np.zeros(UNICODE_SIZE, np.uint8)
    for code in range(0x4E00, 0xA000):
        japanese, chinese = _in("cp932", code), _in("gb2312", code) or _in("big5", code)
        if japanese != chinese:
            table[code] = 1 if japanese else 2
    return table


def _in(codec: str, code: int) -> bool:
    try:
        encoded = chr(code).encode(codec)
    except UnicodeEncodeError:
        return False
    return len(encoded) == 2
