"""The presets: tables of rules under a name, with the measures they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from .preset_fineweb2_ja import FINEWEB2_JA
from .preset_llm_jp_v1 import LLM_JP_V1
from .preset_swallow_code import SWALLOW_CODE
from .preset_swallow_paper import SWALLOW_PAPER, SWALLOW_PAPER_COVERED, SWALLOW_PAPER_DIFFERENT
from .preset_tesuki import TESUKI
from .rules import KEPT, Rule, Verdict, judge
from .stages import Stage

Examination = tuple[dict[str, float], Verdict]
"""What was measured of a text, and the verdict on it."""

Known = Mapping[str, float]
"""What is known of a document beside its text, by the names of measures: it stands in place of what the text alone
says."""

NOTHING: Final[Known] = MappingProxyType({})


def measure_all(stages: tuple[Stage, ...], text: str, known: Known = NOTHING) -> Examination:
    """All measures of a text, whether a rule needs them or not, and the verdict of the rules on them."""
    measures: dict[str, float] = {}
    for stage in stages:
        measures |= _measured(stage, text, known)
    return measures, judge(measures, (rule for stage in stages for rule in stage.rules))


def measure_until_rejected(stages: tuple[Stage, ...], text: str, known: Known = NOTHING) -> Examination:
    """The measures of the stages up to the first in which a rule fails, and the same verdict: a function of the text
    alone, so that what is stored is the same in every run."""
    measures: dict[str, float] = {}
    for stage in stages:
        measures |= _measured(stage, text, known)
        verdict = judge(measures, stage.rules)
        if not verdict.keep:
            return measures, verdict
    return measures, KEPT


def _measured(stage: Stage, text: str, known: Known) -> dict[str, float]:
    """The measures of a stage, of which `OfSet` may have set a name before each."""
    measured = stage.measure(text)
    return {name: known.get(name.rpartition(":")[2], value) for name, value in measured.items()} if known else measured


@dataclass(frozen=True, slots=True)
class Preset:
    """A named table of rules and the measures they need. Pure: the n-th call equals the first.

    ``examining`` is one of `measure_all` and `measure_until_rejected`.
    """

    name: str
    stages: tuple[Stage, ...]
    examining: Callable[[tuple[Stage, ...], str, Known], Examination] = measure_all

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rows in the order they judge."""
        return tuple(rule for stage in self.stages for rule in stage.rules)

    def measure(self, text: str, known: Known = NOTHING) -> dict[str, float]:
        """All measures of a text, whether a rule needs them or not."""
        return measure_all(self.stages, text, known)[0]

    def examine(self, text: str, known: Known = NOTHING) -> Examination:
        """The measures that this preset stores of a text, and its verdict."""
        return self.examining(self.stages, text, known)

    def judge(self, text: str, known: Known = NOTHING) -> Verdict:
        """The verdict alone: stops measuring at the first stage in which a rule fails."""
        return measure_until_rejected(self.stages, text, known)[1]

    def with_stages(self, *stages: Stage) -> Preset:
        """The preset with further stages, which judge what its own rules keep."""
        return replace(self, stages=(*self.stages, *stages))

    def with_bounds(self, bounds: Mapping[str, float | None]) -> Preset:
        """The preset with other thresholds, by the names of its rules; None leaves the rule out.

        Raises ValueError for a name that no rule has, with the one that was probably meant.
        """
        for name in bounds:
            self._check(name)
        return replace(self, stages=tuple(_bounded(stage, bounds) for stage in self.stages))

    def _check(self, name: str) -> None:
        names = [rule.name for rule in self.rules]
        if name in names:
            return
        near = get_close_matches(name, names, n=1, cutoff=0.5)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"no rule is called {name!r}; {meant}The rules are {', '.join(names) or 'none'}")


def _bounded(stage: Stage, bounds: Mapping[str, float | None]) -> Stage:
    rules = []
    for rule in stage.rules:
        bound = bounds.get(rule.name, rule.threshold)
        if bound is None:
            continue
        rules.append(rule if bound == rule.threshold else replace(rule, threshold=bound, source="set by hand"))
    return replace(stage, rules=tuple(rules))


PRESETS: Final = (
    Preset("swallow-code", SWALLOW_CODE),
    Preset("swallow-paper", SWALLOW_PAPER),
    Preset("swallow-paper-covered", SWALLOW_PAPER_COVERED),
    Preset("swallow-paper-different", SWALLOW_PAPER_DIFFERENT),
    Preset("llm-jp-v1", LLM_JP_V1),
    Preset("fineweb2-ja", FINEWEB2_JA),
    Preset("tesuki", TESUKI),
    Preset("none", tuple(replace(stage, rules=()) for stage in TESUKI)),
)
"""``none`` takes the measures of `tesuki` and has no rules."""


def preset(name: str) -> Preset:
    """The preset called ``name``. Raises ValueError, with the names there are, for any other."""
    for candidate in PRESETS:
        if candidate.name == name:
            return candidate
    raise ValueError(f"preset {name!r} is not known; choose one of {', '.join(p.name for p in PRESETS)}")
