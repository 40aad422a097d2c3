"""The presets `swallow-paper`: rules as the Swallow paper words them, with a named choice of what it leaves open."""

from __future__ import annotations

from typing import Final

from .measures_swallow_paper import measure_letters, measure_ngrams, measure_sentences
from .rules import Rule
from .stages import Stage

_SOURCE: Final = "Okazaki et al. NLP2024, section 2.2"
_GOPHER: Final = "Rae et al. 2021 (Gopher), table A1, with characters for words (NLP2024, section 2.2)"

_MOST: Final = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}


def _duplicates(definition: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(f"{definition}_{n}grams", f"{definition}_{n}grams", ">", most, _GOPHER) for n, most in _MOST.items()
    )


SWALLOW_PAPER: Final = (
    Stage(
        measure_letters,
        (
            Rule("characters", "characters", "<", 400, _SOURCE),
            Rule("japanese_share", "japanese_share", "<", 0.5, _SOURCE),
            Rule("hiragana_share", "hiragana_share", "<", 0.2, _SOURCE),
            Rule("katakana_share", "katakana_share", ">=", 0.5, _SOURCE),
        ),
    ),
    Stage(
        measure_sentences,
        (
            Rule("mean_sentence_short", "mean_sentence", "<", 20, _SOURCE),
            Rule("mean_sentence_long", "mean_sentence", ">", 90, _SOURCE),
            Rule("longest_sentence", "longest_sentence", ">=", 200, _SOURCE),
            Rule("ellipsis_endings", "ellipsis_share", ">=", 0.2, _SOURCE),
            Rule("duplicate_paragraphs", "duplicate_paragraphs", ">", 0.30, _GOPHER),
            Rule("duplicate_sentences", "duplicate_sentences", ">", 0.30, _GOPHER),
            Rule("characters_in_duplicate_paragraphs", "characters_in_duplicate_paragraphs", ">", 0.20, _GOPHER),
            Rule("characters_in_duplicate_sentences", "characters_in_duplicate_sentences", ">", 0.20, _GOPHER),
        ),
    ),
    Stage(
        measure_ngrams,
        (
            Rule("top_2gram", "top_2gram", ">", 0.20, _GOPHER),
            Rule("top_3gram", "top_3gram", ">", 0.18, _GOPHER),
            Rule("top_4gram", "top_4gram", ">", 0.16, _GOPHER),
            *_duplicates("duplicate"),
        ),
    ),
)
"""Repeated n-grams by their occurrences, as the README of the authors' code has them."""


def _by(definition: str) -> tuple[Stage, ...]:
    *others, ngrams = SWALLOW_PAPER
    top = tuple(rule for rule in ngrams.rules if rule.name.startswith("top"))
    return (*others, Stage(measure_ngrams, (*top, *_duplicates(definition))))


SWALLOW_PAPER_COVERED: Final = _by("covered")
"""By the characters that later copies cover, as Gopher words it."""

SWALLOW_PAPER_DIFFERENT: Final = _by("different")
"""By their kinds among all kinds, as the authors' code has them."""
