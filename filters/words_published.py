"""Words found as published programs find them, without the guards of `words`: their false hits are theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from .words import Finder, WordFinder

_KATAKANA: Final = "[ァ-ヴー]"


def longest_match(lines: Iterable[str]) -> Finder:
    """Swallow v1: at each place the longest word of the list, then on behind it; each line is a word as it stands,
    blanks at its ends included (swallow-llm/swallow-corpus, ngword.py)."""
    return WordFinder(tuple(dict.fromkeys(line for line in lines if line)), exceptions=(), whole=())


@dataclass(frozen=True)
class FirstMatch:
    """LLM-jp v1: at each place the first word of the list that fits (HojiChar 0.9, ``DiscardAds``,
    ``NgWordsFilterJa``).

    With ``confused`` katakana words come last, and hit only where no katakana stands beside them. Whatever that program
    does, a list of nothing but katakana then hits everywhere: before the first of them stands an empty word.
    """

    words: tuple[str, ...]
    confused: bool

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end of every hit, ascending."""
        return [match.span() for match in self._pattern.finditer(text)]

    def matched_characters(self, text: str) -> int:
        """How many characters of ``text`` lie in hits."""
        return sum(end - start for start, end in self.spans(text))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        if not self.confused:
            return re.compile("|".join(map(re.escape, self.words)))
        katakana = [word for word in self.words if re.fullmatch(f"{_KATAKANA}+", word)]
        others = "|".join(re.escape(word) for word in self.words if word not in set(katakana))
        guarded = f"(?<!{_KATAKANA})(?:{'|'.join(map(re.escape, katakana))})(?!{_KATAKANA})"
        return re.compile(f"{others}|{guarded}")

    def __getstate__(self) -> dict[str, object]:
        """The list without the pattern, which each process compiles for itself."""
        return {"words": self.words, "confused": self.confused}


def first_match(lines: Iterable[str], *, confused: bool) -> Finder:
    """The words of ``lines`` without blanks at their ends, as `FirstMatch` finds them."""
    return FirstMatch(tuple(line.strip() for line in lines if line), confused)
