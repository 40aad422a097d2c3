"""A file elsewhere as a file object that can be read at any place, for libraries that ask for one."""

from __future__ import annotations

import io
from typing import Any

from tesuki.pipelines.reading.remote.address import Remote
from tesuki.pipelines.reading.remote.fetch import fetch_range
from tesuki.pipelines.reading.remote.manners import Manners

AHEAD = 1 << 20
"""Bytes asked for at least: what is read next mostly lies behind what was read last."""


class RemoteFile(io.RawIOBase):
    """Reads ``remote`` by ranges, and keeps the last one."""

    def __init__(self, remote: Remote, manners: Manners) -> None:
        super().__init__()
        self._remote = remote
        self._manners = manners
        self._position = 0
        self._held = (0, b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to ``offset`` from the beginning, from here or from the end."""
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._remote.size}[whence]
        return self._position

    def tell(self) -> int:
        """Where the next byte is read from."""
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` as far as the file goes."""
        start, end = self._position, min(self._position + len(buffer), self._remote.size)
        if start >= end:
            return 0
        first, held = self._held
        if not first <= start <= end <= first + len(held):
            last = min(max(end, start + AHEAD), self._remote.size)
            first, held = start, b"".join(fetch_range(self._remote, start, last, self._manners))
            self._held = (first, held)
        buffer[: end - start] = held[start - first : end - first]
        self._position = end
        return end - start
