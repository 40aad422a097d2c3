"""The preset `llm-jp-v1`: the filters of the published LLM-jp corpus v1 code that need no list.

``ja_cc`` of llm-jp/llm-jp-corpus, scripts/filter_data.py, by scripts/filters.py and HojiChar 0.9. Lists of words and
top-level domains are the recipe's: samples/recipes/llm-jp-v1.yaml has all of them.
"""

from __future__ import annotations

import re
from typing import Final

from .measures_compression import measure_compression
from .repetition import share
from .rules import Rule
from .stages import Stage

LOOKED_AT: Final = 50
"""Characters at the start of a text one of which is kana (HojiChar, AcceptJapanese)."""

LONGEST_SENTENCE: Final = 250
"""Most characters for each 。, on average (filter_data.py; with --strict 80)."""

_KANA = re.compile("[ぁ-んァ-ン]")
_FILTERS: Final = "llm-jp/llm-jp-corpus, scripts/filter_data.py, ja_cc"


def measure_llm_jp(text: str) -> dict[str, float]:
    """Characters that are no blank at the ends, kana at the start (1 or 0), and 。 for each character."""
    return {
        "stripped_characters": len(text.strip()),
        "kana_at_start": float(_KANA.search(text[:LOOKED_AT]) is not None),
        "kuten_share": share(text.count("。"), len(text)),
    }


LLM_JP_V1: Final = (
    Stage(
        measure_llm_jp,
        (
            Rule("empty", "stripped_characters", "<", 1, _FILTERS),
            Rule("no_kana_at_start", "kana_at_start", "<", 1, _FILTERS),
            Rule("rare_kuten", "kuten_share", "<", 1 / LONGEST_SENTENCE, _FILTERS),
        ),
    ),
    Stage(
        measure_compression,
        (
            Rule("compresses_too_well", "compression_ratio", "<", 0.30, _FILTERS),
            Rule("compresses_too_badly", "compression_ratio", ">", 0.70, _FILTERS),
        ),
    ),
)
