"""A share of the archives, for machines that run many commands at once and no service between them.

Parts know nothing of each other before deduplication, so K of N commands each make those of their own archives and
stop; the command without a share then finds them sealed. Each share has a lock of its own. A run of the whole and a
share exclude each other: each takes its own lock first and looks for the other's then, so that of two that start
together one sees the other, or both do and neither begins.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.lock import refuse_locked

Name = TypeVar("Name")

_SHARE = re.compile(r"(\d{1,9})/(\d{1,9})")

PATIENCE = 5.0
"""Seconds in which a share asks again whether a run of the whole is on: shares that ask at the same moment what became
of a lock that a killed run left hold it for an instant each."""


@dataclass(frozen=True, slots=True)
class Share:
    """The ``number``-th of ``of`` shares, from 1."""

    number: int
    of: int

    @property
    def name(self) -> str:
        """For files and folders."""
        return f"{self.number}-of-{self.of}"

    def of_files(self, files: Mapping[str, tuple[Name, ...]]) -> dict[str, tuple[Name, ...]]:
        """Every ``of``-th file, counted through all subsets, so that shares are even where subsets are small."""
        taken: dict[str, tuple[Name, ...]] = {}
        position = 0
        for subset, group in files.items():
            taken[subset] = tuple(
                name for count, name in enumerate(group, position) if count % self.of == self.number - 1
            )
            position += len(group)
        return taken

    def folder(self, parts: Path) -> Path:
        """Where the share keeps its lock and what is temporary."""
        return parts / SHARES / self.name


SHARES = "shares"
"""The folder of all shares below ``parts/``."""


def share_of(word: str, environment: Mapping[str, str]) -> Share:
    """The share that ``word`` names: ``3/64``, or ``slurm`` for that of a task of a Slurm job array.

    Raises `RequestError` for anything else.
    """
    if word == "slurm":
        return _of_slurm(environment)
    found = _SHARE.fullmatch(word)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise RequestError(f"--share: found {word!r}, expected K/N with K from 1 to N, as 3/64, or slurm")
    return Share(int(found[1]), int(found[2]))


def _of_slurm(environment: Mapping[str, str]) -> Share:
    names = ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_COUNT")
    try:
        task, first, last, count = (int(environment[name]) for name in names)
    except (KeyError, ValueError):
        raise RequestError(
            f"--share slurm: expected {', '.join(names)}, which Slurm gives to tasks of an array"
        ) from None
    if last - first + 1 != count:
        raise RequestError(
            f"--share slurm: the array has {count} tasks from {first} to {last}; expected one without gaps, as 1-64 "
            "(a task that must run again is named by --share K/N)"
        )
    return Share(task - first + 1, count)


def refuse_shares(parts: Path) -> None:
    """Raise `RequestError` where a share is being made below ``parts``."""
    for folder in sorted((parts / SHARES).glob("*-of-*")):
        refuse_locked(folder)


def refuse_run(output: Path) -> None:
    """Raise `RequestError` where a run of the whole is on in ``output``, after `PATIENCE`."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return refuse_locked(output)
        except RequestError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
