"""One writer at a time, and a dead one is told from a living one."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.storage.lock import LOCK, SILENCE, locked, refuse_locked

HOLD = """
import sys
from pathlib import Path
from tesuki.pipelines.storage.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock on ``tmp_path``."""
    words = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as program:
        assert program.stdout
        assert program.stdout.readline() == "held\n"
        yield program
        program.kill()


@pytest.fixture(params=["locks", "no locks"])
def file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One that carries locks, and one that answers that it knows none."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    if request.param == "no locks":
        monkeypatch.setattr(fcntl, "flock", refuse)
    return str(request.param)


def left_by(folder: Path, *, kernel: str, seconds_ago: float) -> None:
    """What a run on some machine leaves that was killed."""
    owner = {"host": "elsewhere", "pid": 4242, "since": "2026-05-02T03:04:05Z", "kernel": kernel}
    path = folder / LOCK
    path.write_text(json.dumps(owner))
    then = time.time() - seconds_ago
    os.utime(path, (then, then))


def test_the_second_is_told_who_is_first(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    for attempt in (refuse_locked, lambda folder: locked(folder).__enter__()):
        with pytest.raises(RequestError, match=f"in use by process {holder.pid} on {socket.gethostname()} since 20"):
            attempt(tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / LOCK]


def test_a_killed_owner_holds_nothing(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    assert (tmp_path / LOCK).exists()
    refuse_locked(tmp_path)
    with locked(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_held_and_let_go(tmp_path: Path, file_system: str) -> None:
    for _ in range(2):
        with locked(tmp_path) as held:
            held.still_ours()
            with pytest.raises(RequestError, match=f"process {os.getpid()} on"):
                refuse_locked(tmp_path)
        assert not list(tmp_path.iterdir())


def test_the_lock_goes_with_a_failure(tmp_path: Path, file_system: str) -> None:
    with pytest.raises(ZeroDivisionError), locked(tmp_path):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_another_machines_lock_is_believed_while_its_heart_beats(tmp_path: Path, file_system: str) -> None:
    left_by(tmp_path, kernel="another", seconds_ago=SILENCE - 60)
    with pytest.raises(RequestError, match=r"process 4242 on elsewhere since 2026-05-02T03:04:05Z.*remove .*wait"):
        refuse_locked(tmp_path)
    with pytest.raises(RequestError, match="elsewhere"), locked(tmp_path):
        pass
    left_by(tmp_path, kernel="another", seconds_ago=SILENCE + 60)
    refuse_locked(tmp_path)
    with locked(tmp_path) as held:
        held.still_ours()
    assert not list(tmp_path.iterdir())


def test_who_was_taken_for_dead_hears_of_it(tmp_path: Path) -> None:
    with locked(tmp_path) as held:
        (tmp_path / LOCK).unlink()
        with locked(tmp_path) as other:
            other.still_ours()
            with pytest.raises(WorkError, match="taken over by process"):
                held.still_ours()
    assert not list(tmp_path.iterdir())


def test_a_heart_beats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tesuki.pipelines.storage.lock.BEAT", 0.01)
    with locked(tmp_path):
        os.utime(tmp_path / LOCK, (0, 0))
        deadline = time.monotonic() + 30
        while not (tmp_path / LOCK).stat().st_mtime and time.monotonic() < deadline:
            time.sleep(0.01)
        assert (tmp_path / LOCK).stat().st_mtime


def test_of_many_at_once_never_two_hold_it(tmp_path: Path, file_system: str) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> int:
        taken = 0
        for _ in range(50):
            try:
                with locked(tmp_path):
                    inside.append(number)
                    most.append(len(inside))
                    inside.remove(number)
                    taken += 1
            except RequestError:
                continue
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken: list[Any] = list(pool.map(work, range(4)))
    assert max(most) == 1
    assert sum(taken)
    assert not list(tmp_path.iterdir())
