"""How a command can end badly: exit code 2, exit code 1; and what is no page's fault."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches


class RequestError(Exception):
    """The request was wrong (exit code 2): names the file, field or option, what was found and what was expected."""


class WorkError(Exception):
    """The work failed (exit code 1): says what, where, and what to do."""


class BrokenEnvironmentError(WorkError):
    """Something that no page can cause is broken: the installation, the disk, the machine. Ends the run."""


def is_of_the_environment(failure: Exception) -> bool:
    """Whether ``failure``, met while a page was worked on, is the machine's and not the page's.

    A full disk or a missing module would else become the fate of every page after it, sealed and never mended. Of the
    exceptions that derive from `OSError` those without an error number come from no operating system: a gzip member
    that is none raises one, and so does lxml for what it cannot read.
    """
    if isinstance(failure, OSError):
        return failure.errno is not None
    return isinstance(failure, BrokenEnvironmentError | ImportError | sqlite3.Error)


@contextmanager
def in_field(name: str) -> Iterator[None]:
    """Turns what is wrong with the value of a recipe's field ``name`` into a `RequestError` that begins with it."""
    try:
        yield
    except (RequestError, ValueError) as failure:
        raise RequestError(f"{name}: {failure}") from None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean X?`` where ``word`` is close to one of ``known``, else nothing."""
    close = get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
