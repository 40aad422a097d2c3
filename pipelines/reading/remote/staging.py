"""A range of a file elsewhere, read as if the file lay here: fetched into a spool with what its reading looks at.

Readers map a file and look before and behind a range. So the spool holds the bytes of the range at their own places,
some before it, and some behind; where a reading would have to know more, more is fetched and the reading done again.
What it gives is then, item by item, what the whole file gives.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.remote.address import Remote, remote_of
from tesuki.pipelines.reading.remote.fetch import fetch_range
from tesuki.pipelines.reading.remote.manners import Manners
from tesuki.pipelines.reading.unpacked import ZSTD_SKIPPABLE
from tesuki.pipelines.reading.warc.archive import LOOKBACK
from tesuki.pipelines.reading.warc.careful import first_start
from tesuki.pipelines.reading.warc.packing import archive_format
from tesuki.pipelines.reading.warc.units import DICTIONARY_BYTES
from tesuki.pipelines.storage.files import sha256_of

TAIL = 1 << 20
"""Bytes fetched behind a range at first: a record that begins in it may end behind it."""

MARGIN = 128 << 10
"""Bytes behind an item that its reading may have looked at: twice the longest head of a record."""

HEAD = 64 << 10
"""Bytes at the beginning of a file by which its format is told."""

Read = Callable[[Range], Iterator[Page | Fate]]


def read_staged(part: Range, read: Read, manners: Manners, *, splits: bool) -> Iterator[Page | Fate]:
    """What ``read`` gives of ``part``, whose path is a pinned address. A file that can't be cut is fetched whole."""
    remote = remote_of(part.path)
    with _spool(remote, manners) as spool:
        here = replace(part, path=str(spool.path), end=min(part.end, remote.size))
        if not splits or remote.whole or (remote.sha256 and not here.start and here.end == remote.size):
            spool.fetch(0, remote.size)
            _check_sum(remote, spool.path)
            yield from read(here)
            return
        _fetch_before(spool, here)
        tail, given = TAIL, 0
        while True:
            end = min(remote.size, here.end + tail)
            spool.fetch(here.start, end)
            for number, item in enumerate(read(here)):
                if end < remote.size and item.offset + item.length + MARGIN > end:
                    break
                if number >= given:
                    given += 1
                    yield item
            else:
                return
            tail *= 4


def _check_sum(remote: Remote, path: Path) -> None:
    """Raise `WorkError` where the file at ``path`` is not what its owner published."""
    if remote.sha256 and (found := sha256_of(path)) != remote.sha256:
        raise WorkError(
            f"{remote.address}: its SHA-256 is {found}, the list of inputs says {remote.sha256}; nothing of it was kept"
        )


def _fetch_before(spool: _Spool, part: Range) -> None:
    """The head of the file, and as much before the range as finding its first record takes."""
    if not part.start:
        return
    spool.fetch(0, min(HEAD, part.end))
    if spool.starts_with_dictionary():
        spool.fetch(0, min(DICTIONARY_BYTES + 8, spool.size))
    packing = archive_format(spool.path).packing
    back = max(0, part.start - LOOKBACK)
    while True:
        spool.fetch(back, min(spool.size, part.start + TAIL))
        if not back or spool.first_start(packing, back) < part.start:
            return
        back = max(0, back - LOOKBACK)


class _Spool:
    """A file here that has some of the bytes of one elsewhere, at their places, and ends with the last of them."""

    def __init__(self, path: Path, remote: Remote, manners: Manners) -> None:
        self.path = path
        self.size = remote.size
        self._remote = remote
        self._manners = manners
        self._held: list[tuple[int, int]] = []
        path.touch()

    def fetch(self, start: int, end: int) -> None:
        """Have the bytes ``[start, end)``; those that are there are not asked for again."""
        for first, last in _missing(start, end, self._held):
            with self.path.open("r+b") as file:
                file.seek(first)
                for piece in fetch_range(self._remote, first, last, self._manners):
                    file.write(piece)
            self._held = _joined([*self._held, (first, last)])

    def starts_with_dictionary(self) -> bool:
        """Whether the file begins with a skippable zstd frame, which may hold the dictionary of all others."""
        with self.path.open("rb") as file:
            return file.read(4)[1:] == ZSTD_SKIPPABLE

    def first_start(self, packing: str, start: int) -> int:
        """As `tesuki.pipelines.reading.warc.careful.first_start`, of what is there."""
        with self.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            return first_start(mapped, packing, start)  # type: ignore[arg-type]


@contextmanager
def _spool(remote: Remote, manners: Manners) -> Iterator[_Spool]:
    with tempfile.TemporaryDirectory(prefix="spool-") as folder:
        yield _Spool(Path(folder) / "spool", remote, manners)


def _missing(start: int, end: int, held: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of ``[start, end)`` lies in none of the ``held`` spans, which are sorted and apart."""
    gaps = []
    for first, last in held:
        if start < min(first, end):
            gaps.append((start, min(first, end)))
        start = max(start, last)
    if start < end:
        gaps.append((start, end))
    return gaps


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined
