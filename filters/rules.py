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

    ``source`` says where the threshold comes from: a paper, a file, or the page of our docs that argues it. ``unless``
    names measures of forms of text (`tesuki.filters.forms`): a text that has one of them is not judged by this row.
    """

    name: str
    measure: str
    comparison: Comparison
    threshold: float
    source: str
    unless: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for a comparison outside the four, which a recipe may have misspelt."""
        if self.comparison not in _COMPARE:
            raise ValueError(f"rule {self.name}: comparison is {self.comparison!r}; write one of {', '.join(_COMPARE)}")

    def rejects(self, value: float) -> bool:
        """Whether a text with this value of the measure is to go."""
        return _COMPARE[self.comparison](value, self.threshold)

    def fails(self, measures: Mapping[str, float]) -> float | None:
        """The value by which a text with these ``measures`` is to go, None where it may stay.

        Raises ValueError where the rule asks for a measure that was not taken.
        """
        value = self._taken(self.measure, measures)
        if not self.rejects(value) or any(self._taken(form, measures) for form in self.unless):
            return None
        return value

    def _taken(self, measure: str, measures: Mapping[str, float]) -> float:
        value = measures.get(measure)
        if value is None:
            raise ValueError(
                f"rule {self.name}: measure {measure!r} was not taken; taken were {', '.join(sorted(measures))}"
            )
        return value


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
        value = rule.fails(measures)
        if value is not None:
            return Verdict(keep=False, rule=rule.name, value=value, threshold=rule.threshold)
    return KEPT


def failing(measures: Mapping[str, float], rules: Iterable[Rule]) -> tuple[str, ...]:
    """The names of all rules a text fails, in the order of the table: what each would remove alone."""
    return tuple(rule.name for rule in rules if rule.fails(measures) is not None)
