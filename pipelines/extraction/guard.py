"""A guard for calls into code that strangers' bytes can hang, starve or crash.

The function runs in a child process of its own, which is killed and replaced when a call goes wrong; the caller gets
a value or the reason why there is none, and the calls before and after are untouched. The child is a fresh
interpreter, never a fork: Beam's workers are full of gRPC threads that a fork would break (apache/beam issue 25374).
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from tesuki.pipelines.errors import BrokenEnvironmentError
from tesuki.pipelines.extraction.guard_child import LENGTH_BYTES, framed

DEADLINE = 10.0
"""Seconds of processor time a call may take: a hundred times the 95th percentile of Trafilatura on real pages (0.07 to
0.1 s). Processor time, so that a busy machine does not change a page's fate; a machine ten times slower than that one
still leaves a tenfold margin."""

MEMORY = 2 << 30
"""Bytes of address space a call may take beyond what the child has when it is ready: a page of 20 MB took Trafilatura
554 MB."""

STILL_SECONDS = 60.0
"""How long a child that owes an answer may neither run nor want to: some stranger has stopped it, or it waits for
something that never comes."""

ATTEMPTS = 3
"""How often a call is tried that something other than its arguments put an end to."""

OWN_FAULTS = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE, signal.SIGSYS})
"""Signals a process earns by what it does; any other was sent by somebody: the kernel for want of memory, a user."""

FailureKind = Literal["timeout", "memory", "crash", "error"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The call returned ``value``."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failure:
    """The call gave nothing: ``limit`` is the deadline in seconds or the bound in bytes that it broke, where it did.

    ``detail`` depends on the arguments alone: no signals, times or addresses.
    """

    kind: FailureKind
    detail: str
    limit: float | None = None


class GuardError(BrokenEnvironmentError):
    """The installation or the machine is at fault, not a page: no child can be started, or none is let work."""


class _DisturbedError(Exception):
    """The call was put an end to from outside; says how."""


class Guard:
    """Calls ``module:function`` in a killable child. A context manager; the child starts with the first call."""

    def __init__(
        self, reference: str, *, deadline: float = DEADLINE, memory: int = MEMORY, still: float = STILL_SECONDS
    ) -> None:
        self._reference = reference
        self._deadline = deadline
        self._memory = memory
        self._still = still
        self._child: subprocess.Popen[bytes] | None = None
        self._fresh = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def call(self, *arguments: Any) -> Answer | Failure:
        """Call the function. Raises GuardError where no child can be started or none is left to work.

        A crash or a lack of memory is believed only of a fresh child: what earlier pages left behind must not decide
        the fate of this one.
        """
        outcome = self._undisturbed(arguments)
        if isinstance(outcome, Failure) and outcome.kind in ("memory", "crash") and not self._fresh:
            outcome = self._undisturbed(arguments)
        return outcome

    def _undisturbed(self, arguments: tuple[Any, ...]) -> Answer | Failure:
        for _ in range(ATTEMPTS):
            try:
                return self._attempt(arguments)
            except _DisturbedError as disturbance:
                self._end()
                last = disturbance
        raise GuardError(f"{self._name} {last}, {ATTEMPTS} times over the same page")

    def _attempt(self, arguments: tuple[Any, ...]) -> Answer | Failure:
        self._fresh = self._child is None
        child = self._child = self._child or self._start()
        try:
            self._tell(child, framed(arguments))
            kind, value = self._answer(child)
        except (OSError, EOFError):
            return self._fail(self._reason(child))
        except BaseException:  # interrupted between question and answer: the next caller must not get this answer
            self._end()
            raise
        if kind == "value":
            return Answer(value)
        if kind == "memory":
            return self._fail(Failure("memory", "MemoryError", self._memory))
        if kind == "environment":
            raise GuardError(f"{self._name} failed: {value}")
        return Failure("error", str(value))

    def _tell(self, child: subprocess.Popen[bytes], message: bytes) -> None:
        assert child.stdin
        rest = memoryview(message)
        while rest:
            self._await(child, child.stdin.fileno(), select.POLLOUT)
            rest = rest[os.write(child.stdin.fileno(), rest) :]

    def _answer(self, child: subprocess.Popen[bytes]) -> tuple[str, Any]:
        answer: tuple[str, Any] = pickle.loads(self._read(child, int.from_bytes(self._read(child, LENGTH_BYTES))))
        return answer

    def _read(self, child: subprocess.Popen[bytes], size: int) -> bytes:
        assert child.stdout
        read = bytearray()
        while len(read) < size:
            self._await(child, child.stdout.fileno(), select.POLLIN)
            block = os.read(child.stdout.fileno(), size - len(read))
            if not block:
                raise EOFError
            read += block
        return bytes(read)

    def _await(self, child: subprocess.Popen[bytes], channel: int, event: int) -> None:
        """Wait until ``channel`` is ready. However busy the machine is, a child that wants to run is waited for: its
        processor time is bounded by the kernel. Raises `_DisturbedError` for one that stands still.

        Waking up is counted and not the clock: while this process itself is stopped, no time passes for its child.
        """
        poll = select.poll()
        poll.register(channel, event)
        pause = min(1.0, self._still / 5)
        still, before = 0.0, ""
        while not poll.poll(pause * 1000):
            state, ticks = _state(child.pid)
            still = 0.0 if state == "R" or ticks != before else still + pause
            before = ticks
            if still >= self._still:
                raise _DisturbedError(f"stood still for {self._still:g} s (stopped by a signal or a debugger?)")

    @property
    def _name(self) -> str:
        return f"the guarded child for {self._reference}"

    def _start(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-m", _CHILD, self._reference, str(self._memory), str(self._deadline)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
        )
        assert child.stdin
        # A pipe is ready for a little; what is larger must not wait in the kernel for a child that is stopped.
        os.set_blocking(child.stdin.fileno(), False)
        try:
            self._answer(child)
        except (EOFError, _DisturbedError) as failure:
            child.kill()
            _, said = child.communicate()
            lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
            silent = f"it ended with {child.returncode} and said nothing: is memory at its end (see `ulimit -v`)?"
            raise GuardError(
                f"{self._name} did not start: {(lines or [str(failure) or silent])[-1]}. "
                "The installation or the machine is at fault and no page: `pip check` shows what does not fit together"
            ) from None
        except BaseException:
            child.kill()
            child.communicate()
            raise
        return child

    def _reason(self, child: subprocess.Popen[bytes]) -> Failure:
        """Why the child ended. Raises `_DisturbedError` where something other than its own work ended it."""
        code = child.wait()
        if code == -signal.SIGPROF:
            return Failure("timeout", "processor time", self._deadline)
        if code < 0 and -code not in OWN_FAULTS:
            raise _DisturbedError(
                f"was killed from outside ({signal.Signals(-code).name}; the kernel does so where memory ends: "
                "give fewer workers)"
            )
        return Failure("crash", "crashed" if code < 0 else "exited")

    def _fail(self, failure: Failure) -> Failure:
        self._end()
        return failure

    def _end(self) -> None:
        child, self._child = self._child, None
        if child:
            child.kill()
            child.communicate()


def _state(pid: int) -> tuple[str, str]:
    """The state of a process by its letter (R runs or wants to, S sleeps, T is stopped) and its processor time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return fields[0], " ".join(fields[11:13])


_CHILD = "tesuki.pipelines.extraction.guard_child"


def _environment() -> dict[str, str]:
    # PYTHONSAFEPATH: the folder it is run from may hold a folder called tokenize. PYTHONHASHSEED: sets inside the
    # extractor must iterate the same everywhere. TZ: nor may dates in a zone with a name depend on the machine's. One
    # thread: the cores belong to the workers.
    return {
        **os.environ,
        "PYTHONSAFEPATH": "1",
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
