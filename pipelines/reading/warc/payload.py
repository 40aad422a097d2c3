"""Transfer and content encodings of an HTTP body undone, with a bound on what it may expand to.

Headers are not believed: archives keep them though the crawler undid what they speak of. A coding is undone where the
bytes are in it, and the body left as it is where they are not. A stream that breaks off gives what came before.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

import brotli
import zstandard

from tesuki.pipelines.journey.headers import Headers
from tesuki.pipelines.reading.unpacked import GZIP_MAGIC, ZSTD_MAGIC, ZSTD_WINDOW

BODY_BYTES = 32 << 20
"""Most bytes a body may expand to: six times what Common Crawl stores of a page."""

CODINGS = 4
"""Most content codings undone one after the other; RFC 9110 allows any number, servers use one."""

_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1024})?\r?\n")


class TooLargeError(Exception):
    """A body expands beyond the bound."""


def undo_encodings(body: bytes, headers: Headers, limit: int = BODY_BYTES) -> bytes:
    """The body as the server meant it. Raises `TooLargeError` beyond ``limit`` bytes."""
    if "chunked" in _tokens(headers, "transfer-encoding"):
        body = unchunk(body)
    for coding in reversed(_tokens(headers, "content-encoding")[:CODINGS]):
        undo = _UNDO.get(coding)
        if undo:
            body = undo(body, limit)
    if len(body) > limit:
        raise TooLargeError
    return body


def unchunk(body: bytes) -> bytes:
    """The chunks of a chunked body joined; the body itself where it does not begin with a chunk (RFC 9112 s. 7.1)."""
    parts: list[bytes] = []
    position = 0
    while size := _CHUNK_SIZE.match(body, position):
        start, length = size.end(), int(size[1], 16)
        if not length:
            return b"".join(parts)
        parts.append(body[start : start + length])
        position = start + length
        position += 2 if body[position : position + 2] == b"\r\n" else body[position : position + 1] == b"\n"
    return b"".join(parts) if position else body


def _tokens(headers: Headers, name: str) -> list[str]:
    values = [value for key, value in headers if key.lower() == name]
    return [token.strip().lower() for token in ",".join(values).split(",") if token.strip()] if values else []


def _gunzip(body: bytes, limit: int) -> bytes:
    return _inflate(body, 31, limit) if body.startswith(GZIP_MAGIC) else body


def _undeflate(body: bytes, limit: int) -> bytes:
    # RFC 9110 means zlib's format; some servers send bare deflate.
    return _inflate(body, 15, limit) or _inflate(body, -15, limit) or body


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    parts: list[bytes] = []
    room = limit + 1
    while body and room > 0:
        stream = zlib.decompressobj(window)
        try:
            parts.append(stream.decompress(body, room))
        except zlib.error:
            # What came before the error is inside the stream object: take it byte group by byte group.
            parts.append(_before_error(body, window, room))
            break
        room -= len(parts[-1])
        body = stream.unused_data if window == 31 and stream.unused_data.startswith(GZIP_MAGIC) else b""
    if room <= 0:
        raise TooLargeError
    return b"".join(parts)


def _before_error(body: bytes, window: int, room: int) -> bytes:
    stream = zlib.decompressobj(window)
    parts: list[bytes] = []
    try:
        for start in range(0, len(body), 256):
            parts.append(stream.decompress(body[start : start + 256], room))
            room -= len(parts[-1])
            if room <= 0:
                break
    except zlib.error:
        pass
    return b"".join(parts)


def _unbrotli(body: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    parts: list[bytes] = []
    room = limit + 1
    try:
        data = body
        while room > 0:
            part = stream.process(data, output_buffer_limit=min(room, 1 << 20))
            parts.append(part)
            room -= len(part)
            data = b""
            if stream.is_finished() or (not part and stream.can_accept_more_data()):
                break
    except brotli.error:
        pass
    if room <= 0:
        raise TooLargeError
    return b"".join(parts) or body


def _unzstd(body: bytes, limit: int) -> bytes:
    if not body.startswith(ZSTD_MAGIC):
        return body
    parts: list[bytes] = []
    room = limit + 1
    try:
        with zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).stream_reader(
            body, read_across_frames=True
        ) as stream:
            while room > 0 and (part := stream.read(min(room, 1 << 20))):
                parts.append(part)
                room -= len(part)
    except zstandard.ZstdError:
        pass
    if room <= 0:
        raise TooLargeError
    return b"".join(parts) or body


_UNDO: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
