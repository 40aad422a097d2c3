"""What kind of archive file this is, told by its first bytes: names lie."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import zstandard

Packing = Literal["plain", "gzip", "zstd"]
"""How the records of a file are compressed: not at all, or in gzip members, or in zstd frames."""

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZSTD_SKIPPABLE = b"\x2a\x4d\x18"
"""Bytes 1-3 of a skippable frame (magic 0x184D2A50 to 5F, RFC 8878 section 3.1.2): dictionaries travel in one."""

_HEAD = 64 << 10


@dataclass(frozen=True, slots=True)
class ArchiveFormat:
    """``packing`` is how records are compressed; ``unsupported`` names a format that is not WARC, or is ``""``."""

    packing: Packing
    unsupported: str = ""


def archive_format(path: Path) -> ArchiveFormat:
    """The format of the file at ``path``. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(GZIP_MAGIC):
        return ArchiveFormat("gzip", _unsupported(_gunzipped(head)))
    if head.startswith(ZSTD_MAGIC):
        return ArchiveFormat("zstd", _unsupported(_unzstd(head)))
    if head[1:4] == ZSTD_SKIPPABLE:
        return ArchiveFormat("zstd")
    return ArchiveFormat("plain", _unsupported(head))


def _unsupported(start: bytes) -> str:
    if start.startswith(b"filedesc:"):
        return "ARC"
    if start.startswith(b"PK\x03\x04"):
        return "WACZ, or another zip"
    return ""


def _gunzipped(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head, 64)
    except zlib.error:
        return b""


def _unzstd(head: bytes) -> bytes:
    try:
        return zstandard.ZstdDecompressor().stream_reader(head).read(64)
    except zstandard.ZstdError:
        return b""
