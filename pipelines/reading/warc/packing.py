"""What kind of archive file this is, told by its first bytes: names lie."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import zstandard

from tesuki.pipelines.reading.unpacked import GZIP_MAGIC, ZSTD_MAGIC, ZSTD_SKIPPABLE

Packing = Literal["plain", "gzip", "zstd"]
"""How the records of a file are compressed: not at all, or in gzip members, or in zstd frames."""

_HEAD = 64 << 10


@dataclass(frozen=True, slots=True)
class ArchiveFormat:
    """``packing`` is how records are compressed; ``unsupported`` names a format that is not WARC, or is ``""``."""

    packing: Packing
    unsupported: str = ""


def archive_format(path: Path) -> ArchiveFormat:
    """The format of the file at ``path``. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return format_of_head(file.read(_HEAD))


def format_of_head(head: bytes) -> ArchiveFormat:
    """The format of a file that begins with ``head``, which may be cut."""
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
    if start.startswith((b"PAR1", b"ARROW1")):
        return "Parquet or Arrow"
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{", b"["):
        return "HTML, XML or JSON"
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
