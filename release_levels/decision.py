"""Decisions: evidence and a policy in, a release level and the row that decided out.

The strictest matching row wins. L1 is granted only by a matching L1 row that nothing disputes: no
restricting row matches, none of the row's ``unless`` is found, and all licences the page states are one and
the same. So more evidence never raises permission, except evidence that an L1 row matches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .evidence import Evidence
from .levels import Level
from .policy import Policy, Row, names

BINDING_PLACES = frozenset({"host", "list"})
"""Where evidence stands that binds even a subset whose level a person has set."""

LICENCES = "licence."
"""Signals that must agree: a page under two different licences is under neither, as far as a machine can tell."""

Match = tuple[Row, tuple[Evidence, ...]]


@dataclass(frozen=True, slots=True)
class Decision:
    """The ``level`` of a document; ``row``, the label of the row that decided, or ``unlicensed``, ``disputed``,
    ``subset default`` or ``subset level``; its ``reason``; and the ``evidence`` it rests on, sorted."""

    level: Level
    row: str
    reason: str
    evidence: tuple[Evidence, ...]


def decide(
    policy: Policy,
    evidence: Iterable[Evidence],
    *,
    subset_default: Level | None = None,
    subset_level: Level | None = None,
) -> Decision:
    """The release level of a document with this ``evidence``, in whatever order it comes.

    ``subset_default`` takes the place of the policy's level for unlicensed pages, where a whole source is known to be
    licensed; restrictions found on a page still apply. ``subset_level`` is a person's word on every document of a
    subset (a benchmark that must be LX, a contract): then only evidence of hosts and lists can make it stricter.
    """
    found = sorted(set(evidence))
    if subset_level is not None:
        found = [each for each in found if each.where in BINDING_PLACES]
    matches = matching_rows(policy, found)
    restricting = [match for match in matches if match[0].level > Level.L1]
    if subset_level is not None:
        base = Decision(subset_level, "subset level", "set for the whole subset", ())
    else:
        granting = [match for match in matches if match[0].level == Level.L1]
        base = _base(policy, found, granting, bool(restricting), subset_default)
    if not restricting:
        return base
    row, matched = max(restricting, key=lambda match: match[0].level)
    return Decision(row.level, row.label, row.reason, matched) if row.level >= base.level else base


def matching_rows(policy: Policy, evidence: Iterable[Evidence]) -> tuple[Match, ...]:
    """Each row that speaks of some of the ``evidence``, in the policy's order, with that evidence, sorted."""
    found = sorted(set(evidence))
    pairs = ((row, tuple(each for each in found if row.matches(each))) for row in policy.rows)
    return tuple((row, matched) for row, matched in pairs if matched)


def _base(
    policy: Policy,
    found: list[Evidence],
    granting: list[Match],
    restricted: bool,
    subset_default: Level | None,
) -> Decision:
    """What the document gets before restrictions: L1 by an undisputed licence, else a default."""
    disputing = {each for match in granting for each in _disputes(match, found)}
    if granting and not restricted and not disputing:
        row, matched = granting[0]
        return Decision(Level.L1, row.label, row.reason, matched)
    if subset_default is not None:
        return Decision(subset_default, "subset default", "the default level of the subset", ())
    if disputing and not restricted:
        reason = "a licence is stated, but other evidence disagrees"
        return Decision(policy.unlicensed, "disputed", reason, tuple(sorted(disputing)))
    return Decision(policy.unlicensed, "unlicensed", policy.unlicensed_reason, ())


def _disputes(match: Match, found: list[Evidence]) -> list[Evidence]:
    """Evidence against granting L1 by ``match``: what ``unless`` of its row names, licences that differ."""
    row, matched = match
    licences = {each.signal for each in found if each.signal.startswith(LICENCES)}
    differ = matched[0].signal.startswith(LICENCES) and len(licences) > 1
    return [
        each
        for each in found
        if any(names(pattern, each.signal) for pattern in row.unless) or (differ and each.signal in licences)
    ]
