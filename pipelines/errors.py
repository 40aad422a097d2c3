"""The two ways a command can end badly, as design has it: exit code 2 and exit code 1."""

from __future__ import annotations


class RequestError(Exception):
    """The request was wrong (exit code 2): names the file, field or option, what was found and what was expected."""


class WorkError(Exception):
    """The work failed (exit code 1): says what, where, and what to do."""
