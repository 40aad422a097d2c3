"""The presets: tables of rules under a name, with the measures they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .preset_swallow_code import SWALLOW_CODE
from .preset_swallow_paper import SWALLOW_PAPER
from .preset_tesuki import TESUKI
from .rules import KEPT, Rule, Verdict, judge
from .stages import Stage


@dataclass(frozen=True, slots=True)
class Preset:
    """A named table of rules and the measures they need. Pure: the n-th call equals the first."""

    name: str
    stages: tuple[Stage, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rows in the order they judge."""
        return tuple(rule for stage in self.stages for rule in stage.rules)

    def measure(self, text: str) -> dict[str, float]:
        """All measures of a text, whether a rule needs them or not."""
        measures: dict[str, float] = {}
        for stage in self.stages:
            measures |= stage.measure(text)
        return measures

    def judge(self, text: str) -> Verdict:
        """The verdict alone: stops measuring at the first stage in which a rule fails.

        Equal, by the order of the rows, to ``judge(self.measure(text), self.rules)``.
        """
        for stage in self.stages:
            verdict = judge(stage.measure(text), stage.rules)
            if not verdict.keep:
                return verdict
        return KEPT

    def with_stages(self, *stages: Stage) -> Preset:
        """The preset with further stages, which judge what its own rules keep."""
        return Preset(self.name, (*self.stages, *stages))


PRESETS: Final = (
    Preset("swallow-code", SWALLOW_CODE),
    Preset("swallow-paper", SWALLOW_PAPER),
    Preset("tesuki", TESUKI),
)


def preset(name: str) -> Preset:
    """The preset called ``name``. Raises ValueError, with the names there are, for any other."""
    for candidate in PRESETS:
        if candidate.name == name:
            return candidate
    raise ValueError(f"preset {name!r} is not known; choose one of {', '.join(p.name for p in PRESETS)}")
