"""HTTP responses: head, chunks and content codings undone under their bound."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import suppress

import brotli
import zstandard

from tesuki.pipelines.reading.warc.http import parse_response
from tesuki.pipelines.reading.warc.payload import TooLargeError, undo_encodings

LIMIT = 1 << 20


def seeds() -> Iterator[bytes]:
    """A page in each coding."""
    page = b"<html>" + b"a" * 500
    zstd = zstandard.ZstdCompressor().compress
    for name, pack in (("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress), ("zstd", zstd)):
        yield f"HTTP/1.1 200 OK\r\nContent-Encoding: {name}\r\n\r\n".encode() + pack(page)
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"


def attack(data: bytes) -> None:
    """The content of a response record."""
    response = parse_response(data)
    if response is None:
        return
    with suppress(TooLargeError):
        assert len(undo_encodings(response.body, response.headers, LIMIT)) <= LIMIT
