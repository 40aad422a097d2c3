"""Progress of a run, as it goes: one line on a terminal, now and then a line where nobody looks, events for machines.

It is read from what lies on disk by a thread of the driver, the same for every engine, and has no part in the work.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.status import Status
from rich.text import Text

from tesuki.pipelines.commands.terminal import echo
from tesuki.pipelines.corpus.under_way import STEPS, Onlooker, Progress, announced_in
from tesuki.pipelines.engine.ending import descendants
from tesuki.pipelines.journey.printable import printable

PAUSE = 1.0
"""Seconds between two looks."""

SHARE = 50
"""Seconds to work for each second of looking: a run of a hundred thousand parts is looked at less often."""

PLAIN_PAUSE = 30.0
"""Seconds between two lines where the output is no terminal."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """A look at a run, with what two looks tell: ``seconds`` since the first, and what was done between them."""

    now: Progress
    seconds: float
    pages: int
    bytes: int
    parts: int
    memory: int

    @property
    def seconds_left(self) -> float | None:
        """What is left of this step at the pace so far; None before there is one."""
        reading = self.now.step == STEPS[0]
        done = self.bytes if reading else self.parts
        left = self.now.bytes - self.now.bytes_done if reading else self.now.parts - self.now.done
        return (
            self.seconds * left / done if done > 0 and self.seconds and self.now.step in (STEPS[0], STEPS[2]) else None
        )

    def line(self) -> str:
        """For people."""
        now = self.now
        reused = f" ({now.reused} from before)" if now.reused else ""
        said = [f"{now.step}: {now.done} of {now.parts} parts{reused}"]
        if now.step == STEPS[0]:
            said.append(f"{now.pages:,} pages")
            if self.seconds and self.pages:
                said.append(f"{self.pages / self.seconds:,.0f} pages/s")
                said.append(f"{self.bytes / self.seconds / 1e6:,.1f} MB/s")
        said.append(", ".join(f"{fate} {pages:,}" for fate, pages in now.fates.items() if pages) or "")
        if not now.fates.get("kept"):
            said.append(f"passing {now.passing:,}")
        if now.slowest:
            said.append(f"slowest {now.slowest[0]} {now.slowest[1]:.0%}")
        said.append(f"{self.memory / 1e9:.1f} GB")
        if self.seconds_left is not None:
            said.append(f"about {_span(self.seconds_left)} left")
        return " · ".join(item for item in said if item)

    def record(self) -> dict[str, Any]:
        """For machines."""
        rates = {"pages_a_second": self.pages / self.seconds, "bytes_a_second": self.bytes / self.seconds}
        return {
            "event": "progress",
            **self.now.record(),
            **(rates if self.seconds else {}),
            "memory": self.memory,
            "seconds_left": self.seconds_left,
        }


@contextmanager
def told(parts: Path, console: Console, *, as_json: bool, quiet: bool) -> Iterator[Say]:
    """Show how the run in ``parts`` goes, until the block ends. Gives what takes the lines that the run itself says."""
    if quiet:
        yield lambda _: None
        return
    looks = paces(parts)
    if as_json:
        with _thread(lambda: event(pace.record()) if (pace := next(looks)) else None, PAUSE):
            yield lambda line: event({"event": "line", "text": line})
        return

    def say(line: str) -> None:
        console.print(Text(printable(line), style="dim"), soft_wrap=True)

    if console.is_terminal:
        with console.status("", spinner="line") as status, _thread(lambda: _update(status, next(looks)), PAUSE):
            yield say
    else:
        with _thread(lambda: say(pace.line()) if (pace := next(looks)) else None, PLAIN_PAUSE):
            yield say


def event(record: dict[str, Any]) -> None:
    """Print an event: one line of JSON."""
    echo(json.dumps(record, sort_keys=True))


def paces(parts: Path) -> Iterator[Pace | None]:
    """Looks at the run in ``parts`` that is about to begin, for ever; None while it has not."""
    return _paces(parts, _changed(parts))


def _paces(parts: Path, before: int) -> Iterator[Pace | None]:
    while _changed(parts) == before or (announced := announced_in(parts)) is None:
        yield None
    onlooker, start = Onlooker(parts, announced), time.monotonic()
    first: Progress | None = None
    while True:
        now = _look(onlooker)
        first = first or now
        if now is None or first is None:
            yield None
            continue
        yield Pace(
            now,
            seconds=time.monotonic() - start,
            pages=now.pages - first.pages,
            bytes=now.bytes_done - first.bytes_done,
            parts=now.done - (first.done if now.step == first.step else 0),
            memory=_memory(),
        )


def _look(onlooker: Onlooker) -> Progress | None:
    """Files come and go while they are looked at; the next look finds them in order."""
    try:
        return onlooker.look()
    except (OSError, ValueError, LookupError):
        return None


def finished_so_far(parts: Path) -> str:
    """What a run that was stopped has done, and how it goes on."""
    announced = announced_in(parts)
    if announced is None:
        return "Nothing was begun."
    now = Onlooker(parts, announced).look()
    return (
        f"{now.pages:,} records are read, {now.done} of {now.parts} parts are finished ({now.step}), and stay. "
        "To go on, run the same command again."
    )


@contextmanager
def _thread(look: Callable[[], None], pause: float) -> Iterator[None]:
    done = threading.Event()

    def work() -> None:
        cost = 0.0
        while not done.wait(max(pause, SHARE * cost)):
            start = time.thread_time()
            look()
            cost = time.thread_time() - start

    thread = threading.Thread(target=work, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(pause)


def _update(status: Status, pace: Pace | None) -> None:
    if pace:
        status.update(Text(pace.line()))


def _changed(parts: Path) -> int:
    try:
        return (parts / "under-way.json").stat().st_mtime_ns
    except OSError:
        return 0


def _memory() -> int:
    """Bytes in memory of this process and those it started."""
    pages = 0
    for process in (os.getpid(), *descendants(os.getpid())):
        with suppress(OSError, IndexError, ValueError):
            pages += int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"
