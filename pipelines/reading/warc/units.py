"""Compression units of an archive file, gzip members and zstd frames, unpacked one at a time and checked."""

from __future__ import annotations

import mmap
import tempfile
import zlib
from collections.abc import Iterator
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

EXPANSION = 100
"""How many times its packed bytes a unit of more than `IN_MEMORY` may unpack to. Archives of pages give 3 to 20; gzip
can give 1,032 and zstd 32,768, which is how some kilobytes are made to fill a disk."""

DICTIONARY_BYTES = 16 << 20
"""Longest zstd dictionary, unpacked or not: those that are trained have some 100 kB (zstd's own default is 112,640)."""

_READ = 64 << 10
_STEP = 1 << 20
"""Most bytes that gzip unpacks before the bounds are asked; zstd does a block at a time, 128 KiB (RFC 8878 3.1.1.2.4).
"""

_PEEK = 1 << 10
_DICTIONARY = b"\x5d\x2a\x4d\x18"
"""Magic of the skippable frame that carries a dictionary (0x184D2A5D, the .warc.zst proposal of the IIPC)."""

_REPEATED_BYTE = 1
"""The type of a zstd block that is one byte, its size saying how often (RFC 8878 section 3.1.1.2.2)."""

_WINDOW = 1 << 27
"""Largest zstd window that is allocated, in bytes: what `zstd --long` writes."""


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
        pieces = self._gzip_pieces(start) if self._magic == GZIP_MAGIC else self._zstd_pieces(start)
        try:
            for position, unpacked in pieces:
                spool.write(unpacked)
                size = spool.tell() - before
                if spool.tell() > UNIT_BYTES:
                    return position, f"compressed unit expands beyond {UNIT_BYTES} bytes"
                if size > IN_MEMORY and size > EXPANSION * (position - start):
                    return position, f"compressed unit expands to {size} bytes, more than {EXPANSION} times its own"
        except EOFError:
            return position, "compressed unit is cut"
        except (zlib.error, zstandard.ZstdError):
            return position, "compressed unit is broken"
        return position, ""

    def _gzip_pieces(self, start: int) -> Iterator[tuple[int, bytes]]:
        """What the member at ``start`` unpacks to, in steps, each with the byte to which the file is read."""
        stream, position, waiting = zlib.decompressobj(31), start, b""
        while not stream.eof:
            packed = waiting or self._file[position : position + _READ]
            if not packed:
                raise EOFError
            position += 0 if waiting else len(packed)
            unpacked = stream.decompress(packed, _STEP)
            waiting = stream.unconsumed_tail
            yield position - len(waiting) - len(stream.unused_data), unpacked

    def _zstd_pieces(self, start: int) -> Iterator[tuple[int, bytes]]:
        """The same of a zstd frame, block by block: only so is the next step's size known (RFC 8878 section 3.1.1)."""
        stream = self._zstd().decompressobj()
        position, last = start, False
        header = self._file[start : start + 18]
        end = start + zstandard.frame_header_size(header)
        has_checksum = zstandard.get_frame_parameters(header).has_checksum
        while True:
            packed = self._file[position:end]
            if len(packed) < end - position:
                raise EOFError
            unpacked = stream.decompress(packed)
            position = end
            yield position, unpacked
            if last:
                break
            block = self._file[position : position + 3]
            if len(block) < 3:
                raise EOFError
            told = int.from_bytes(block, "little")
            last, kind, size = bool(told & 1), told >> 1 & 3, told >> 3
            end = position + 3 + (1 if kind == _REPEATED_BYTE else size) + (4 if last and has_checksum else 0)
        if not stream.eof:
            raise EOFError

    def _continues(self, position: int) -> bool:
        return self._file[position : position + len(self._magic)] == self._magic and not self._holds_record(position)

    def _holds_record(self, position: int) -> bool:
        packed = self._file[position : position + _PEEK]
        try:
            if self._magic == GZIP_MAGIC:
                head = zlib.decompressobj(31).decompress(packed, _PEEK)
            else:
                head = self._zstd().stream_reader(packed).read(_PEEK)
        except (zlib.error, zstandard.ZstdError):
            return False
        return next_boundary(head.lstrip(b"\r\n")[:256], 0) == 0

    def _zstd(self) -> zstandard.ZstdDecompressor:
        return zstandard.ZstdDecompressor(dict_data=self._dictionary, max_window_size=_WINDOW)


def _dictionary(file: mmap.mmap) -> zstandard.ZstdCompressionDict | None:
    """The dictionary the file begins with; none where it is longer than any or broken, as frames that need it are."""
    size = int.from_bytes(file[4:8], "little")
    if file[:4] != _DICTIONARY or size > DICTIONARY_BYTES:
        return None
    data = file[8 : 8 + size]
    try:
        if data.startswith(ZSTD_MAGIC):
            data = zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(data).read(DICTIONARY_BYTES + 1)
        dictionary = zstandard.ZstdCompressionDict(data)
        zstandard.ZstdDecompressor(dict_data=dictionary).decompressobj()  # what is wrong with it shows only in use
        return dictionary if len(data) <= DICTIONARY_BYTES else None
    except zstandard.ZstdError:
        return None
