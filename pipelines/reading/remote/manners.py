"""How a run asks others for files: so many requests a second in all, slower when it is told to, and to a bound.

All processes of a run keep one pace through one small file, which every file system that carries `flock` can hold.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tesuki.pipelines.errors import BrokenEnvironmentError

REFUSALS = 6
"""So many answers 403 in a row, with no other between them, end the run: the server has had enough of us."""

SLOWEST = 64.0
"""The pace is halved at most to this fraction."""

LONGEST_WAIT = 600.0
"""Seconds beyond which no server can put a run off; it ends sooner by its attempts."""


@dataclass(frozen=True, slots=True)
class Manners:
    """``agent`` is the User-Agent, ``per_second`` the most requests a second of all processes together; ``requests``
    and ``bytes`` are budgets, None for none. ``state`` is the path of the file that they share.
    """

    agent: str
    per_second: float
    state: str
    requests: int | None = None
    bytes: int | None = None


@dataclass(slots=True)
class Pace:
    """What the processes know of each other: when the next may ask (seconds since 1970), how many times ``slower``
    than at first, and what was asked for so far.
    """

    next: float = 0.0
    slower: float = 1.0
    requests: int = 0
    bytes: int = 0
    refusals: int = 0


def take_turn(manners: Manners, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until it is our turn to ask. Raises `BrokenEnvironmentError` where a budget is spent."""
    with _shared(manners) as pace:
        _check_budget("requests", pace.requests, manners.requests)
        _check_budget("bytes", pace.bytes, manners.bytes)
        now = time.time()
        turn = min(max(now, pace.next), now + LONGEST_WAIT)
        pace.next = turn + pace.slower / manners.per_second
        pace.requests += 1
    sleep(max(0.0, turn - now))


def heed_answer(manners: Manners, status: int, wait: float) -> None:
    """Learn from an answer: half the pace after 429 and 503, ``wait`` seconds of silence where the server asks for it.

    Raises `BrokenEnvironmentError` at the `REFUSALS`-th 403 in a row.
    """
    with _shared(manners) as pace:
        pace.refusals = pace.refusals + 1 if status == 403 else 0
        pace.slower = min(SLOWEST, 2 * pace.slower) if status in (429, 503) else max(1.0, 0.99 * pace.slower)
        if wait:
            pace.next = max(pace.next, time.time() + min(wait, LONGEST_WAIT))
        refused = pace.refusals >= REFUSALS
        if refused:
            pace.refusals = 0  # of the next run, which somebody starts who has read this
    if refused:
        raise BrokenEnvironmentError(
            f"the server answered 403 to {REFUSALS} requests in a row: it refuses us, or what was asked for is not "
            "public. Wait before you run the same command again; what was finished stays."
        )


def count_bytes(manners: Manners, count: int) -> None:
    """Add ``count`` bytes to what was received."""
    with _shared(manners) as pace:
        pace.bytes += count


def pace_of(manners: Manners) -> Pace:
    """How it stands."""
    with _shared(manners) as pace:
        return pace


def _check_budget(what: str, spent: int, budget: int | None) -> None:
    if budget is not None and spent >= budget:
        raise BrokenEnvironmentError(
            f"fetch: the budget of {budget:,} {what} is spent; what was finished stays. Raise it in the recipe's "
            "section fetch and run the same command again."
        )


@contextmanager
def _shared(manners: Manners) -> Iterator[Pace]:
    """The pace, ours alone until the block ends, and written back however it ends."""
    Path(manners.state).parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(manners.state, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        pace = _pace_in(os.pread(descriptor, 4096, 0))
        try:
            yield pace
        finally:
            content = json.dumps(asdict(pace)).encode()
            os.pwrite(descriptor, content, 0)
            os.ftruncate(descriptor, len(content))
    finally:
        os.close(descriptor)


def _pace_in(content: bytes) -> Pace:
    try:
        return Pace(**json.loads(content))
    except (ValueError, TypeError):
        return Pace()
