"""Station 8: pages of hosts that are not wanted, by a list or by what the host's pages add up to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tesuki.common.hosts import host_of
from tesuki.filters.hosts import Denied, outside
from tesuki.filters.rules import Verdict
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.journey.page import Fate, Page, leave

STATION = "hosts"


@contextmanager
def open_unwanted_hosts(denied: Denied, statistics: Path | None, top_levels: Sequence[str] = ()) -> Iterator[Step]:
    """The step. ``statistics`` is the folder of what `host_counts` wrote, None where the recipe asks for none; of
    ``top_levels``, where there are any, a page's host must have one."""
    yield partial(leave_if_unwanted, denied, read_rejected(statistics) if statistics else {}, frozenset(top_levels))


def leave_if_unwanted(
    denied: Denied, rejected: Mapping[str, Verdict], top_levels: frozenset[str], page: Page
) -> Page | Fate:
    """The page, unless a list names its host or address, its host has none of the ``top_levels`` (where there are any),
    or fails a rule over all its pages."""
    entry = denied.match(page.url)
    if entry is not None:
        return leave(page, "rejected", STATION, "host.denied", detail=entry)
    host = host_of(page.url)
    elsewhere = outside(top_levels, host)
    if elsewhere is not None:
        return leave(page, "rejected", STATION, "host.top-level", detail=elsewhere)
    verdict = rejected.get(host) if host else None
    if host is None or verdict is None:
        return page
    return leave(
        page,
        "rejected",
        STATION,
        f"host.{verdict.rule}",
        value=verdict.value,
        threshold=verdict.threshold,
        detail=host,
    )


def read_rejected(folder: Path) -> dict[str, Verdict]:
    """The hosts that a rule rejects, with the ratio and threshold that decided."""
    rejected: dict[str, Verdict] = {}
    for path in sorted(folder.glob("*.json")):
        rejected |= {host: Verdict(**verdict) for host, verdict in json.loads(path.read_bytes()).items()}
    return rejected
