"""Our own measures: of the Japanese prose in a text, as a reader sees it. docs/quality-rules.md argues each.

Characters are those that are not blank. Prose is the lines that are Japanese: code, formulas and quotations in other
scripts stand beside it and don't count against it. Kanji outside the basic plane, ー and half-width katakana are
letters like the others. Sentences end where a reader would end them, and a whole sentence is one that ends. N-grams
count by the characters that later copies cover, within stretches of some 2,000 characters: in a whole book every
phrase comes back.
"""

from __future__ import annotations

from typing import Final

from tesuki.common.code_points import code_points

from .japanese_letters import count_letters
from .ngrams import repeated_ngrams
from .prose import foreign_characters, prose_lines
from .repetition import repeats, share
from .sentences import is_whole, sentences

WINDOW: Final = 2_000
"""Characters within which repetition is looked for, about: a text is cut into equal stretches of this order."""

LONG_SENTENCE: Final = 200
"""Characters of a sentence that is no sentence but a list, a table or text without full stops (NLP2024)."""

REPEATED: Final = (10, 20)
"""Lengths of n-grams: Gopher's 5 and 10 words (Rae et al. 2021, table A1), at two characters a word. Short units of
UniDic hold 1.77 characters on average (98,172 words of the development pages, unidic-lite 1.0.8)."""

_CLOSING = "。．！？!?」』）)】”’"
_ELLIPSES = ("…", "‥", "・・", "...", "．．．", "。。。")


def measure_letters(text: str) -> dict[str, float]:
    """Characters, the shares of prose and of prose in other languages, the letters (kana and kanji) of the prose."""
    everything = count_letters(text)
    prose = count_letters("\n".join(prose_lines(text)))
    characters = everything.characters - everything.breaks - everything.blanks
    return {
        "characters": characters,
        "prose_share": share(prose.characters - prose.breaks - prose.blanks, characters),
        "japanese_letters": prose.letters,
        "hiragana_share": share(prose.hiragana, prose.letters),
        "katakana_share": share(prose.katakana, prose.letters),
        "kanji_share": share(prose.kanji, prose.letters),
        "foreign_share": share(foreign_characters(text), characters),
        "japanese_share": share(everything.letters + everything.punctuation, characters),
    }


def measure_sentences(text: str) -> dict[str, float]:
    """Whole sentences and their length, sentences far too long, those that trail off, repeated lines and sentences."""
    lines = prose_lines(text)
    found = [sentence for line in lines for sentence in sentences(line)]
    whole = [len(sentence) for sentence in found if is_whole(sentence)]
    characters = sum(map(len, found))
    too_long = sum(len(sentence) for sentence in found if len(sentence) > LONG_SENTENCE)
    trailing = sum(sentence.endswith(_ELLIPSES) or _trails_off(sentence) for sentence in found)
    repeated_lines, characters_in_lines = repeats(lines)
    repeated_sentences, characters_in_sentences = repeats(found)
    return {
        "whole_sentences": sum(whole),
        "whole_sentence_share": share(sum(whole), characters),
        "mean_sentence": share(sum(whole), len(whole)),
        "long_sentence_share": share(too_long, characters),
        "ellipsis_share": share(trailing, len(found)),
        "duplicate_paragraphs": share(repeated_lines, len(lines)),
        "duplicate_sentences": share(repeated_sentences, len(found)),
        "characters_in_duplicate_paragraphs": share(characters_in_lines, sum(map(len, lines))),
        "characters_in_duplicate_sentences": share(characters_in_sentences, characters),
    }


def measure_ngrams(text: str) -> dict[str, float]:
    """Characters of the prose that lie in n-grams which have stood before within the same stretch; without blanks."""
    codes = code_points("".join("".join(prose_lines(text)).split()))
    stretches = max(round(len(codes) / WINDOW), 1)
    window = max(-(-len(codes) // stretches), 1)
    return {
        f"duplicate_{ngrams.length}grams": share(ngrams.later_coverage, len(codes))
        for ngrams in repeated_ngrams(codes, min(REPEATED), max(REPEATED), window)
        if ngrams.length in REPEATED
    }


def _trails_off(sentence: str) -> bool:
    return sentence.rstrip(_CLOSING).endswith(_ELLIPSES)
