"""A file unpacked as it is read. What it is packed with, its first bytes say; names lie.

Everything that can be unpacked is given before damage is told, and bounds are asked on the way.
"""

from __future__ import annotations

import bz2
import io
import mmap
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import zstandard

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZSTD_SKIPPABLE = b"\x2a\x4d\x18"
"""Bytes 1-3 of a skippable frame (magic 0x184D2A50 to 5F, RFC 8878 section 3.1.2): dictionaries travel in one."""

BZIP2_MAGIC = b"BZh"

ZSTD_WINDOW = 1 << 27
"""Largest zstd window that is allocated, in bytes: what `zstd --long` writes."""

FREE_BYTES = 64 << 20
"""What a packed file, or one unit of an archive, may unpack to whatever its packed bytes."""

EXPANSION = 100
"""How many times its packed bytes more than `FREE_BYTES` may be. Archives of pages and lines of text give 3 to 20; gzip
can give 1,032 and zstd 32,768, which is how some kilobytes are made to fill a disk."""

STEP = 1 << 20
"""Most bytes unpacked before the bounds are asked."""

_READ = 64 << 10

_REPEATED_BYTE = 1
"""The type of a zstd block that is one byte, its size saying how often (RFC 8878 section 3.1.1.2.2)."""

_PADDING = re.compile(rb"\0*+")
"""Zeros behind a member are padding to gzip, and to the tapes it was made for."""

Bytes = bytes | mmap.mmap

Pieces = Iterator[tuple[int, bytes]]
"""What a member or file unpacks to, in steps of about `STEP` at most, each with the byte to which it was read."""


class DamageError(Exception):
    """The packed bytes can't be unpacked further: they are ``cut`` or ``broken``, at byte ``position``."""

    def __init__(self, found: str, position: int) -> None:
        super().__init__(found)
        self.position = position


def expands_too_far(packed: int, unpacked: int) -> str:
    """What is to be said of ``packed`` bytes that gave ``unpacked`` ones, or ``""`` where they may."""
    if unpacked <= max(FREE_BYTES, EXPANSION * packed):
        return ""
    return f"expands to {unpacked} bytes, more than {EXPANSION} times its own"


@contextmanager
def open_unpacked(path: Path) -> Iterator[tuple[IO[bytes], Callable[[], str]]]:
    """The file at ``path`` unpacked, any number of members or frames, and what says how it was damaged (``""``: not).

    A damaged file ends where the damage begins. Raises OSError where the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(0)
        member = _MEMBERS.get(head[:3]) or (zstd_frame if _is_zstd(head) else None)
        if member is None:
            yield file, lambda: ""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            stream = _Unpacked(_members(mapped, member))
            yield io.BufferedReader(stream, STEP), lambda: stream.damage


class _Unpacked(io.RawIOBase):
    """Pieces as a raw stream, which ends at the first damage."""

    def __init__(self, pieces: Pieces) -> None:
        super().__init__()
        self.damage = ""
        self._pieces = pieces
        self._waiting = memoryview(b"")
        self._given = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill what there is of a step into ``buffer``; 0 at the end, or where the damage begins."""
        while not self._waiting and not self.damage:
            try:
                found = next(self._pieces, None)
            except DamageError as failure:
                self.damage = f"packed bytes are {failure}, or not packed"
                return 0
            if found is None:
                return 0
            packed, piece = found
            self._given += len(piece)
            self.damage = expands_too_far(packed, self._given)
            self._waiting = memoryview(b"" if self.damage else piece)
        count = min(len(buffer), len(self._waiting))
        buffer[:count] = self._waiting[:count]
        self._waiting = self._waiting[count:]
        return count


def gzip_member(data: Bytes, start: int) -> Pieces:
    """The gzip member at ``start``. Raises `DamageError`."""
    return _stream(data, start, zlib.decompressobj(31))


def bzip2_member(data: Bytes, start: int) -> Pieces:
    """The bzip2 stream at ``start``. Raises `DamageError`."""
    return _stream(data, start, bz2.BZ2Decompressor())


def zstd_frame(data: Bytes, start: int, dictionary: zstandard.ZstdCompressionDict | None = None) -> Pieces:
    """The zstd frame at ``start``, block by block: only so is the size of the next step known (RFC 8878 section 3.1.1).

    Skippable frames hold nothing. Raises `DamageError`.
    """
    if data[start + 1 : start + 4] == ZSTD_SKIPPABLE:
        yield min(start + 8 + int.from_bytes(data[start + 4 : start + 8], "little"), len(data)), b""
        return
    stream = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=ZSTD_WINDOW).decompressobj()
    position, last = start, False
    try:
        header = data[start : start + 18]
        end = start + zstandard.frame_header_size(header)
        has_checksum = zstandard.get_frame_parameters(header).has_checksum
        while True:
            packed = data[position:end]
            if len(packed) < end - position:
                raise DamageError("cut", len(data))
            unpacked = stream.decompress(packed)
            position = end
            yield position, unpacked
            if last:
                break
            block = data[position : position + 3]
            if len(block) < 3:
                raise DamageError("cut", len(data))
            told = int.from_bytes(block, "little")
            last, kind, size = bool(told & 1), told >> 1 & 3, told >> 3
            end = position + 3 + (1 if kind == _REPEATED_BYTE else size) + (4 if last and has_checksum else 0)
    except zstandard.ZstdError:
        raise DamageError("broken", position) from None
    if not stream.eof:
        raise DamageError("broken", position)


def _stream(data: Bytes, start: int, stream: Any) -> Pieces:
    position, waiting = start, b""
    while not stream.eof:
        packed = waiting
        if not waiting and getattr(stream, "needs_input", True):
            packed = data[position : position + _READ]
            if not packed:
                raise DamageError("cut", position)
            position += len(packed)
        try:
            unpacked = stream.decompress(packed, STEP)
        except (zlib.error, OSError):
            raise DamageError("broken", position) from None
        waiting = getattr(stream, "unconsumed_tail", b"")  # bz2 keeps its own
        yield position - len(waiting) - len(stream.unused_data), unpacked


def _members(data: mmap.mmap, member: Callable[[Bytes, int], Pieces]) -> Pieces:
    position = 0
    while position < len(data):
        stop = position
        for stop, piece in member(data, position):
            yield stop, piece
        padding = _PADDING.match(data, stop)
        position = padding.end() if padding else stop


def _is_zstd(head: bytes) -> bool:
    return head == ZSTD_MAGIC or (head[1:] == ZSTD_SKIPPABLE and head[0] >> 4 == 5)


_MEMBERS: dict[bytes, Callable[[Bytes, int], Pieces]] = {GZIP_MAGIC: gzip_member, BZIP2_MAGIC: bzip2_member}
