"""The guard's child: calls one function again and again, and may be killed at any moment.

``python -m tesuki.pipelines.extraction.guard_child MODULE:FUNCTION MEMORY CPU WALL`` (bytes, seconds, seconds)
reads pickled arguments, each behind its length in eight bytes, from stdin and writes pickled answers to stdout. It
ends when stdin does, so it cannot outlive its parent; a call that never returns is ended by the kernel's timers,
whether the parent lives or not.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import IO, Any

LENGTH_BYTES = 8


def send(channel: IO[bytes], message: Any) -> None:
    """Write one message. Raises OSError where nobody reads any more."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    channel.write(len(data).to_bytes(LENGTH_BYTES, "little") + data)
    channel.flush()


def receive(channel: IO[bytes]) -> Any:
    """Read one message. Raises EOFError where the other end is gone."""
    head = channel.read(LENGTH_BYTES)
    data = channel.read(int.from_bytes(head, "little")) if len(head) == LENGTH_BYTES else b""
    if not data:
        raise EOFError
    return pickle.loads(data)


def main() -> None:
    """Serve calls until stdin ends."""
    reference, memory, cpu_seconds, wall_seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    module, _, name = reference.partition(":")
    function = getattr(import_module(module), name)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    bound = _address_space() + memory
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    send(answers, ("ready", None))
    while True:
        try:
            arguments = receive(requests)
        except EOFError:
            return
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        signal.setitimer(signal.ITIMER_REAL, wall_seconds)
        answer = _answer(function, arguments)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(answers, answer)


def _address_space() -> int:
    pages = Path("/proc/self/statm").read_text().split()[0]
    return int(pages) * resource.getpagesize()


def _answer(function: Any, arguments: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        return "value", function(*arguments)
    except MemoryError:
        return "memory", None
    except Exception as failure:
        return "error", type(failure).__name__


if __name__ == "__main__":
    main()
