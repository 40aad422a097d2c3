"""Our own measures: Swallow's questions, asked of what a reader sees. docs/quality-rules.md argues each
departure.

Characters are those that are not blank. Kanji outside the basic plane, ー and half-width katakana are
letters like the others. Sentences end where a reader would end them. Lines are compared without the blanks
around them, and blank lines are none. N-grams count by the characters they cover; of a repeated one only the
later copies count, as of a repeated line; and they are twice as long as Gopher's in words, a Japanese word
having two characters.
"""

from __future__ import annotations

from tesuki.common.code_points import code_points

from .japanese_letters import count_letters
from .ngrams import repeated_ngrams
from .repetition import repeats, share
from .sentences import sentences

CHARACTERS_PER_WORD = 2
"""Short units of UniDic hold 1.77 characters on average (98,172 words of the development pages, unidic-lite
1.0.8)."""

_TOP = frozenset(CHARACTERS_PER_WORD * words for words in (2, 3, 4))
_DUPLICATE = frozenset(CHARACTERS_PER_WORD * words for words in range(5, 11))
"""Gopher's lengths in words (Rae et al. 2021, table A1)."""

_CLOSING = "。．！？!?」』）)】”’"
_ELLIPSES = ("…", "‥", "・・", "...", "．．．", "。。。")


def measure_letters(text: str) -> dict[str, float]:
    """Characters and Japanese letters (kana and kanji), and their shares; of the kana in the letters."""
    counts = count_letters(text)
    characters = counts.characters - counts.breaks - counts.blanks
    return {
        "characters": characters,
        "japanese_letters": counts.letters,
        "hiragana_share": share(counts.hiragana, counts.letters),
        "katakana_share": share(counts.katakana, counts.letters),
        "kanji_share": share(counts.kanji, counts.letters),
        "japanese_share": share(counts.letters + counts.punctuation, characters),
    }


def measure_sentences(text: str) -> dict[str, float]:
    """Lengths of sentences, those that trail off, and repeated lines and sentences."""
    lines = [stripped for line in text.splitlines() if (stripped := line.strip())]
    found = [sentence for line in lines for sentence in sentences(line)]
    characters = sum(map(len, found))
    trailing = sum(sentence.endswith(_ELLIPSES) or _trails_off(sentence) for sentence in found)
    repeated_lines, characters_in_lines = repeats(lines)
    repeated_sentences, characters_in_sentences = repeats(found)
    return {
        "mean_sentence": share(characters, len(found)),
        "longest_sentence": max(map(len, found), default=0),
        "ellipsis_share": share(trailing, len(found)),
        "duplicate_paragraphs": share(repeated_lines, len(lines)),
        "duplicate_sentences": share(repeated_sentences, len(found)),
        "characters_in_duplicate_paragraphs": share(characters_in_lines, sum(map(len, lines))),
        "characters_in_duplicate_sentences": share(characters_in_sentences, characters),
    }


def measure_ngrams(text: str) -> dict[str, float]:
    """Characters covered by the most frequent n-gram, and by n-grams that have stood before; without
    blanks."""
    codes = code_points("".join(text.split()))
    measures: dict[str, float] = {}
    for ngrams in repeated_ngrams(codes, min(_TOP), max(_DUPLICATE)):
        if ngrams.length in _TOP:
            measures[f"top_{ngrams.length}gram"] = share(ngrams.top_coverage, len(codes))
        if ngrams.length in _DUPLICATE:
            measures[f"duplicate_{ngrams.length}grams"] = share(ngrams.later_coverage, len(codes))
    return measures


def measure_tesuki(text: str) -> dict[str, float]:
    """All our own measures of a text."""
    return measure_letters(text) | measure_sentences(text) | measure_ngrams(text)


def _trails_off(sentence: str) -> bool:
    return sentence.rstrip(_CLOSING).endswith(_ELLIPSES)
