"""A guard for calls into code that strangers' bytes can hang, starve or crash.

The function runs in a child process of its own, which is killed and replaced when a call goes wrong; the caller gets
a value or the reason why there is none, and the calls before and after are untouched. The child is a fresh
interpreter, never a fork: Beam's workers are full of gRPC threads that a fork would break (apache/beam issue 25374).
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

from tesuki.pipelines.extraction.guard_child import receive, send

DEADLINE = 10.0
"""Seconds of processor time a call may take: a hundred times the 95th percentile of Trafilatura on real pages (0.07 to
0.1 s). Processor time, so that a busy machine does not change a page's fate."""

WALL_FACTOR = 6.0
"""A call may take this many times its deadline by the clock on the wall, for calls that sleep."""

MEMORY = 2 << 30
"""Bytes of address space a call may take beyond what the child has when it is ready: a page of 20 MB took Trafilatura
554 MB."""

STARTUP_SECONDS = 120.0

FailureKind = Literal["timeout", "memory", "crash", "error"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The call returned ``value``."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failure:
    """The call gave nothing: ``limit`` is the deadline in seconds or the bound in bytes that it broke, where it did."""

    kind: FailureKind
    detail: str
    limit: float | None = None


class GuardError(RuntimeError):
    """The child cannot be started at all: the installation is at fault, not a page."""


class Guard:
    """Calls ``module:function`` in a killable child. A context manager; the child starts with the first call."""

    def __init__(self, reference: str, *, deadline: float = DEADLINE, memory: int = MEMORY) -> None:
        self._reference = reference
        self._deadline = deadline
        self._memory = memory
        self._child: subprocess.Popen[bytes] | None = None
        self._fresh = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def call(self, *arguments: Any) -> Answer | Failure:
        """Call the function. Raises GuardError where no child can be started.

        A crash or a lack of memory is believed only of a fresh child: what earlier pages left behind must not decide
        the fate of this one.
        """
        outcome = self._attempt(arguments)
        if isinstance(outcome, Failure) and outcome.kind in ("memory", "crash") and not self._fresh:
            outcome = self._attempt(arguments)
        return outcome

    def _attempt(self, arguments: tuple[Any, ...]) -> Answer | Failure:
        self._fresh = self._child is None
        child = self._child or self._start()
        self._child = child
        assert child.stdin
        assert child.stdout
        try:
            send(child.stdin, arguments)
            if not _readable(child, self._deadline * WALL_FACTOR + 5):
                return self._fail(Failure("timeout", "no answer", self._deadline))
            kind, value = receive(child.stdout)
        except (OSError, EOFError):
            return self._fail(self._reason(child))
        except BaseException:  # interrupted between question and answer: the next caller must not get this answer
            self._end()
            raise
        if kind == "value":
            return Answer(value)
        if kind == "memory":
            return self._fail(Failure("memory", "MemoryError", self._memory))
        return Failure("error", str(value))

    def _start(self) -> subprocess.Popen[bytes]:
        limits = [str(self._memory), str(self._deadline), str(self._deadline * WALL_FACTOR)]
        child = subprocess.Popen(
            [sys.executable, "-m", "tesuki.pipelines.extraction.guard_child", self._reference, *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        assert child.stdout
        try:
            if not _readable(child, STARTUP_SECONDS):
                raise EOFError
            receive(child.stdout)
        except EOFError:
            child.kill()
            raise GuardError(
                f"the guarded child for {self._reference} did not start (exit code {child.wait()}); "
                "run `python -m tesuki.pipelines.extraction.guard_child` to see why"
            ) from None
        return child

    def _reason(self, child: subprocess.Popen[bytes]) -> Failure:
        code = child.wait()
        if code in (-signal.SIGPROF, -signal.SIGALRM):
            return Failure("timeout", signal.Signals(-code).name, self._deadline)
        return Failure("crash", signal.Signals(-code).name if code < 0 else f"exit code {code}")

    def _fail(self, failure: Failure) -> Failure:
        self._end()
        return failure

    def _end(self) -> None:
        child, self._child = self._child, None
        if child:
            child.kill()
            child.communicate()


def _readable(child: subprocess.Popen[bytes], seconds: float) -> bool:
    assert child.stdout
    poll = select.poll()
    poll.register(child.stdout, select.POLLIN | select.POLLHUP)
    return bool(poll.poll(seconds * 1000))


def _environment() -> dict[str, str]:
    # PYTHONSAFEPATH: the folder it is run from may hold a folder called tokenize. PYTHONHASHSEED: sets inside the
    # extractor must iterate the same everywhere. One thread: the cores belong to the workers.
    return {
        **os.environ,
        "PYTHONSAFEPATH": "1",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
