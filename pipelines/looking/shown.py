"""Whose texts may be looked at: never those of LX and LZ, those of L3 only where a person says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tesuki.pipelines.storage.values import evidence_of
from tesuki.release_levels.decision import decide
from tesuki.release_levels.levels import Level, parse_level
from tesuki.release_levels.policy import PACKAGED, packaged_policy


def shown_levels(internal: bool) -> frozenset[Level]:
    """The levels whose texts are shown; ``internal`` adds L3."""
    return frozenset({Level.L1, Level.L2, Level.L3} if internal else {Level.L1, Level.L2})


def level_by_own_evidence(recipe: Mapping[str, Any], subset: str, evidence: Sequence[Mapping[str, str]]) -> Level:
    """The level of a page that never reached station 10, by what was found on itself.

    By the policy of the ``recipe`` (as the manifest has it), or by the strict one where that is a file that is not at
    hand.
    """
    name = recipe["policy"]["file"]
    policy = packaged_policy(name if name in PACKAGED else "strict")
    settings = recipe["subsets"][subset]
    default, given = (parse_level(settings[field]) if settings[field] else None for field in ("default_level", "level"))
    return decide(policy, evidence_of(evidence), subset_default=default, subset_level=given).level
