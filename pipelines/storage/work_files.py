"""What each part cost, in a file beside its seal: not sealed, for no two runs take the same time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from tesuki.pipelines.journey.work import Work
from tesuki.pipelines.storage.files import write_bytes

WORK = "work"
"""The folder of these files, beside ``seals/``."""


def write_work(folder: Path, part: str, work: Iterable[Work]) -> None:
    """Write down what ``part`` cost; ``folder`` is that of its tables."""
    write_bytes(_path(folder, part), json.dumps([asdict(each) for each in work]).encode())


def read_work(folder: Path, parts: Iterable[str]) -> Iterator[Work]:
    """What is known of the cost of ``parts``; nothing of those whose file is missing or is none."""
    for part in parts:
        try:
            yield from [Work(**each) for each in json.loads(_path(folder, part).read_bytes())]
        except (OSError, ValueError, TypeError):
            continue


def _path(folder: Path, part: str) -> Path:
    return folder / WORK / f"{part}.json"
