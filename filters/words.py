"""Finding the words of a list in a text: Aho-Corasick, of overlapping words the leftmost, of those the longest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol

import ahocorasick_rs

DEFAULT_EXCEPTIONS: Final = tuple(
    Path(__file__).with_name("word_exceptions.txt").read_text(encoding="utf-8").splitlines()
)
"""Harmless words that hold a harmful one (児童, ピエロ): a list of our own, begun from those the Swallow
paper and HojiChar's documentation name."""

_FOLD: Final = {
    **{hiragana: hiragana + 0x60 for hiragana in range(0x3041, 0x3097)},
    **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)},
    **{half: ord(unicodedata.normalize("NFKC", chr(half))) for half in range(0xFF61, 0xFF9E)},
    **{upper: upper + 0x20 for upper in range(0x41, 0x5B)},
    **{wide: wide - 0xFEE0 + 0x20 for wide in range(0xFF21, 0xFF3B)},
    0xFF9E: 0x309B,
    0xFF9F: 0x309C,
    0x3099: 0x309B,
    0x309A: 0x309C,
}
"""One character to one: hiragana to katakana, half- and full-width forms to the usual one, capitals to small."""

_INSIDE_WORD: Final = {
    "latin": re.compile("[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]"),
    "katakana": re.compile("[ァ-ヺーｦ-ﾟ]"),
}


class Finder(Protocol):
    """Whatever finds the words of a list."""

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end of every hit, in characters of ``text``, ascending and apart from one another."""

    def matched_characters(self, text: str) -> int:
        """How many characters of ``text`` lie in hits."""


@dataclass(frozen=True)
class WordFinder:
    """A list made ready. ``exceptions`` are words that are no hit and hide what they hold.

    With ``variants`` hiragana, katakana, half- and full-width and capital forms of a word are the same word.
    ``whole`` names scripts (``latin``, ``katakana``) whose words hit only where no letter of that script
    stands beside them: of the hits of a public list on the development pages four in five were inside a
    longer katakana word, and none of those was meant (docs/quality-rules.md).
    """

    words: tuple[str, ...]
    exceptions: tuple[str, ...] = DEFAULT_EXCEPTIONS
    variants: bool = False
    whole: tuple[str, ...] = ("latin", "katakana")

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end of every hit, in characters of ``text``, ascending and apart from one another."""
        automaton, harmful = self._automaton
        if automaton is None:
            return []
        searched = text.translate(_FOLD) if self.variants else text
        searched = searched.encode("utf-8", "replace").decode("utf-8")
        return [
            (start, end)
            for index, start, end in automaton.find_matches_as_indexes(searched)
            if index < harmful and not self._inside_a_word(text, start, end)
        ]

    def matched_characters(self, text: str) -> int:
        """How many characters of ``text`` lie in hits."""
        return sum(end - start for start, end in self.spans(text))

    def _inside_a_word(self, text: str, start: int, end: int) -> bool:
        letters = [_INSIDE_WORD[script] for script in self.whole]
        return any(
            all(map(letter.match, text[start:end]))
            and (letter.match(text[start - 1 : start]) or letter.match(text[end : end + 1]))
            for letter in letters
        )

    @cached_property
    def _automaton(self) -> tuple[ahocorasick_rs.AhoCorasick | None, int]:
        """The automaton over harmful words, then exceptions; and how many patterns are harmful words."""
        harmless = _patterns(self.exceptions, self.variants)
        harmful = [pattern for pattern in _patterns(self.words, self.variants) if pattern not in harmless]
        if not harmful:
            return None, 0
        patterns = [*harmful, *harmless]
        kind = ahocorasick_rs.MatchKind.LeftmostLongest
        return ahocorasick_rs.AhoCorasick(patterns, matchkind=kind), len(harmful)

    def __getstate__(self) -> dict[str, object]:
        """The lists without the automaton, which each process builds for itself."""
        return {name: value for name, value in self.__dict__.items() if name != "_automaton"}


def words_of(lines: Iterable[str]) -> tuple[str, ...]:
    """The words of a plain list, one a line; blank lines and lines that begin with ``#`` say nothing."""
    stripped = (line.strip() for line in lines)
    return tuple(dict.fromkeys(word for word in stripped if word and not word.startswith("#")))


def _patterns(words: Iterable[str], variants: bool) -> dict[str, None]:
    """The words as they are searched, each once; with variants, voiced kana in one piece and in two."""
    if not variants:
        return dict.fromkeys(words)
    folded = [unicodedata.normalize("NFC", word).translate(_FOLD) for word in words]
    return dict.fromkeys([*folded, *(_in_pieces(word) for word in folded)])


def _in_pieces(word: str) -> str:
    """The voiced kana of a folded word as the plain kana and its mark, as half-width text writes them."""
    return unicodedata.normalize("NFD", word).translate(_FOLD)
