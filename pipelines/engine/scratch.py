"""A run's own temporary folder, for all that Beam and its workers put beside the work.

Beam leaves a folder for every run that ends badly, and its job service some for every run. Below ``parts/`` they can
be told from everybody else's: the run removes the folder however it ends, and after a `kill -9` the next one does.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch(folder: Path) -> Iterator[None]:
    """Until the block ends, `tempfile` of this process and of those it starts works in ``folder``, empty at first."""
    remove(folder)
    folder.mkdir(parents=True)
    before, variable = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    _IN_USE.add(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
        os.environ.pop("TMPDIR")
        if variable is not None:
            os.environ["TMPDIR"] = variable
        _IN_USE.discard(folder)
        remove(folder)


_IN_USE: set[Path] = set()
"""Folders of blocks that have not ended."""


def remove_scratch() -> None:
    """Remove what blocks use that will not come to their end: the process is about to."""
    for folder in _IN_USE:
        remove(folder)


def remove(folder: Path) -> None:
    """Remove a temporary folder with all that is in it, as far as that goes."""
    shutil.rmtree(folder, ignore_errors=True)
