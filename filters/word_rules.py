"""Rules over the words of a list: which share of a text may consist of them, by preset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .measures_swallow_code import measure_letters as letters_by_code
from .measures_swallow_paper import measure_letters as letters_by_paper
from .measures_tesuki import measure_letters as letters_by_tesuki
from .repetition import share
from .rules import Comparison, Rule
from .stages import Measure, Stage
from .words import Finder


@dataclass(frozen=True, slots=True)
class WordShare:
    """A measure: the characters of a text that lie in words of a list, and their share of ``whole``."""

    finder: Finder
    letters: Measure
    whole: str
    count_name: str
    share_name: str

    def __call__(self, text: str) -> dict[str, float]:
        """The count and the share; the share is 0 of a text that has nothing of ``whole``."""
        found = self.finder.matched_characters(text)
        return {self.count_name: found, self.share_name: share(found, self.letters(text)[self.whole])}


@dataclass(frozen=True, slots=True)
class WordCount:
    """A measure: how many hits of a list a text has, and how many different words they are."""

    finder: Finder
    name: str

    def __call__(self, text: str) -> dict[str, float]:
        """``NAME_words`` and ``different_NAME_words``."""
        spans = self.finder.spans(text)
        different = {text[start:end] for start, end in spans}
        return {f"{self.name}_words": len(spans), f"different_{self.name}_words": len(different)}


_SHARES: Final[Mapping[str, tuple[Measure, str, str, str, str]]] = {
    "swallow-code": (
        letters_by_code,
        "num_japanese_letters",
        "num_ng_letters",
        "ng_fraction",
        "swallow-llm/swallow-corpus, ngword.py, apply_v1: of the Japanese letters",
    ),
    "swallow-paper": (
        letters_by_paper,
        "characters",
        "ng_characters",
        "ng_share",
        "Okazaki et al. NLP2024, section 2.2: of the characters",
    ),
    "tesuki": (
        letters_by_tesuki,
        "characters",
        "ng_characters",
        "ng_share",
        "Okazaki et al. NLP2024, section 2.2; docs/quality-rules.md",
    ),
}
"""By preset: what is counted, the whole, the names of the measures, and the source of the threshold 0.05."""


def ng_word_stage(preset_name: str, finder: Finder) -> Stage:
    """The stage that rejects a text of which 0.05 or more are NG words, counted as ``preset_name`` counts; a table of
    one's own counts as `tesuki`."""
    letters, whole, count_name, share_name, source = _SHARES.get(_base(preset_name), _SHARES["tesuki"])
    rule = Rule("ng_words", share_name, ">=", 0.05, source)
    return Stage(WordShare(finder, letters, whole, count_name, share_name), (rule,))


def _base(preset_name: str) -> str:
    """The preset of which ``preset_name`` is a choice."""
    return "swallow-paper" if preset_name.startswith("swallow-paper") else preset_name


def word_count_stage(name: str, finder: Finder, comparison: Comparison, threshold: float, source: str) -> Stage:
    """The stage that counts the words of a list called ``name`` and rejects by the number of hits.

    LLM-jp v1 rejects above 10 hits of its advertisement list and above 3 of its adult, discrimination and
    violence lists (llm-jp/llm-jp-corpus, scripts/filters.py).
    """
    rule = Rule(f"{name}_words", f"{name}_words", comparison, threshold, source)
    return Stage(WordCount(finder, name), (rule,))
