"""The measures as the Swallow paper words them (Okazaki et al., NLP2024, section 2.2), where its code does otherwise.

Shares are of the characters of the text, line breaks not among them. Repetition is Gopher's (Rae et al.
2021, A.1.1) with characters for words: the most frequent n-gram counts by the characters it covers, repeated n-grams
by their occurrences among all, as the README of the authors' code says. What the paper leaves open, as where a
sentence ends, is taken from that code.
"""

from __future__ import annotations

from tesuki.common.code_points import code_points

from .japanese_letters import count_letters
from .ngrams import repeated_ngrams
from .repetition import repeats, share
from .sentences_swallow import sentences_by_line

_CLOSING = "。．！？!? \t\u3000"
_ELLIPSES = ("…", "‥", "・", "...")


def measure_letters(text: str) -> dict[str, float]:
    """Characters, and the shares of hiragana, katakana (ー and half-width included) and all Japanese letters."""
    counts = count_letters(text)
    characters = counts.characters - counts.breaks
    return {
        "characters": characters,
        "hiragana_share": share(counts.hiragana, characters),
        "katakana_share": share(counts.katakana, characters),
        "kanji_share": share(counts.kanji, characters),
        "japanese_share": share(counts.letters + counts.punctuation, characters),
    }


def measure_sentences(text: str) -> dict[str, float]:
    """Lengths of sentences, those that trail off, and repeated lines and sentences; blank lines don't count."""
    lines = sentences_by_line(text)
    sentences = [sentence for line in lines for sentence in line]
    paragraphs = ["".join(line) for line in lines if line]
    characters = sum(map(len, sentences))
    trailing = sum(sentence.rstrip(_CLOSING).endswith(_ELLIPSES) for sentence in sentences)
    repeated_paragraphs, characters_in_paragraphs = repeats(paragraphs)
    repeated_sentences, characters_in_sentences = repeats(sentences)
    return {
        "mean_sentence": share(characters, len(sentences)),
        "longest_sentence": max(map(len, sentences), default=0),
        "ellipsis_share": share(trailing, len(sentences)),
        "duplicate_paragraphs": share(repeated_paragraphs, len(paragraphs)),
        "duplicate_sentences": share(repeated_sentences, len(sentences)),
        "characters_in_duplicate_paragraphs": share(characters_in_paragraphs, characters),
        "characters_in_duplicate_sentences": share(characters_in_sentences, characters),
    }


def measure_ngrams(text: str) -> dict[str, float]:
    """Characters covered by the most frequent n-gram (n 2-4); n-grams that occur twice or more (n 5-10), by all three
    definitions there are: their occurrences among those of all (the README of the authors' code), the characters that
    later copies cover (Gopher's), their kinds among all kinds (the authors' code)."""
    codes = code_points(text)
    codes = codes[codes != 0x0A]
    measures: dict[str, float] = {}
    for ngrams in repeated_ngrams(codes, 2, 10):
        if ngrams.length <= 4:
            measures[f"top_{ngrams.length}gram"] = share(ngrams.top_coverage, len(codes))
        else:
            measures[f"duplicate_{ngrams.length}grams"] = share(len(ngrams.positions), ngrams.windows)
            measures[f"covered_{ngrams.length}grams"] = share(ngrams.later_coverage, len(codes))
            measures[f"different_{ngrams.length}grams"] = share(len(ngrams.starts), ngrams.kinds)
    return measures


def measure_swallow_paper(text: str) -> dict[str, float]:
    """All measures of a text by the paper."""
    return measure_letters(text) | measure_sentences(text) | measure_ngrams(text)
