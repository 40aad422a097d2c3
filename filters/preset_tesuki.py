"""The preset `tesuki`: Swallow's thresholds on our own measures. docs/quality-rules.md argues each row."""

from __future__ import annotations

from typing import Final

from .measures_tesuki import measure_letters, measure_ngrams, measure_sentences
from .rules import Rule
from .stages import Stage

_SOURCE: Final = "Okazaki et al. NLP2024, section 2.2; docs/quality-rules.md"
_GOPHER: Final = "Rae et al. 2021 (Gopher), table A1, two characters to a word; docs/quality-rules.md"

TESUKI: Final = (
    Stage(
        measure_letters,
        (
            Rule("characters", "characters", "<", 400, _SOURCE),
            Rule("japanese_letters", "japanese_letters", "<", 400, _SOURCE),
            Rule("japanese_share", "japanese_share", "<", 0.5, _SOURCE),
            Rule("hiragana_share", "hiragana_share", "<", 0.2, _SOURCE),
            Rule("katakana_share", "katakana_share", ">", 0.5, _SOURCE),
        ),
    ),
    Stage(
        measure_sentences,
        (
            Rule("mean_sentence_short", "mean_sentence", "<", 20, _SOURCE),
            Rule("mean_sentence_long", "mean_sentence", ">", 90, _SOURCE),
            Rule("longest_sentence", "longest_sentence", ">", 200, _SOURCE),
            Rule("ellipsis_endings", "ellipsis_share", ">", 0.2, _SOURCE),
            Rule("duplicate_paragraphs", "duplicate_paragraphs", ">", 0.30, _GOPHER),
            Rule("duplicate_sentences", "duplicate_sentences", ">", 0.30, _GOPHER),
            Rule("characters_in_duplicate_paragraphs", "characters_in_duplicate_paragraphs", ">", 0.20, _GOPHER),
            Rule("characters_in_duplicate_sentences", "characters_in_duplicate_sentences", ">", 0.20, _GOPHER),
        ),
    ),
    Stage(
        measure_ngrams,
        (
            Rule("top_4gram", "top_4gram", ">", 0.20, _GOPHER),
            Rule("top_6gram", "top_6gram", ">", 0.18, _GOPHER),
            Rule("top_8gram", "top_8gram", ">", 0.16, _GOPHER),
            Rule("duplicate_10grams", "duplicate_10grams", ">", 0.15, _GOPHER),
            Rule("duplicate_12grams", "duplicate_12grams", ">", 0.14, _GOPHER),
            Rule("duplicate_14grams", "duplicate_14grams", ">", 0.13, _GOPHER),
            Rule("duplicate_16grams", "duplicate_16grams", ">", 0.12, _GOPHER),
            Rule("duplicate_18grams", "duplicate_18grams", ">", 0.11, _GOPHER),
            Rule("duplicate_20grams", "duplicate_20grams", ">", 0.10, _GOPHER),
        ),
    ),
)
