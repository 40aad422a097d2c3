"""The two ways a command can end badly, as design has it: exit code 2 and exit code 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class RequestError(Exception):
    """The request was wrong (exit code 2): names the file, field or option, what was found and what was expected."""


class WorkError(Exception):
    """The work failed (exit code 1): says what, where, and what to do."""


@contextmanager
def in_field(name: str) -> Iterator[None]:
    """Turns what is wrong with the value of a recipe's field ``name`` into a `RequestError` that begins with it."""
    try:
        yield
    except (RequestError, ValueError) as failure:
        raise RequestError(f"{name}: {failure}") from None
