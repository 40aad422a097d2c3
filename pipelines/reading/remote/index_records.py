"""The records that rows of the index name: fetched in few requests, and believed only when they are what was named."""

from __future__ import annotations

import base64
import hashlib
import mmap
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import BinaryIO, Literal, cast

from tesuki.pipelines.reading.remote.fetch import RefusedError, fetch_piece
from tesuki.pipelines.reading.remote.index_rows import IndexRow
from tesuki.pipelines.reading.remote.manners import Manners
from tesuki.pipelines.reading.warc.careful import careful_records
from tesuki.pipelines.reading.warc.fast import DoubtError, fast_records
from tesuki.pipelines.reading.warc.records import CONTENT_BYTES, Damage, Record
from tesuki.pipelines.storage.values import url_hash

RowFate = Literal["read", "gone", "refused", "truncated", "damaged", "digest"]
"""What becomes of a row: the record is there; its archive is not (404, 410); the server refuses it; the archive ends
before the record does; the bytes are no record of that address, or the row names no place that can be; its payload has
another digest."""

FATES: tuple[RowFate, ...] = ("read", "gone", "refused", "truncated", "damaged", "digest")

GAP = 32 << 10
"""Bytes between two records that are fetched rather than asked for apart: about one record."""

SPAN = 8 << 20
"""Most bytes of one request, where it is for more than one record."""

GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A row and what became of it; ``raw`` is the record as it lies in its archive, and ``record`` what was read in it,
    at its place there: both empty unless the fate is ``read``.
    """

    row: IndexRow
    fate: RowFate
    raw: bytes = b""
    record: Record | None = None


def fetch_rows(rows: Sequence[IndexRow], base: str, manners: Manners) -> Iterator[Fetched]:
    """What became of each of ``rows``, which are sorted; in their order, each once."""
    for (archive, sound), group in groupby(rows, key=lambda row: (row.archive, row.sound)):
        if not sound:
            yield from (Fetched(row, "damaged") for row in group)
            continue
        address = f"{base.rstrip('/')}/{archive.lstrip('/')}"
        for span in coalesced(list(group)):
            start, end = span[0].offset, max(row.offset + row.length for row in span)
            try:
                content = fetch_piece(address, start, end, manners)
            except RefusedError as failure:
                yield from (Fetched(row, "gone" if failure.status in GONE else "refused") for row in span)
                continue
            for row in span:
                first = row.offset - start
                if first + row.length > len(content):
                    yield Fetched(row, "truncated")
                else:
                    yield checked(row, content[first : first + row.length])


def coalesced(rows: Sequence[IndexRow]) -> Iterator[list[IndexRow]]:
    """``rows`` of one archive, in file order, in groups that one request fetches."""
    held: list[IndexRow] = []
    for row in rows:
        if held:
            stop = max(each.offset + each.length for each in held)
            if row.offset - stop > GAP or row.offset + row.length - held[0].offset > SPAN:
                yield held
                held = []
        held.append(row)
    if held:
        yield held


def checked(row: IndexRow, raw: bytes) -> Fetched:
    """``raw`` as the record of ``row``, or why it is not."""
    found = _read(raw)
    record = found[0] if found else None
    if len(found) != 1 or not isinstance(record, Record) or record.length != len(raw):
        return Fetched(row, "damaged")
    if row.url_hash and url_hash(record.header("warc-target-uri").strip().strip("<>")) != row.url_hash:
        return Fetched(row, "damaged")
    if row.digest and record.content_length <= CONTENT_BYTES and _digest_of(record) != row.digest.removeprefix("sha1:"):
        return Fetched(row, "digest")
    return Fetched(row, "read", raw, replace(record, offset=row.offset))


def _read(raw: bytes) -> list[Record | Damage]:
    """What lies in ``raw``; the fast reading halves what a record costs, the careful one is asked where it doubts."""
    packing: Literal["plain", "gzip"] = "gzip" if raw.startswith(b"\x1f\x8b") else "plain"
    with _scratch() as file:
        file.write(raw or b"\0")
        file.flush()
        try:
            return list(fast_records(file, packing, 0, len(raw)))
        except DoubtError:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
                return list(careful_records(view, packing, 0, len(raw)))


def _scratch() -> BinaryIO:
    """A file in memory where the system has such."""
    if hasattr(os, "memfd_create"):
        return cast("BinaryIO", os.fdopen(os.memfd_create("record"), "w+b"))
    return cast("BinaryIO", tempfile.TemporaryFile())


def _digest_of(record: Record) -> str:
    """SHA-1 of the payload in base 32, as WARC-Payload-Digest and the index write it: of what follows HTTP's head."""
    payload = record.content.partition(b"\r\n\r\n")[2]
    return base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()
