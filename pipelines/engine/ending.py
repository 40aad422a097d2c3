"""How a process ends before its work does: asked to by a signal, or because it can go no further.

Quickly and quietly whatever its threads do: no stack, no child left behind, no temporary folder.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tesuki.pipelines.engine.scratch import remove_scratch

SIGNALS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}
"""What asks a process to end, as its user calls it. Exit codes are a shell's: 128 and the number (130, 143, 129)."""

GRACE = 2.0
"""Seconds in which a run that was asked to end may put its things in order."""


class StoppedError(BaseException):
    """The process was asked to end. No `Exception`, for nothing may take it for a failure and go on."""

    _tagged_with_step = True
    """Beam makes another exception of any that passes a step, unless it bears this mark of having been made so."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number
        self.why = SIGNALS[signal.Signals(number)]


@contextmanager
def stoppable(farewell: Callable[[], str]) -> Iterator[None]:
    """Until the block ends, a signal to stop raises `StoppedError` in the main thread.

    Where that comes to nothing within `GRACE` seconds, or a second signal comes, the process ends by `end_now` with
    what ``farewell`` says. Signals that the process was started to ignore stay ignored.
    """

    def stop(number: int, _: FrameType | None) -> None:
        stopped = StoppedError(number)
        if asked:
            end_now(stopped.code, farewell_of(stopped, farewell))
        asked.append(number)
        late = threading.Timer(GRACE, lambda: end_now(stopped.code, farewell_of(stopped, farewell)))
        late.daemon = True
        late.start()
        raise stopped

    asked: list[int] = []
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def farewell_of(stopped: StoppedError, farewell: Callable[[], str]) -> str:
    """The one line of a run that was stopped."""
    said = ""
    with suppress(Exception):
        said = farewell()
    return f"tesuki: stopped by {stopped.why}. {said}".rstrip()


def end_now(code: int, line: str) -> NoReturn:
    """End this process and all it started at once, with one ``line`` to stderr. Only the first call says anything."""
    if not _ending.acquire(blocking=False):
        threading.Event().wait()
    with suppress(Exception):
        for process in descendants(os.getpid()):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        remove_scratch()
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        print(line, file=sys.stderr, flush=True)
    os._exit(code)


_ending = threading.Lock()


def descendants(process: int) -> list[int]:
    """Processes that ``process`` started, and those these started, as far as they can be seen."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError, ValueError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found, to_ask = [], [process]
    while to_ask:
        started = children.get(to_ask.pop(), [])
        found += started
        to_ask += started
    return found
