"""Watching over worker processes: one that is stopped, or stuck in C code, is not waited for without end."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

STOPPED_SECONDS = 5.0
"""How long a worker may be stopped (SIGSTOP) while its driver is not."""

STUCK_SECONDS = 300.0
"""How long a worker's heartbeat may be silent. It beats in a thread, which gets its turn while Python runs: what holds
it up longer than this is C code that never comes back."""

PAUSE = 1.0
"""Seconds between two looks."""


def beat(folder: Path) -> Path:
    """The file by which this process shows that it lives: `show_life` touches it."""
    return folder / f"beat-{os.getpid()}"


def show_life(file: Path) -> None:
    """One sign of life. Where it cannot be given (the folder is gone) there is nobody to see it."""
    with suppress(OSError):
        file.touch()


def watch(workers: Callable[[], Iterable[int]], folder: Path, lost: Callable[[int, str], None]) -> threading.Event:
    """Watch over ``workers`` in a thread until the event is set; ``lost`` is told of each that is gone astray, and why.

    Looks are counted, not the clock: while this process is itself stopped no time passes for its workers.
    """
    done = threading.Event()
    threading.Thread(target=_watch, args=(workers, folder, lost, done), name="vigil", daemon=True).start()
    return done


def _watch(
    workers: Callable[[], Iterable[int]], folder: Path, lost: Callable[[int, str], None], done: threading.Event
) -> None:
    stopped: dict[int, int] = {}
    silent: dict[int, tuple[float, int]] = {}
    while not done.wait(PAUSE):
        for worker in workers():
            stopped[worker] = stopped.get(worker, 0) + 1 if _state(worker) == "T" else 0
            seen, looks = silent.get(worker, (0.0, 0))
            now = _last_sign(folder, worker)
            silent[worker] = (now, looks + 1 if now == seen and now else 0)
            if stopped[worker] * PAUSE >= STOPPED_SECONDS:
                lost(worker, f"has been stopped (SIGSTOP) for {STOPPED_SECONDS:g} s")
            elif silent[worker][1] * PAUSE >= STUCK_SECONDS:
                lost(worker, f"has shown no life for {STUCK_SECONDS:g} s: it is stuck")


def kill(worker: int) -> None:
    """End a process for good."""
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def _last_sign(folder: Path, process: int) -> float:
    try:
        return (folder / f"beat-{process}").stat().st_mtime_ns / 1e9
    except OSError:
        return 0.0


def show_life_while(condition: Callable[[], bool], folder: Path) -> None:
    """Give signs of life as long as ``condition`` holds."""
    file = beat(folder)
    while condition():
        show_life(file)
        time.sleep(PAUSE)
