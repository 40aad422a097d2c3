"""Statistics of hosts: counts that add up over parts of a corpus, and rules over their ratios.

Everything is arrays: a part counts its pages, the counts of parts are concatenated and summed, and the hosts
over a threshold come out. Which part was counted first makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from .rules import Rule, Verdict

Column = Literal["pages", "pages_hit", "characters", "ng_characters"]

COLUMNS: Final[tuple[Column, ...]] = ("pages", "pages_hit", "characters", "ng_characters")


@dataclass(frozen=True, slots=True)
class HostCounts:
    """One row a host. ``hosts`` is ascending and holds each once; ``counts`` has the columns `COLUMNS`, int64.

    ``pages_hit`` are the pages that name what the statistics ask for, in the paper a dating service.
    """

    hosts: npt.NDArray[np.str_]
    counts: npt.NDArray[np.int64]


def count_hosts(
    hosts: Sequence[str | None],
    hit: npt.ArrayLike,
    characters: npt.ArrayLike,
    ng_characters: npt.ArrayLike,
) -> HostCounts:
    """The counts of pages, one entry a page in each argument; pages without a host are left out."""
    rows = np.column_stack(
        [
            np.ones(len(hosts), dtype=np.int64),
            np.asarray(hit, dtype=bool).astype(np.int64),
            np.asarray(characters, dtype=np.int64),
            np.asarray(ng_characters, dtype=np.int64),
        ]
    )
    known = np.array([bool(host) for host in hosts], dtype=bool)
    return _sum_by_host(np.array([host for host in hosts if host], dtype=np.str_), rows[known])


def add_counts(parts: Iterable[HostCounts]) -> HostCounts:
    """The counts of all parts together; of none, no host."""
    given = list(parts)
    if not given:
        return HostCounts(np.empty(0, dtype=np.str_), np.empty((0, len(COLUMNS)), dtype=np.int64))
    return _sum_by_host(np.concatenate([part.hosts for part in given]), np.concatenate([part.counts for part in given]))


@dataclass(frozen=True, slots=True)
class HostRule:
    """A host is rejected where ``part / whole`` of its counts meets the rule's threshold."""

    rule: Rule
    part: Column
    whole: Column


HOST_RULES: Final = (
    HostRule(
        Rule("hit_pages", "hit_page_share", ">", 0.001, "Okazaki et al. NLP2024, section 2.4"),
        part="pages_hit",
        whole="pages",
    ),
    HostRule(
        Rule("ng_characters", "ng_character_share", ">", 0.005, "Okazaki et al. NLP2024, section 2.4"),
        part="ng_characters",
        whole="characters",
    ),
)
"""The paper's two: the share of a host's pages that name a dating service, and of its characters in NG words."""


def rejected_hosts(counts: HostCounts, rules: Sequence[HostRule] = HOST_RULES) -> dict[str, Verdict]:
    """The hosts that fail a rule, ascending, each with the first it fails, its ratio and the threshold."""
    rejected: dict[str, Verdict] = {}
    for row in rules:
        part = counts.counts[:, COLUMNS.index(row.part)]
        whole = counts.counts[:, COLUMNS.index(row.whole)]
        ratios = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
        for host, ratio in zip(counts.hosts.tolist(), ratios.tolist(), strict=True):
            if row.rule.rejects(ratio):
                rejected.setdefault(host, Verdict(False, row.rule.name, ratio, row.rule.threshold))
    return dict(sorted(rejected.items()))


def _sum_by_host(hosts: npt.NDArray[np.str_], rows: npt.NDArray[np.int64]) -> HostCounts:
    names, group = np.unique(hosts, return_inverse=True)
    counts = np.zeros((len(names), len(COLUMNS)), dtype=np.int64)
    np.add.at(counts, group, rows)
    return HostCounts(names, counts)
