"""The preset `swallow-code`: the thresholds of the published Swallow v1 code, cheap rules first.

The published function answers only keep or not, so the order of its tests shows nowhere; here n-grams are last.
"""

from __future__ import annotations

from .measures_swallow_code import measure_letters, measure_ngrams, measure_sentences
from .rules import Rule
from .stages import Stage

_SOURCE = "swallow-llm/swallow-corpus, quality.py, apply_v1"

SWALLOW_CODE = (
    Stage(
        measure_letters,
        (
            Rule("letters", "num_letters", "<", 400, _SOURCE),
            Rule("japanese_letters", "num_japanese_letters", "<", 400, _SOURCE),
            Rule("japanese_share", "japanese_fraction", "<", 0.5, _SOURCE),
            Rule("hiragana_share", "hiragana_fraction", "<", 0.2, _SOURCE),
            Rule("katakana_share", "katakana_fraction", ">", 0.5, _SOURCE),
        ),
    ),
    Stage(
        measure_sentences,
        (
            Rule("mean_sentence_short", "avg_sentence_length", "<", 20, _SOURCE),
            Rule("mean_sentence_long", "avg_sentence_length", ">", 90, _SOURCE),
            Rule("longest_sentence", "max_sentence_length", ">", 200, _SOURCE),
            Rule("ellipsis_endings", "ellipsis_fraction", ">", 0.2, _SOURCE),
            Rule("duplicate_paragraphs", "duplicate_paragraph_fraction", ">", 0.30, _SOURCE),
            Rule("duplicate_sentences", "duplicate_sentence_fraction", ">", 0.30, _SOURCE),
            Rule(
                "letters_in_duplicate_paragraphs",
                "duplicate_paragraph_fraction_in_character",
                ">",
                0.20,
                _SOURCE,
            ),
            Rule(
                "letters_in_duplicate_sentences",
                "duplicate_sentence_fraction_in_character",
                ">",
                0.20,
                _SOURCE,
            ),
        ),
    ),
    Stage(
        measure_ngrams,
        (
            Rule("top_2gram", "top_2gram_character_fraction", ">", 0.20, _SOURCE),
            Rule("top_3gram", "top_3gram_character_fraction", ">", 0.18, _SOURCE),
            Rule("top_4gram", "top_4gram_character_fraction", ">", 0.16, _SOURCE),
            Rule("duplicate_5gram", "duplicate_5gram_character_fraction", ">", 0.15, _SOURCE),
            Rule("duplicate_6gram", "duplicate_6gram_character_fraction", ">", 0.14, _SOURCE),
            Rule("duplicate_7gram", "duplicate_7gram_character_fraction", ">", 0.13, _SOURCE),
            Rule("duplicate_8gram", "duplicate_8gram_character_fraction", ">", 0.12, _SOURCE),
            Rule("duplicate_9gram", "duplicate_9gram_character_fraction", ">", 0.11, _SOURCE),
            Rule("duplicate_10gram", "duplicate_10gram_character_fraction", ">", 0.10, _SOURCE),
        ),
    ),
)
"""For repetition the thresholds of Gopher (Rae et al. 2021, table A1); the others were tuned by hand (NLP2024)."""
