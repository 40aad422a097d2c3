"""Rules as rows of a table, and the verdict they give on what was measured."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Comparison = Literal["<", "<=", ">", ">="]

_COMPARE: Final[dict[Comparison, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: a text is rejected by ``name`` where ``measure comparison threshold`` holds.

    ``source`` says where the threshold comes from: a paper, a file, or the page of our docs that argues it.
    """

    name: str
    measure: str
    comparison: Comparison
    threshold: float
    source: str

    def __post_init__(self) -> None:
        """Raises ValueError for a comparison outside the four, which a recipe may have misspelt."""
        if self.comparison not in _COMPARE:
            raise ValueError(f"rule {self.name}: comparison is {self.comparison!r}; write one of {', '.join(_COMPARE)}")

    def rejects(self, value: float) -> bool:
        """Whether a text with this value of the measure is to go."""
        return _COMPARE[self.comparison](value, self.threshold)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Keep the text or not; if not, the first rule that failed, the value it met and the bound it holds."""

    keep: bool
    rule: str | None = None
    value: float | None = None
    threshold: float | None = None


KEPT: Final = Verdict(keep=True)


def judge(measures: Mapping[str, float], rules: Iterable[Rule]) -> Verdict:
    """The verdict of ``rules``, in their order, on a text's measures.

    Raises ValueError where a rule asks for a measure that was not taken.
    """
    for rule in rules:
        value = measures.get(rule.measure)
        if value is None:
            raise ValueError(
                f"rule {rule.name}: measure {rule.measure!r} was not taken; taken were {', '.join(sorted(measures))}"
            )
        if rule.rejects(value):
            return Verdict(keep=False, rule=rule.name, value=value, threshold=rule.threshold)
    return KEPT


def failing(measures: Mapping[str, float], rules: Iterable[Rule]) -> tuple[str, ...]:
    """The names of all rules a text fails, in the order of the table: what each would remove alone."""
    return tuple(rule.name for rule in rules if rule.rejects(measures[rule.measure]))
