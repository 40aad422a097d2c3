"""Stations 6 to 8 in the order that a recipe asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

JudgingOrder = tuple[str, str, str]
"""``measure``, ``deduplicate`` and ``hosts``, the first first."""

ORDERS: Final[Mapping[tuple[str, str], JudgingOrder]] = {
    ("quality-first", "guarded"): ("measure", "deduplicate", "hosts"),
    ("quality-first", "published"): ("measure", "hosts", "deduplicate"),
    ("quality-last", "guarded"): ("deduplicate", "measure", "hosts"),
    ("quality-last", "published"): ("deduplicate", "measure", "hosts"),
}
"""The order by ``rules.order`` and ``matching``.

Swallow v1's code (annotate.py -f) and LLM-jp v1's (filter_data.py) ask for hosts together with quality, before any
comparison; FineWeb-2 begins with what FineWeb's list of addresses has left, so that no program judges quality first and
compares pages of hosts that it refuses.
"""


def hosts_come_first(order: str, matching: str) -> bool:
    """Whether pages of hosts that are not wanted leave before documents are compared."""
    stations = ORDERS[order, matching]
    return stations.index("hosts") < stations.index("deduplicate")
