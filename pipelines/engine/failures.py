"""What a failed pipeline says to its user: one line, with what to do where the cause is known.

Beam hands a failure on as text, through threads and processes, wrapped in the stacks of them all; only its last line
is about the work. Where the cause is one of those below, the stacks say nothing more; where it is not, they are
logged once.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
import traceback
from pathlib import Path

from tesuki.pipelines.errors import BrokenEnvironmentError, RequestError, WorkError

TRACEBACK = "TESUKI_TRACEBACK"
"""Set to anything, this variable of the environment has every failure logged with its stack."""

GO_ON = "What is finished stays in parts/: run the same command again"

ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"Errno 28\b|No space left|Errno 122\b|quota",
        "the disk is full: make room where {place} lies, or choose another --output",
    ),
    (r"Errno 24\b|Errno 23\b|Too many open files", "too few files may be open: raise the limit, `ulimit -n 4096`"),
    (r"Errno 30\b|Read-only file system", "the file system is read-only: choose another --output"),
    (r"Errno 13\b|Permission denied", "this user may not: change the rights, or choose another --output"),
    (r"Errno 5\b|Input/output error", "the disk or its network fails: see the system's log (dmesg)"),
    (
        r"MemoryError|Errno 12\b|Cannot allocate memory|malloc of size|bad_alloc|can't start new thread|Errno 11\b",
        (
            "memory, or the number of processes, came to its end: give fewer workers (--direct_num_workers), smaller "
            "ranges (extraction.range_megabytes), or more (see `ulimit -a`)"
        ),
    ),
    (
        r"GuardError|ImportError|ModuleNotFoundError|BrokenEnvironmentError",
        "it is no page's fault and nothing was sealed that hides it: mend it first",
    ),
    (r"sqlite3\.\w+Error", "the database below parts/ could not be read or written: look at its disk"),
)
"""What to look for in the last words of a failure, and what to do then, ``{place}`` being the run's folder. The first
that is found counts."""


def work_error(failure: Exception) -> WorkError:
    """``failure`` of a pipeline in one line."""
    said = last_words(failure)
    advice = next((advice for pattern, advice in ADVICE if re.search(pattern, said, re.IGNORECASE)), None)
    if advice is None or os.environ.get(TRACEBACK):
        logging.getLogger(__name__).error("the pipeline failed", exc_info=failure)
    advice = advice and advice.replace("{place}", place())
    kind = BrokenEnvironmentError if advice else WorkError
    return kind(". ".join(["the pipeline failed: " + readable(said), *([advice] if advice else []), GO_ON]))


def last_words(failure: BaseException) -> str:
    """The line of a failure that says what happened: the last one that is no frame of a Java stack, no label."""
    lines = "".join(traceback.format_exception_only(failure)).splitlines()
    told = [line.strip() for line in lines if re.search(r"\w", line) and not line.startswith("\tat ")]
    return (told or [type(failure).__name__])[-1]


def readable(said: str) -> str:
    """Last words without what only a programmer reads: our own classes, and how Beam calls a step within a station."""
    said = re.sub(r"^(tesuki\.[\w.]+|RuntimeError): ", "", said)
    said = re.sub(r" \[while running '([^'/]++)[^']*+'\]", r" (at station \1)", said)
    return said.rstrip(". ")


def as_work_error(failure: Exception) -> Exception:
    """What to raise for ``failure``: its own words where it is already made to be read."""
    if isinstance(failure, RequestError):
        return failure
    return type(failure)(readable(str(failure))) if isinstance(failure, WorkError) else work_error(failure)


def place() -> str:
    """The folder that a run writes to, as far as that is known here: where its temporary folder lies."""
    folder = Path(tempfile.gettempdir())
    return str(folder.parent) if folder.name == "scratch" else "--output"
