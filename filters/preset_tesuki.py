"""The preset `tesuki`: is there enough Japanese prose, and is it said once? docs/quality-rules.md argues each row."""

from __future__ import annotations

from typing import Final

from .forms import measure_forms
from .measures_tesuki import measure_letters, measure_ngrams, measure_sentences
from .pages import measure_pages
from .phrases import measure_phrases
from .rules import Rule
from .stages import Stage

_OURS: Final = "ours; docs/quality-rules.md"
_SWALLOW: Final = "Okazaki et al. NLP2024, section 2.2; docs/quality-rules.md"
_GOPHER: Final = "Rae et al. 2021 (Gopher), table A1; docs/quality-rules.md"
_WITHOUT_STOPS: Final = ("form_verse", "form_katakana")
_REPEATING: Final = ("form_statute", "form_minutes", "form_questions", "form_verse")

TESUKI: Final = (
    Stage(measure_forms, ()),
    Stage(
        measure_phrases,
        (
            Rule("selling", "selling_density", ">", 3, _OURS),
            Rule("legal_terms", "legal_density", ">", 5, _OURS),
            Rule("notices", "notice_density", ">", 6, _OURS),
            Rule("companies", "company_density", ">", 6, _OURS),
            Rule("shops", "shop_density", ">", 7, _OURS),
            Rule("recommending", "recommending_density", ">", 5, _OURS),
        ),
    ),
    Stage(
        measure_letters,
        (
            Rule("characters", "characters", "<", 200, _OURS),
            Rule("prose_share", "prose_share", "<", 0.1, _OURS),
            Rule("foreign_share", "foreign_share", ">", 0.2, _OURS, ("form_paper",)),
            Rule("foreign_share_of_papers", "foreign_share", ">", 0.5, _OURS),
            Rule("hiragana_share", "hiragana_share", "<", 0.2, _SWALLOW, ("form_katakana",)),
            Rule("katakana_share", "katakana_share", ">", 0.5, _SWALLOW, ("form_katakana",)),
        ),
    ),
    Stage(
        measure_pages,
        (
            Rule("garbled_share", "garbled_share", ">", 0.02, _OURS),
            Rule("characters_a_page", "characters_a_page", "<", 50, _OURS, ("form_unpaged",)),
        ),
    ),
    Stage(
        measure_sentences,
        (
            Rule("whole_sentences", "whole_sentences", "<", 250, _OURS, _WITHOUT_STOPS),
            Rule("whole_sentence_share", "whole_sentence_share", "<", 0.1, _OURS, (*_WITHOUT_STOPS, "form_minutes")),
            Rule("mean_sentence_long", "mean_sentence", ">", 120, _OURS, ("form_statute",)),
            Rule("long_sentences", "long_sentence_share", ">", 0.5, _SWALLOW, ("form_statute",)),
            Rule("ellipsis_endings", "ellipsis_share", ">", 0.2, _SWALLOW),
            Rule("characters_in_duplicate_paragraphs", "characters_in_duplicate_paragraphs", ">", 0.20, _GOPHER),
            Rule("characters_in_duplicate_sentences", "characters_in_duplicate_sentences", ">", 0.20, _GOPHER),
        ),
    ),
    Stage(
        measure_ngrams,
        (
            Rule("duplicate_10grams", "duplicate_10grams", ">", 0.50, _OURS, _REPEATING),
            Rule("duplicate_20grams", "duplicate_20grams", ">", 0.30, _OURS, _REPEATING),
            Rule("duplicate_20grams_of_forms", "duplicate_20grams", ">", 0.60, _OURS),
        ),
    ),
)
