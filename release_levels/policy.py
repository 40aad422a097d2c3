"""Policies: the table that turns evidence into a release level. Rows are read by lawyers, so they are YAML.

``` yaml
policy: default
unlicensed: {level: L2, reason: …}
rows:
  - {signal: robots.noai, level: LX, reason: …}
  - {signal: licence.cc-by, where: [meta, link], level: L1, reason: …}
```

A row matches evidence whose ``signal`` is the row's (``robots-for-ai.*`` stands for the family), that stood
at one of ``where``, and whose value holds one of ``contains`` (letter case aside); an L1 row may be held
back by ``unless``, signals that must not be found beside it. Only L1 rows may have ``unless``: a row that
restricts can't be argued away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tesuki.common.yaml_values import read_yaml, shown

from .evidence import Evidence
from .levels import Level, parse_level
from .signals import known_signals

PLACES = ("header", "meta", "json-ld", "link", "rdf", "footer", "text", "url", "host", "list")
PACKAGED = ("default", "strict")
"""Policies that come with the package."""

_FIELDS = ("signal", "where", "contains", "unless", "level", "reason")


class PolicyError(ValueError):
    """A policy cannot be read; the message names the file, the row and the field, and what was expected
    there.
    """


@dataclass(frozen=True, slots=True)
class Row:
    """One row: evidence it matches, the level it gives and why. ``label`` names it in reports."""

    signal: str
    level: Level
    reason: str
    where: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The row in one short line: ``licence.cc-by at meta/link → L1``."""
        place = f" at {'/'.join(self.where)}" if self.where else ""
        words = f" with {'/'.join(self.contains)}" if self.contains else ""
        held = f" unless {'/'.join(self.unless)}" if self.unless else ""
        return f"{self.signal}{place}{words}{held} → {self.level.name}"

    def matches(self, evidence: Evidence) -> bool:
        """Whether this row speaks of ``evidence`` (``unless`` aside)."""
        value = evidence.value.lower()
        return (
            names(self.signal, evidence.signal)
            and (not self.where or evidence.where in self.where)
            and (not self.contains or any(words.lower() in value for words in self.contains))
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy: its name, what a page without licence and without restriction gets, and the rows."""

    name: str
    unlicensed: Level
    unlicensed_reason: str
    rows: tuple[Row, ...]


def names(pattern: str, signal: str) -> bool:
    """Whether ``pattern``, a signal or a family ``robots-for-ai.*``, stands for ``signal``."""
    return pattern == signal or (pattern.endswith(".*") and signal.startswith(pattern[:-1]))


def packaged_policy(name: str) -> Policy:
    """The policy ``name`` that comes with the package (`PACKAGED`); raises `PolicyError` for another name."""
    if name not in PACKAGED:
        raise PolicyError(f"policy: found {name!r}, expected one of {', '.join(PACKAGED)} or a file")
    text = (Path(__file__).parent / "policies" / f"{name}.yaml").read_text(encoding="utf-8")
    return parse_policy(text, f"{name}.yaml")


def parse_policy(yaml_text: str, source: str) -> Policy:
    """Read a policy from YAML; ``source`` names it in messages. Raises `PolicyError`.

    A policy must withhold what take-down lists name: without a row ``list.takedown`` → LZ it is refused.
    """
    try:
        data = read_yaml(yaml_text)
    except yaml.YAMLError as error:
        raise PolicyError(f"{source}: not YAML: {' '.join(str(error).split())}") from error
    fields = _mapping(data, source, ("policy", "unlicensed", "rows"))
    unlicensed = _mapping(fields.get("unlicensed"), f"{source}: unlicensed", ("level", "reason"))
    rows = fields.get("rows")
    if not isinstance(rows, list):
        raise PolicyError(f"{source}: rows: found {_shown(rows)}, expected a list of rows")
    policy = Policy(
        name=_text(fields.get("policy"), f"{source}: policy"),
        unlicensed=_level(unlicensed.get("level"), f"{source}: unlicensed.level"),
        unlicensed_reason=_text(unlicensed.get("reason"), f"{source}: unlicensed.reason"),
        rows=tuple(_row(row, f"{source}: row {number}") for number, row in enumerate(rows, 1)),
    )
    if policy.unlicensed == Level.L1:
        raise PolicyError(
            f"{source}: unlicensed.level: found L1, expected L2 or stricter: L1 needs positive evidence; "
            "give a licensed source its own default level in the recipe"
        )
    if not any(row == Row("list.takedown", Level.LZ, row.reason) for row in policy.rows):
        raise PolicyError(
            f"{source}: rows: found no row that withholds take-downs, expected "
            "{signal: list.takedown, level: LZ, reason: …} without conditions"
        )
    return policy


def _row(data: object, place: str) -> Row:
    fields = _mapping(data, place, _FIELDS)
    row = Row(
        signal=_signal(fields.get("signal"), f"{place}: signal"),
        level=_level(fields.get("level"), f"{place}: level"),
        reason=_text(fields.get("reason"), f"{place}: reason"),
        where=_texts(fields.get("where"), f"{place}: where"),
        contains=_texts(fields.get("contains"), f"{place}: contains"),
        unless=tuple(_signal(each, f"{place}: unless") for each in _texts(fields.get("unless"), f"{place}: unless")),
    )
    for where in row.where:
        if where not in PLACES:
            raise PolicyError(f"{place}: where: found {where!r}, expected some of {', '.join(PLACES)}")
    if row.unless and row.level != Level.L1:
        raise PolicyError(
            f"{place}: unless: found on a row of level {row.level.name}, expected only on L1 rows: "
            "a restriction can't be lifted by other evidence"
        )
    return row


def _mapping(data: object, place: str, allowed: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise PolicyError(f"{place}: found {_shown(data)}, expected fields {', '.join(allowed)}")
    for field in data:
        if field not in allowed:
            raise PolicyError(f"{place}: found field {shown(field)!r}, expected only {', '.join(allowed)}")
    return data


def _text(data: object, place: str) -> str:
    if not isinstance(data, str) or not data.strip():
        raise PolicyError(f"{place}: found {_shown(data)}, expected a text")
    return " ".join(data.split())


def _texts(data: object, place: str) -> tuple[str, ...]:
    if data is None:
        return ()
    items = data if isinstance(data, list) else [data]
    if not items:
        raise PolicyError(f"{place}: found an empty list, expected at least one text or no such field")
    return tuple(_text(each, place) for each in items)


def _signal(data: object, place: str) -> str:
    pattern = _text(data, place)
    if not any(names(pattern, signal) for signal in known_signals()):
        raise PolicyError(
            f"{place}: found {pattern!r}, expected a signal such as robots.noai or a family such as "
            "robots-for-ai.*; the table of signals is in docs/release-levels.md"
        )
    return pattern


def _level(data: object, place: str) -> Level:
    try:
        return parse_level(data if isinstance(data, str) else _shown(data))
    except ValueError as error:
        raise PolicyError(f"{place}: {error}") from error


def _shown(data: object) -> str:
    return "nothing" if data is None else repr(shown(data)) if isinstance(data, str) else shown(data)
