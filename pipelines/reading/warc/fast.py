"""The fast reading: FastWARC, believed only as long as its records tile the file.

FastWARC is quick and lenient: between two records it skips what it does not understand, and behind an unexpected byte
in a gzip member it may end without a word. So each record is held back until the next one begins exactly where it must;
at the first doubt the careful reading takes over.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from fastwarc.warc import ArchiveIterator

from tesuki.pipelines.journey.headers import Headers
from tesuki.pipelines.reading.warc.frames import HEAD_BYTES, next_boundary
from tesuki.pipelines.reading.warc.packing import Packing
from tesuki.pipelines.reading.warc.records import CONTENT_BYTES, Record, parse_fields
from tesuki.pipelines.reading.warc.units import IN_MEMORY

_FIELDS = re.compile(rb"(?:[!-9;-~]+: [^\x00-\x1f\x7f]*\r\n)*+")
"""Fields of one line each, their names without spaces; FastWARC takes others for fields too."""

_RECORD_END = b"\r\n\r\n"
"""CRLF CRLF after the block (WARC 1.1 section 4)."""


class DoubtError(Exception):
    """The careful reading must go on at byte ``position``."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


def fast_records(file: BinaryIO, packing: Packing, start: int, end: int) -> Iterator[Record]:
    """The records that begin in ``[start, end)``, where ``start`` is the first byte of one.

    Raises `DoubtError` where the file is not, to the byte, what well-formed records give.
    """
    if packing == "zstd":  # frames need not say their size: nothing to hold FastWARC's reading against
        raise DoubtError(start)
    size = os.fstat(file.fileno()).st_size
    position = start
    file.seek(start)
    try:
        held: tuple[Any, bytes] | None = None
        for record in ArchiveIterator(file, parse_http=False):
            if held:
                yield _proven(file, packing, held, position, record.stream_pos)
            elif record.stream_pos != start:
                raise DoubtError(start)
            position = record.stream_pos
            if position >= end:
                return
            if packing != "plain" and record.content_length > IN_MEMORY:  # FastWARC would unpack it, whatever it is
                raise DoubtError(position)
            held = (record, record.reader.read(min(record.content_length, CONTENT_BYTES)))
        if held:
            yield _proven(file, packing, held, position, size)
        elif start < size:
            raise DoubtError(start)
    except (OSError, ValueError, zlib.error) as failure:
        raise DoubtError(position) from failure


def _proven(file: BinaryIO, packing: Packing, held: tuple[Any, bytes], start: int, stop: int) -> Record:
    record, content = held
    head = b"".join(b"%b: %b\r\n" % field for field in record.headers.items_bytes())
    before = (record.headers.status_line_bytes or b"") + b"\r\n" + head + b"\r\n"
    length = record.content_length
    written = len(before) + length + len(_RECORD_END)
    whole = len(content) == min(length, CONTENT_BYTES) and _FIELDS.fullmatch(head)
    if not whole or next_boundary(head, 0) < len(head) or written != _unpacked(file, packing, start, stop):
        raise DoubtError(start)
    # Without content the lengths prove little: a head that has no end may have lost as many bytes of lines not read.
    if not length and _bytes_of(file, packing, start, stop) != before + _RECORD_END:
        raise DoubtError(start)
    return Record(start, stop - start, 0, _fields_of(head), content, length)


def _fields_of(head: bytes) -> Headers:
    """As `parse_fields`, of a head in which each line is a field, as `_FIELDS` has it."""
    try:
        lines = head.decode().split("\r\n")[:-1]
    except UnicodeDecodeError:
        return parse_fields(head)
    return tuple((name, value.strip(" ")) for name, _, value in (line.partition(": ") for line in lines))


def _bytes_of(file: BinaryIO, packing: Packing, start: int, stop: int) -> bytes:
    packed = os.pread(file.fileno(), stop - start, start)
    return packed if packing == "plain" else zlib.decompressobj(31).decompress(packed, HEAD_BYTES)


def _unpacked(file: BinaryIO, packing: Packing, start: int, stop: int) -> int:
    """Bytes of ``[start, stop)`` when unpacked; for gzip as its trailer says (RFC 1952: ISIZE, modulo 2**32)."""
    if packing == "plain":
        return stop - start
    return int.from_bytes(os.pread(file.fileno(), 4, stop - 4), "little")
