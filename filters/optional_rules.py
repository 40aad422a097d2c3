"""Rules a recipe can add to its preset by name: what other Japanese corpora measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tesuki.common.morphology import require_dictionary

from .measures_compression import measure_compression
from .measures_lines import measure_character_repetition, measure_character_runs, measure_lines
from .measures_morphology import measure_morphology
from .pages import measure_pages
from .rules import Rule
from .stages import Stage

_LLM_JP: Final = "llm-jp/llm-jp-corpus v1, scripts/filters.py"
_HOJICHAR: Final = "HojiChar, filters/document_filters.py"
_GOPHER: Final = "Rae et al. 2021 (Gopher), A.1.1"
_OURS: Final = "docs/quality-rules.md"

OPTIONAL: Final[Mapping[str, Stage]] = {
    "compression": Stage(
        measure_compression,
        (
            Rule("compresses_too_well", "compression_ratio", "<", 0.30, _LLM_JP),
            Rule("compresses_too_badly", "compression_ratio", ">", 0.70, _LLM_JP),
        ),
    ),
    "lines": Stage(
        measure_lines,
        (
            Rule("short_lines", "short_line_share", ">", 0.5, _HOJICHAR),
            Rule("ellipsis_lines", "ellipsis_line_share", ">", 0.3, _GOPHER),
            Rule("list_lines", "list_line_share", ">", 0.9, _GOPHER),
        ),
    ),
    "character_runs": Stage(
        measure_character_runs, (Rule("character_run", "longest_character_run", ">=", 200, _HOJICHAR),)
    ),
    "character_repetition": Stage(
        measure_character_repetition,
        (Rule("character_repetition", "character_repetition", ">=", 0.33, _HOJICHAR),),
    ),
    "pages": Stage(measure_pages, (Rule("pages", "pages", ">", 500, _OURS),)),
    "morphology": Stage(
        measure_morphology,
        (
            Rule("nouns", "noun_share", ">=", 0.80, _HOJICHAR),
            Rule("unknown_words", "unknown_word_share", ">", 0.10, _OURS),
            Rule("sentences_without_predicate", "sentences_without_predicate", ">", 0.75, _OURS),
        ),
    ),
}
"""By the name a recipe gives. None is part of a preset; each is measured only where it is asked for."""


def optional_stages(names: Iterable[str]) -> tuple[Stage, ...]:
    """The stages a recipe asks for. Raises ValueError, with the names there are, for any
    other, and where the dictionary that `morphology` needs is not installed."""
    wanted = tuple(names)
    if "morphology" in wanted:
        require_dictionary("morphology")
    for name in wanted:
        if name not in OPTIONAL:
            raise ValueError(f"optional rule {name!r} is not known; choose from {', '.join(OPTIONAL)}")
    return tuple(OPTIONAL[name] for name in wanted)
