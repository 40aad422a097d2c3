"""The measures of the published Swallow corpus v1 code, number for number.

Names, definitions and denominators are those of ``quality.py`` in swallow-llm/swallow-corpus (N. Okazaki, 2023-2024),
also where its README says otherwise. Where that code stops with an exception the values here are defined: a text
shorter than n characters has a top n-gram share of 0, a text without a sentence a longest sentence of 0.
"""

from __future__ import annotations

import numpy as np

from tesuki.common.code_points import CodePoints, code_points

from .class_tables import class_table, count_classes
from .ngrams import repeated_ngrams
from .repetition import repeats, share
from .sentences_swallow import sentences_by_line

_HIRAGANA, _KATAKANA, _KANJI, _KUTEN, _TOTEN, _SURROGATE, _CLASSES = 1, 2, 3, 4, 5, 6, 7
_TABLE = class_table(
    (
        (_HIRAGANA, ((0x3041, 0x3096),)),
        (_KATAKANA, ((0x30A1, 0x30FA),)),
        (_KANJI, ((0x3400, 0x9FFF), (0xF900, 0xFAFF), *((ord(c), ord(c)) for c in "々〇〻"))),
        (_KUTEN, tuple((ord(c), ord(c)) for c in "。．！？")),
        (_TOTEN, tuple((ord(c), ord(c)) for c in "、，")),
        (_SURROGATE, ((0xD800, 0xDFFF),)),
    )
)
"""quality.py, ``count_japanese_letters``: no ー, no half-width kana, no kanji outside the basic plane."""


def measure_letters(text: str) -> dict[str, float]:
    """Counts of letters by class and their shares; shares of a class are of the Japanese letters."""
    codes = code_points(text)
    counts = count_classes(codes, _TABLE, _CLASSES)
    kanji = counts[_KANJI] + (_kanji_in_surrogates(codes) if counts[_SURROGATE] else 0)
    hiragana, katakana, kuten, toten = (counts[c] for c in (_HIRAGANA, _KATAKANA, _KUTEN, _TOTEN))
    japanese = hiragana + katakana + kanji + kuten + toten
    return {
        "num_letters": len(text),
        "num_hiragana_letters": hiragana,
        "num_katakana_letters": katakana,
        "num_kanji_letters": kanji,
        "num_kuten": kuten,
        "num_toten": toten,
        "num_japanese_letters": japanese,
        "hiragana_fraction": share(hiragana, japanese),
        "katakana_fraction": share(katakana, japanese),
        "kanji_fraction": share(kanji, japanese),
        "kuten_fraction": share(kuten, japanese),
        "toten_fraction": share(toten, japanese),
        "japanese_fraction": share(japanese, len(text)),
    }


def measure_sentences(text: str) -> dict[str, float]:
    """Lengths of sentences, endings in ・ or …, and lines and sentences that say what another has said."""
    lines = sentences_by_line(text)
    sentences = [sentence for line in lines for sentence in line]
    paragraphs = ["".join(line) for line in lines]
    letters = sum(map(len, sentences))
    ellipses = sum(sentence.rstrip()[-1:] in ("・", "…") for sentence in sentences)
    repeated_paragraphs, letters_in_paragraphs = repeats(paragraphs)
    repeated_sentences, letters_in_sentences = repeats(sentences)
    return {
        "avg_sentence_length": share(letters, len(sentences)),
        "max_sentence_length": max(map(len, sentences), default=0),
        "num_sentences_ending_with_ellipsis": ellipses,
        "ellipsis_fraction": share(ellipses, len(sentences)),
        "duplicate_paragraph_fraction": share(repeated_paragraphs, len(paragraphs)),
        "duplicate_paragraph_fraction_in_character": share(letters_in_paragraphs, letters),
        "duplicate_sentence_fraction": share(repeated_sentences, len(sentences)),
        "duplicate_sentence_fraction_in_character": share(letters_in_sentences, letters),
    }


def measure_ngrams(text: str) -> dict[str, float]:
    """Top n-grams (n 2-4) as a share of all, duplicates (n 5-10) as a share of the different n-grams."""
    measures: dict[str, float] = {}
    for ngrams in repeated_ngrams(code_points(text), 2, 10):
        if ngrams.length <= 4:
            name = f"top_{ngrams.length}gram_character_fraction"
            measures[name] = share(ngrams.top_frequency, ngrams.windows)
        else:
            name = f"duplicate_{ngrams.length}gram_character_fraction"
            measures[name] = share(len(ngrams.starts), ngrams.kinds)
    return measures


def measure_swallow_code(text: str) -> dict[str, float]:
    """All measures of a text by the published code, under the names its README gives them."""
    return measure_letters(text) | measure_sentences(text) | measure_ngrams(text)


def _kanji_in_surrogates(codes: CodePoints) -> int:
    """Pairs of lone surrogates the published pattern takes for a kanji (its second alternative)."""
    lead = (codes[:-1] >= 0xD840) & (codes[:-1] <= 0xD87F)
    trail = (codes[1:] >= 0xDC00) & (codes[1:] <= 0xDFFF)
    return int(np.count_nonzero(lead & trail))
