"""Sums by name, of more names than memory should hold: what is too much is set down in sorted runs and merged."""

from __future__ import annotations

import heapq
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import TextIO

HELD = 100_000
"""Names in memory at most; some 30 MB."""

RUNS = 64
"""Runs that are open at a time at most."""

Sum = tuple[str, int, int]
"""A name and its two sums."""


class Sums:
    """Two sums by name; inside a ``with`` block, for its runs lie in a folder of their own until it ends."""

    def __init__(self, held: int = HELD, runs: int = RUNS) -> None:
        self._held = held
        self._open_at_once = runs
        self._sums: dict[str, list[int]] = {}
        self._runs: list[Path] = []
        self._written = 0

    def __enter__(self) -> Sums:
        self._folder = tempfile.TemporaryDirectory(prefix="tesuki-sums-")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def add(self, name: str, first: int, second: int) -> None:
        """Add to the sums of ``name``."""
        known = self._sums.get(name)
        if known is None:
            known = self._sums[name] = [0, 0]
        known[0] += first
        known[1] += second
        if len(self._sums) >= self._held:
            self._set_down()

    def __iter__(self) -> Iterator[Sum]:
        """Each name once, with its sums, by code point."""
        self._set_down()
        while len(self._runs) > self._open_at_once:
            several, self._runs = self._runs[: self._open_at_once], self._runs[self._open_at_once :]
            self._write(_merged(several))
            for path in several:
                path.unlink()
        return _merged(self._runs)

    def _set_down(self) -> None:
        if self._sums:
            self._write((name, first, second) for name, (first, second) in sorted(self._sums.items()))
            self._sums = {}

    def _write(self, sums: Iterable[Sum]) -> None:
        path = Path(self._folder.name, f"{self._written:06d}")
        self._written += 1
        with path.open("w", encoding="utf-8") as sink:
            sink.writelines(f"{json.dumps(each)}\n" for each in sums)
        self._runs.append(path)


def _merged(runs: Iterable[Path]) -> Iterator[Sum]:
    with ExitStack() as opened:
        lines = [_sums(opened.enter_context(path.open(encoding="utf-8"))) for path in runs]
        for name, group in groupby(heapq.merge(*lines), key=itemgetter(0)):
            both = list(group)
            yield name, sum(each[1] for each in both), sum(each[2] for each in both)


def _sums(lines: TextIO) -> Iterator[Sum]:
    for line in lines:
        name, first, second = json.loads(line)
        yield name, first, second
