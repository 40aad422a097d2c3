"""What a station cost: seconds of a worker and its memory. It travels beside the counts and is part of no result."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Work:
    """What ``station`` took: ``seconds`` of a worker, waiting included, and the most ``memory`` the worker's process
    held when the station was done with a chunk, in bytes; 0 where the system does not say.
    """

    station: str
    seconds: float
    memory: int


def work_since(start: float, station: str) -> Work:
    """The work of ``station`` that began at ``start`` (`time.perf_counter`) and ends now."""
    return Work(station, perf_counter() - start, _memory())


def add_work(work: Iterable[Work]) -> tuple[Work, ...]:
    """Sum seconds station by station, in the order in which the stations first appear; of memory the most counts."""
    sums: dict[str, Work] = {}
    for each in work:
        before = sums.get(each.station, Work(each.station, 0.0, 0))
        sums[each.station] = Work(each.station, before.seconds + each.seconds, max(before.memory, each.memory))
    return tuple(sums.values())


def _memory() -> int:
    with suppress(OSError, IndexError, ValueError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
