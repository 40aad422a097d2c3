"""Whose texts may be shown: never those of LX and LZ, those of L3 only where a person says that it stays inside.

Every page, sheet, table and line that quotes a text asks here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tesuki.pipelines.storage.values import evidence_of
from tesuki.release_levels.decision import decide
from tesuki.release_levels.levels import Level, parse_level
from tesuki.release_levels.policy import PACKAGED, packaged_policy


def shown_levels(internal: bool) -> frozenset[Level]:
    """The levels whose texts and addresses are shown: those that may be searched; ``internal`` adds L3."""
    return frozenset(level for level in Level if level.allows("search") or (internal and level.allows("train")))


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
