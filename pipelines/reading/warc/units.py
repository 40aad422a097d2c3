"""Compression units of an archive file, gzip members and zstd frames, unpacked one at a time and checked."""

from __future__ import annotations

import mmap
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import zstandard

from tesuki.pipelines.reading.warc.frames import View, next_boundary
from tesuki.pipelines.reading.warc.packing import GZIP_MAGIC, ZSTD_MAGIC, ZSTD_SKIPPABLE, Packing

UNIT_BYTES = 8 << 30
"""Most bytes a unit may unpack to: a Common Crawl archive in a single unit gives some 5 GB."""

IN_MEMORY = 64 << 20
"""A unit larger than this is unpacked to a temporary file."""

_READ = 64 << 10
_PEEK = 1 << 10
_DICTIONARY = b"\x5d\x2a\x4d\x18"
"""Magic of the skippable frame that carries a dictionary (0x184D2A5D, the .warc.zst proposal of the IIPC)."""


@dataclass(frozen=True, slots=True)
class Unit:
    """An unpacked unit. ``stop`` is the byte after it in the file; ``damage`` says what is wrong with it, or is ``""``.

    What a damaged unit unpacked to before it broke is in ``view``; its ``stop`` is where the next unit begins.
    """

    view: View
    stop: int
    damage: str


class Units:
    """The units of one packed file, seen through ``file``, its mapped bytes."""

    def __init__(self, file: mmap.mmap, packing: Packing) -> None:
        self._file = file
        self._magic = GZIP_MAGIC if packing == "gzip" else ZSTD_MAGIC
        self._decompressor: Callable[[], Any] = _gunzip if packing == "gzip" else _unzstd(file)
        self._errors = (zlib.error, zstandard.ZstdError, EOFError)

    def next_start(self, start: int) -> int:
        """The first place at or after ``start`` where a unit holding a record begins, or the end of the file."""
        position = self._file.find(self._magic, start)
        while position >= 0:
            if self._holds_record(position):
                return position
            position = self._file.find(self._magic, position + 1)
        return len(self._file)

    @contextmanager
    def at(self, start: int, *, joined: bool = False) -> Iterator[Unit]:
        """The unit that begins at ``start``, for as long as the context lasts.

        With ``joined``, the units after it in which no record begins belong to it: some writers begin a new unit in
        the middle of a record.
        """
        if self._file[start + 1 : start + 4] == ZSTD_SKIPPABLE and self._magic == ZSTD_MAGIC:
            size = int.from_bytes(self._file[start + 4 : start + 8], "little")
            yield Unit(b"", min(start + 8 + size, len(self._file)), "")
            return
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
            stop, damage = self._unpack(start, spool)
            while joined and not damage and self._continues(stop):
                stop, damage = self._unpack(stop, spool)
            stop = self.next_start(start + 1) if damage else stop
            size = spool.tell()
            spool.seek(0)
            if size <= IN_MEMORY:
                yield Unit(spool.read(), stop, damage)
                return
            with mmap.mmap(spool.fileno(), size, access=mmap.ACCESS_READ) as view:
                yield Unit(view, stop, damage)

    def _unpack(self, start: int, spool: Any) -> tuple[int, str]:
        stream, position = self._decompressor(), start
        try:
            while not stream.eof:
                packed = self._file[position : position + _READ]
                if not packed:
                    return position, "compressed unit is cut"
                spool.write(stream.decompress(packed))
                position += len(packed)
                if spool.tell() > UNIT_BYTES:
                    return position, f"compressed unit expands beyond {UNIT_BYTES} bytes"
        except self._errors:
            return position, "compressed unit is broken"
        return position - len(stream.unused_data), ""

    def _continues(self, position: int) -> bool:
        return self._file[position : position + len(self._magic)] == self._magic and not self._holds_record(position)

    def _holds_record(self, position: int) -> bool:
        try:
            head = self._decompressor().decompress(self._file[position : position + _PEEK])
        except self._errors:
            return False
        return next_boundary(head.lstrip(b"\r\n")[:256], 0) == 0


def _gunzip() -> Any:
    return zlib.decompressobj(31)


def _unzstd(file: mmap.mmap) -> Callable[[], Any]:
    decompressor = zstandard.ZstdDecompressor(dict_data=_dictionary(file), max_window_size=1 << 27)
    return decompressor.decompressobj


def _dictionary(file: mmap.mmap) -> zstandard.ZstdCompressionDict | None:
    if file[:4] != b"\x5d\x2a\x4d\x18":
        return None
    data = file[8 : 8 + int.from_bytes(file[4:8], "little")]
    if data.startswith(ZSTD_MAGIC):
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return zstandard.ZstdCompressionDict(data)
