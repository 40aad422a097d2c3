"""A preset of one's own: a table of rules as rows of text, checked row by row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from .measure_sets import measure_named, measures_by_name
from .presets import Preset
from .rules import Rule
from .stages import Measure, Stage

REQUIRED: Final = ("rule", "measure", "comparison", "threshold")
COLUMNS: Final = (*REQUIRED, "unless", "source")
"""What each row says. `unless` names forms that the row does not judge, blanks between them; it and `source` may be
left out."""


def preset_of_rows(name: str, rows: Iterable[tuple[str, Mapping[str, object]]]) -> Preset:
    """The preset of a table whose rows come with the words that name their place (``line 3``).

    Rows judge in the order of the cost of their measures, and within one function that measures in the order of the
    table. Raises ValueError naming the row for one that is wrong.
    """
    rules: list[Rule] = []
    for place, row in rows:
        try:
            rule = rule_of_row(row)
            if rule.name in {other.name for other in rules}:
                raise ValueError(f"a second rule called {rule.name!r}")
            for measure in (rule.measure, *rule.unless):
                measure_named(measure)
        except ValueError as failure:
            raise ValueError(f"{place}: {failure}") from None
        rules.append(rule)
    if not rules:
        raise ValueError("no rule in it; write a row of rule, measure, comparison, threshold for each")
    return Preset(name, tuple(_stages(rules)))


def rule_of_row(row: Mapping[str, object]) -> Rule:
    """One row as a rule. Raises ValueError for a cell that is missing, unknown or no number."""
    for column in row:
        if column not in COLUMNS:
            raise ValueError(f"unknown column {column!r}; the columns are {', '.join(COLUMNS)}")
    for column in REQUIRED:
        if str(row.get(column) or "").strip() == "" and row.get(column) != 0:
            raise ValueError(f"{column} is missing")
    comparison = str(row["comparison"])
    return Rule(
        str(row["rule"]),
        str(row["measure"]),
        comparison,  # type: ignore[arg-type]  # Rule checks it
        _number(row["threshold"]),
        str(row.get("source") or "a file of rules"),
        tuple(str(row.get("unless") or "").split()),
    )


def rows_of_rules(rules: Sequence[Rule]) -> list[dict[str, str | float]]:
    """Rules as rows of such a table, as the manifest has them."""
    return [
        {
            "rule": rule.name,
            "measure": rule.measure,
            "comparison": rule.comparison,
            "threshold": rule.threshold,
            "unless": " ".join(rule.unless),
            "source": rule.source,
        }
        for rule in rules
    ]


def _number(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise ValueError(f"threshold is {value!r}; write a number")
    return number


def _stages(rules: Sequence[Rule]) -> Iterable[Stage]:
    """Rules by the function that measures for them, in the order of `measures_by_name`."""
    wanted: dict[Measure, list[Rule]] = {}
    for name, measure in measures_by_name().items():
        found = [rule for rule in rules if rule.measure == name]
        if found or any(name in rule.unless for rule in rules):
            wanted.setdefault(measure, []).extend(found)
    for measure, found in wanted.items():
        yield Stage(measure, tuple(sorted(found, key=rules.index)))
