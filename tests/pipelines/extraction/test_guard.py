"""A call that hangs, starves or crashes costs itself; the calls beside it are untouched and nobody is left behind.

The functions called are those of the standard library and of the interpreter: what they do to a process is real.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import psutil
import pytest

from tesuki.pipelines.extraction.guard import _CHILD, Answer, Failure, Guard, GuardError

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
    assert powers.call(3, 10**9) == Failure("timeout", "processor time", 1.0)
    assert powers.call(2, 4) == Answer(16)


def test_a_call_that_waits_for_nothing_ends_the_run_and_is_no_pages_fate() -> None:
    with Guard("time:sleep", deadline=0.2, still=0.3) as guard:
        with pytest.raises(GuardError, match=r"stood still for 0.3 s.*3 times over the same page"):
            guard.call(60)
        assert guard.call(0) == Answer(None)


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if _CHILD in child.cmdline()]


@contextmanager
def in_the_background(act: Callable[[], None]) -> Iterator[None]:
    thread = Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def when_it_works(act: Callable[[psutil.Process], None]) -> Callable[[], None]:
    """Does something to the one child as soon as it has used a second of processor time."""

    def watch() -> None:
        (child,) = children()
        used = sum(child.cpu_times()[:2])
        while sum(child.cpu_times()[:2]) < used + 0.2:
            time.sleep(0.01)
        act(child)

    return watch


def stop_for_a_while(child: psutil.Process) -> None:
    child.suspend()
    time.sleep(2.5)
    child.resume()


@pytest.mark.parametrize("act", [lambda child: child.nice(19), stop_for_a_while], ids=["nice", "SIGSTOP and SIGCONT"])
def test_a_fate_depends_on_processor_time_alone(powers: Guard, act: Callable[[psutil.Process], None]) -> None:
    """The same call, on a machine that has no time for it: the clock on the wall goes on and decides nothing."""
    fates = []
    for what in (lambda child: None, act):
        assert powers.call(2, 3) == Answer(8)
        with in_the_background(when_it_works(what)):
            fates.append(powers.call(3, 10**9))
    assert fates == [Failure("timeout", "processor time", 1.0)] * 2


@pytest.mark.parametrize("size", [1, 1 << 20], ids=["before it answers", "before it has read"])
def test_a_child_that_stays_stopped_is_replaced(size: int) -> None:
    with Guard("builtins:len", still=0.5) as guard:
        assert guard.call(b"") == Answer(0)
        children()[0].suspend()
        assert guard.call(bytes(size)) == Answer(size)


def test_too_much_memory_is_a_failure() -> None:
    with Guard("builtins:bytearray", memory=GIGABYTE // 2) as guard:
        assert guard.call(10) == Answer(bytearray(10))
        assert guard.call(GIGABYTE) == Failure("memory", "MemoryError", GIGABYTE // 2)
        assert guard.call(10) == Answer(bytearray(10))


@pytest.mark.parametrize(
    ("reference", "argument", "detail"),
    [
        ("ctypes:string_at", 1, "crashed"),
        ("signal:raise_signal", signal.SIGABRT, "crashed"),
        ("signal:raise_signal", signal.SIGSEGV, "crashed"),
        ("os:_exit", 3, "exited"),
    ],
)
def test_a_crash_is_a_failure_and_names_no_signal(reference: str, argument: int, detail: str) -> None:
    with Guard(reference) as guard:
        assert guard.call(argument) == Failure("crash", detail)
        assert guard.call(argument) == Failure("crash", detail)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_that_somebody_kills_over_and_over_ends_the_run(number: signal.Signals) -> None:
    with Guard("signal:raise_signal") as guard, pytest.raises(GuardError, match=f"killed from outside .{number.name}"):
        guard.call(number)


@pytest.mark.parametrize(
    ("reference", "argument"),
    [("builtins:open", "/no/such/file"), ("importlib:import_module", "no_such_module"), ("os:rmdir", "/")],
)
def test_what_no_page_can_cause_ends_the_run(reference: str, argument: str) -> None:
    with Guard(reference) as guard, pytest.raises(GuardError, match="Error"):
        guard.call(argument)


def test_an_error_that_no_operating_system_raised_is_the_pages() -> None:
    """`gzip.BadGzipFile` is an OSError by its class alone."""
    with Guard("gzip:decompress") as guard:
        assert guard.call(b"no gzip") == Failure("error", "BadGzipFile")


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


def test_an_installation_at_fault_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_module.py").write_text("raise ImportError('lxml.html.clean is now a project of its own')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Guard("broken_module:function") as guard, pytest.raises(GuardError) as told:
        guard.call()
    assert "did not start: ImportError: lxml.html.clean is now a project of its own" in str(told.value)


@pytest.mark.parametrize("argument", ["2, 3", "3, 10 ** 9"], ids=["idle", "in a loop that looks up for nobody"])
def test_the_child_does_not_outlive_a_killed_parent(argument: str) -> None:
    script = (
        "from tesuki.pipelines.extraction.guard import Guard\n"
        "guard = Guard('builtins:pow', deadline=60)\n"
        "guard.call(2, 3)\n"
        "print(guard._child.pid, flush=True)\n"
        f"guard.call({argument})\n"
        "import time; time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert alive(child)
    time.sleep(0.3)
    parent.kill()
    parent.wait()
    give_up = time.monotonic() + 20
    while alive(child) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not alive(child)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
