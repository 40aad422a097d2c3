"""WARC: the fast reading and the careful one give the same, and every byte is in a record or in damage."""

from __future__ import annotations

import gzip
import mmap
import tempfile
from collections.abc import Iterator
from pathlib import Path

import zstandard

from tesuki.pipelines.reading.warc.archive import read_records
from tesuki.pipelines.reading.warc.careful import careful_records
from tesuki.pipelines.reading.warc.packing import archive_format

FOLDER = tempfile.TemporaryDirectory()


def seeds() -> Iterator[bytes]:
    """Two records in each packing, alone and together in a unit."""
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:%d>\r\nContent-Length: %d\r\n\r\n"
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>a"
    records = [head % (number, len(body)) + body + b"\r\n\r\n" for number in range(2)]
    for pack in (bytes, gzip.compress, zstandard.ZstdCompressor().compress):
        yield b"".join(map(pack, records))
        yield pack(b"".join(records))
    dictionary = zstandard.ZstdCompressionDict(records[0])
    frame = b"\x5d\x2a\x4d\x18" + len(records[0]).to_bytes(4, "little") + records[0]
    yield frame + zstandard.ZstdCompressor(dict_data=dictionary).compress(records[1])


def attack(data: bytes) -> None:
    """The bytes of an archive."""
    if not data:
        return
    path = Path(FOLDER.name) / "a"
    path.write_bytes(data)
    form = archive_format(path)
    whole = list(read_records(path, form.packing, 0, len(data)))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert list(careful_records(mapped, form.packing, 0, len(data))) == whole, "the two readings differ"
    places = sorted({(item.offset, item.length) for item in whole})
    ends = [offset + length for offset, length in places]
    if form.packing == "plain":
        gaps = [data[end:start] for end, (start, _) in zip([0, *ends], [*places, (len(data), 0)], strict=True)]
        assert not b"".join(gaps).strip(b"\r\n"), "bytes in no record and no damage"
