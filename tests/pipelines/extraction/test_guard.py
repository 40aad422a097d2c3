"""A call that hangs, starves or crashes costs itself; the calls beside it are untouched and nobody is left behind.

The functions called are those of the standard library and of the interpreter: what they do to a process is real.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tesuki.pipelines.extraction.guard import Answer, Failure, Guard, GuardError

GIGABYTE = 1 << 30


@pytest.fixture
def powers() -> Iterator[Guard]:
    """``pow`` with one second of processor time: quick for small numbers, endless for large ones, deaf to signals."""
    with Guard("builtins:pow", deadline=1.0) as guard:
        yield guard


def test_values_come_back(powers: Guard) -> None:
    assert powers.call(2, 10) == Answer(1024)
    assert powers.call(2, -1) == Answer(0.5)


def test_an_exception_is_a_failure_and_the_child_stays(powers: Guard) -> None:
    assert powers.call(2, "x") == Failure("error", "TypeError")
    assert powers.call(2, 3) == Answer(8)


def test_a_call_that_never_ends_is_killed_and_its_neighbours_are_not(powers: Guard) -> None:
    assert powers.call(2, 3) == Answer(8)
    assert powers.call(3, 10**9) == Failure("timeout", "SIGPROF", 1.0)
    assert powers.call(2, 4) == Answer(16)


def test_a_call_that_sleeps_is_killed_by_the_clock_on_the_wall() -> None:
    with Guard("time:sleep", deadline=0.2) as guard:
        assert guard.call(60) == Failure("timeout", "SIGALRM", 0.2)
        assert guard.call(0) == Answer(None)


def test_too_much_memory_is_a_failure() -> None:
    with Guard("builtins:bytearray", memory=GIGABYTE // 2) as guard:
        assert guard.call(10) == Answer(bytearray(10))
        assert guard.call(GIGABYTE) == Failure("memory", "MemoryError", GIGABYTE // 2)
        assert guard.call(10) == Answer(bytearray(10))


@pytest.mark.parametrize(
    ("reference", "argument", "detail"),
    [
        ("ctypes:string_at", 1, "SIGSEGV"),
        ("signal:raise_signal", signal.SIGABRT, "SIGABRT"),
        ("signal:raise_signal", signal.SIGKILL, "SIGKILL"),
        ("os:_exit", 3, "exit code 3"),
    ],
)
def test_a_crash_is_a_failure(reference: str, argument: int, detail: str) -> None:
    with Guard(reference) as guard:
        assert guard.call(argument) == Failure("crash", detail)
        assert guard.call(argument) == Failure("crash", detail)


def test_a_child_that_died_between_two_calls_is_replaced() -> None:
    with Guard("os:getpid") as guard:
        first = guard.call()
        assert isinstance(first, Answer)
        os.kill(first.value, signal.SIGKILL)
        second = guard.call()
        assert isinstance(second, Answer)
        assert second.value != first.value


def test_an_interrupted_call_leaves_no_answer_behind(powers: Guard) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    assert powers.call(2, 3) == Answer(8)
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(KeyboardInterrupt):
            powers.call(3, 10**9)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert powers.call(2, 4) == Answer(16)


def test_one_child_serves_all_calls_and_ends_with_the_guard() -> None:
    with Guard("os:getpid") as guard:
        pids = [guard.call() for _ in range(3)]
    assert len(set(pids)) == 1
    assert isinstance(pids[0], Answer)
    assert not alive(pids[0].value)


def test_large_arguments_and_values_pass() -> None:
    with Guard("builtins:bytes") as guard:
        body = os.urandom(20 << 20)
        assert guard.call(body) == Answer(body)


def test_what_the_function_prints_disturbs_nobody() -> None:
    with Guard("builtins:print") as guard:
        assert guard.call("x" * 100_000) == Answer(None)


def test_the_child_never_imports_from_the_folder_it_is_run_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "colorsys.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    with Guard("colorsys:rgb_to_hls") as guard:
        assert isinstance(guard.call(0, 0, 0), Answer)


def test_an_installation_at_fault_is_said_at_once() -> None:
    with Guard("no_such_module:function") as guard, pytest.raises(GuardError, match="no_such_module:function"):
        guard.call()


def test_the_child_does_not_outlive_a_killed_parent() -> None:
    script = (
        "from tesuki.pipelines.extraction.guard import Guard\n"
        "guard = Guard('os:getpid')\n"
        "print(guard.call().value, flush=True)\n"
        "import time; time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.wait()
    give_up = time.monotonic() + 30
    while alive(child) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not alive(child)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
