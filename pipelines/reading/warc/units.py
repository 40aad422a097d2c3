"""Compression units of an archive file, gzip members and zstd frames, unpacked one at a time and checked."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import zstandard

from tesuki.pipelines.reading.unpacked import (
    FREE_BYTES,
    GZIP_MAGIC,
    ZSTD_MAGIC,
    ZSTD_SKIPPABLE,
    ZSTD_WINDOW,
    DamageError,
    Pieces,
    expands_too_far,
    gzip_member,
    zstd_frame,
)
from tesuki.pipelines.reading.warc.frames import View, next_boundary
from tesuki.pipelines.reading.warc.packing import Packing

UNIT_BYTES = 8 << 30
"""Most bytes a unit may unpack to: a Common Crawl archive in a single unit gives some 5 GB."""

IN_MEMORY = FREE_BYTES
"""A unit larger than this is unpacked to a temporary file."""

DICTIONARY_BYTES = 16 << 20
"""Longest zstd dictionary, unpacked or not: those that are trained have some 100 kB (zstd's own default is 112,640)."""

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
        self._dictionary = _dictionary(file) if packing == "zstd" else None

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
        """Unpack the unit at ``start`` to the end of ``spool``: the byte after it, and what is wrong with it."""
        before, position = spool.tell(), start
        try:
            for position, unpacked in self._pieces(start):
                spool.write(unpacked)
                if spool.tell() > UNIT_BYTES:
                    return position, f"compressed unit expands beyond {UNIT_BYTES} bytes"
                if found := expands_too_far(position - start, spool.tell() - before):
                    return position, f"compressed unit {found}"
        except DamageError as failure:
            return failure.position, f"compressed unit is {failure}"
        return position, ""

    def _continues(self, position: int) -> bool:
        return self._file[position : position + len(self._magic)] == self._magic and not self._holds_record(position)

    def _holds_record(self, position: int) -> bool:
        head = b""
        try:
            for _, piece in self._pieces(position):
                head += piece[:_PEEK]
                if len(head) >= _PEEK:
                    break
        except DamageError:
            pass  # what came before it is enough, or too little
        return next_boundary(head.lstrip(b"\r\n")[:256], 0) == 0

    def _pieces(self, start: int) -> Pieces:
        if self._magic == GZIP_MAGIC:
            return gzip_member(self._file, start)
        return zstd_frame(self._file, start, self._dictionary)


def _dictionary(file: mmap.mmap) -> zstandard.ZstdCompressionDict | None:
    """The dictionary the file begins with; none where it is longer than any or broken, as frames that need it are."""
    size = int.from_bytes(file[4:8], "little")
    if file[:4] != _DICTIONARY or size > DICTIONARY_BYTES:
        return None
    data = file[8 : 8 + size]
    try:
        if data.startswith(ZSTD_MAGIC):
            data = (
                zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).stream_reader(data).read(DICTIONARY_BYTES + 1)
            )
        dictionary = zstandard.ZstdCompressionDict(data)
        zstandard.ZstdDecompressor(dict_data=dictionary).decompressobj()  # what is wrong with it shows only in use
        return dictionary if len(data) <= DICTIONARY_BYTES else None
    except zstandard.ZstdError:
        return None
