"""The preset `fineweb2-ja`: FineWeb-2's filters with the thresholds its authors found for Japanese."""

from __future__ import annotations

from typing import Final

from .measures_fineweb2 import measure_fineweb2
from .rules import Rule
from .stages import Stage

_CONFIG: Final = "huggingface/fineweb-2, configs/jpn_Jpan.yml"
_PIPELINE: Final = "huggingface/fineweb-2, fineweb-2-pipeline.py"
_DATATROVE: Final = "huggingface/datatrove 0.4.0, gopher_quality_filter.py"

_TOP: Final = ((2, 0.121), (3, 0.129), (4, 0.145))
_DUPLICATE: Final = ((5, 0.307), (6, 0.283), (7, 0.264), (8, 0.248), (9, 0.234), (10, 0.223))

FINEWEB2_JA: Final = (
    Stage(
        measure_fineweb2,
        (
            Rule("duplicate_lines", "duplicate_line_share", ">", 0.375, _CONFIG),
            *(Rule(f"top_{n}_words", f"top_{n}_words", ">", most, _CONFIG) for n, most in _TOP),
            *(Rule(f"duplicate_{n}_words", f"duplicate_{n}_words", ">", most, _CONFIG) for n, most in _DUPLICATE),
            Rule("ended_lines", "ended_line_share", "<", 0.167, _CONFIG),
            Rule("duplicate_line_characters", "duplicate_line_characters", ">", 0.1, _PIPELINE),
            Rule("lines_per_word", "lines_per_word", ">", 0.162, _CONFIG),
            Rule("words_few", "words", "<", 50, _DATATROVE),
            Rule("words_many", "words", ">", 100_000, _DATATROVE),
            Rule("mean_word_short", "mean_word", "<", 1, _CONFIG),
            Rule("mean_word_long", "mean_word", ">", 5, _CONFIG),
            Rule("hashes", "hash_share", ">", 0.1, _DATATROVE),
            Rule("ellipses", "ellipses_per_word", ">", 0.1, _DATATROVE),
            Rule("bullet_lines", "bullet_line_share", ">", 0.9, _DATATROVE),
            Rule("trailing_lines", "trailing_line_share", ">", 0.3, _DATATROVE),
            Rule("alphabetic_words", "alphabetic_word_share", "<", 0.759, _CONFIG),
            Rule("stop_words", "stop_words", "<", 2, _PIPELINE),
        ),
    ),
)
"""Repetition, then FineWeb's own rules, then Gopher's quality, as the published pipeline has them."""
