"""The guard's child: calls one function again and again, and may be killed at any moment.

``python -m tesuki.pipelines.extraction.guard_child MODULE:FUNCTION MEMORY CPU`` (bytes, seconds of processor time)
reads pickled arguments, each behind its length in eight bytes, from stdin and writes pickled answers to stdout. A call
that never returns is ended by the kernel's timer of processor time. The child ends when stdin does, even in the middle
of a call that never looks up: nobody is left behind by a parent that was killed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import pickle
import resource
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from tesuki.pipelines.errors import is_of_the_environment

LENGTH_BYTES = 8


def framed(message: Any) -> bytes:
    """A message as it travels: its length, then its pickle."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(LENGTH_BYTES) + data


def send(channel: IO[bytes], message: Any) -> None:
    """Write one message. Raises OSError where nobody reads any more."""
    channel.write(framed(message))
    channel.flush()


def receive(channel: IO[bytes]) -> Any:
    """Read one message. Raises EOFError where the other end is gone."""
    head = channel.read(LENGTH_BYTES)
    data = channel.read(int.from_bytes(head)) if len(head) == LENGTH_BYTES else b""
    if not data:
        raise EOFError
    return pickle.loads(data)


def main() -> None:
    """Serve calls until stdin ends."""
    # Ctrl-C is sent to every process of a terminal: the parent decides what becomes of this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reference, memory, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    module, _, name = reference.partition(":")
    function = getattr(import_module(module), name)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    for number in (signal.SIGPROF, signal.SIGIO):
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
        _end_with_input(requests.fileno(), True)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        answer = _answer(function, arguments)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _end_with_input(requests.fileno(), False)
        send(answers, answer)


def _end_with_input(stdin: int, active: bool) -> None:
    """While ``active``, let the kernel end this process (SIGIO) as soon as the other end of ``stdin`` is closed.

    The parent writes nothing while it waits for an answer, so nothing else can raise the signal.
    """
    flags = fcntl.fcntl(stdin, fcntl.F_GETFL)
    fcntl.fcntl(stdin, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(stdin, fcntl.F_SETFL, flags | os.O_ASYNC if active else flags & ~os.O_ASYNC)


def _address_space() -> int:
    pages = Path("/proc/self/statm").read_text().split()[0]
    return int(pages) * resource.getpagesize()


def _answer(function: Any, arguments: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        return "value", function(*arguments)
    except Exception as failure:
        if _is_want_of_memory(failure):
            return "memory", None
        if is_of_the_environment(failure):
            return "environment", f"{type(failure).__name__}: {failure}"
        return "error", type(failure).__name__


def _is_want_of_memory(failure: Exception) -> bool:
    """A page may also take all memory and leave none for a module, or a file, that is opened late."""
    if isinstance(failure, OSError):
        return failure.errno == errno.ENOMEM
    return isinstance(failure, MemoryError) or (isinstance(failure, ImportError) and "map segment" in str(failure))


if __name__ == "__main__":
    main()
