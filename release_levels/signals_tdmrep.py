"""``/.well-known/tdmrep.json``: a host's reservation of text and data mining, path by path.

A list of rules ``{"location": "/news/*", "tdm-reservation": 1, "tdm-policy": "https://…"}``; locations are patterns as
in robots.txt, the first that matches holds (TDM Reservation Protocol, W3C CG, 2024-05-10, "TDM file on the origin
server"). The reservation is the number 0 or 1. What people write is read where it can only mean one thing: ``"1"``, a
single rule without a list around it, a comma too many. Anything else is an error and says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tesuki.common.hosts import host_of

from .evidence import Evidence, observe
from .robots_groups import path_matches
from .signals_tdm import RESERVATIONS

SIZE_LIMIT = 512_000
RULES_LIMIT = 2000

_COMMA_TOO_MANY = re.compile(r",\s*+([\]}])")


@dataclass(frozen=True, slots=True)
class TdmRule:
    """One rule: where it holds, the signal its reservation is, the address of the policy ("" for none)."""

    location: str
    signal: str
    policy: str


def read_tdmrep(content: str) -> tuple[TdmRule, ...]:
    """The rules of a tdmrep.json in their order; an unreadable file has none."""
    data = _read(content.lstrip("\ufeff")) if len(content) <= SIZE_LIMIT else None
    listed = [data] if isinstance(data, dict) else data if isinstance(data, list) else []
    rules = [rule for rule in listed if isinstance(rule, dict)]
    return tuple(
        TdmRule(rule["location"], _signal(rule.get("tdm-reservation")), str(rule.get("tdm-policy") or ""))
        for rule in rules[:RULES_LIMIT]
        if isinstance(rule.get("location"), str)
    )


def _read(content: str) -> Any:
    for form in (content, _COMMA_TOO_MANY.sub(r"\1", content)):
        try:
            return json.loads(form, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _signal(reservation: object) -> str:
    if isinstance(reservation, str):
        return RESERVATIONS.get(reservation.strip(), "tdm.malformed")
    if isinstance(reservation, bool) or reservation not in (0, 1):
        return "tdm.malformed"
    return "tdm.reserved" if reservation else "tdm.not-reserved"


def signals_tdmrep(rules: tuple[TdmRule, ...], url: str) -> Iterator[Evidence]:
    """Evidence of the first rule whose location matches: ``tdm.…`` of place ``host``, the value is the location."""
    if not host_of(url):
        return
    for rule in rules:
        if path_matches(rule.location.strip(), url):
            yield observe(rule.signal, "host", rule.location, "tdm.file")
            if rule.policy:
                yield observe("tdm.policy", "host", rule.policy, "tdm.file")
            return
