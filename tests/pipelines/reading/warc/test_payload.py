"""Encodings of a body undone: what headers say is tried, never believed, and nothing expands without bound."""

from __future__ import annotations

import gzip
import io
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.reading.warc.payload import TooLargeError, unchunk, undo_encodings

PAGE = "<html><body>日本語のページ</body></html>".encode() * 50


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACK = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def chunked(data: bytes, size: int, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    chunks = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts)
    return chunks + b"0\r\n" + trailer + b"\r\n"


def undone(body: bytes, limit: int = 1 << 20, **fields: str) -> bytes:
    return undo_encodings(body, tuple((name.replace("_", "-").title(), value) for name, value in fields.items()), limit)


@pytest.mark.parametrize("coding", PACK)
def test_each_coding_is_undone(coding: str) -> None:
    assert undone(PACK[coding](PAGE), content_encoding=coding) == PAGE
    assert undone(PACK[coding](PAGE), content_encoding=f" {coding.upper()} ") == PAGE


def test_deflate_without_its_wrapper() -> None:
    assert undone(bare_deflate(PAGE), content_encoding="deflate") == PAGE


def test_codings_are_undone_last_first() -> None:
    assert undone(brotli.compress(gzip.compress(PAGE)), content_encoding="gzip, br") == PAGE


def test_gzip_of_several_members() -> None:
    assert undone(gzip.compress(PAGE) + gzip.compress(PAGE), content_encoding="gzip") == PAGE * 2


@pytest.mark.parametrize("coding", [*PACK, "identity", "rot13", "gzip, chunked"])
def test_a_coding_that_is_not_there_is_not_undone(coding: str) -> None:
    assert undone(PAGE, content_encoding=coding) == PAGE


@pytest.mark.parametrize("coding", PACK)
def test_a_stream_that_breaks_off_gives_what_came_before(coding: str) -> None:
    page = bytes(zlib.crc32(b"%d" % place) % 251 for place in range(400_000))
    packed = PACK[coding](page)
    found = undone(packed[: len(packed) * 3 // 4], content_encoding=coding)
    assert len(found) > 100_000
    assert page.startswith(found)


@pytest.mark.parametrize("coding", [coding for coding in PACK if coding != "x-gzip"])
def test_a_bomb_is_refused_at_the_bound(coding: str) -> None:
    bomb = PACK[coding](bytes(50 << 20))
    with pytest.raises(TooLargeError):
        undone(bomb, content_encoding=coding)


def test_the_bound_itself_is_allowed() -> None:
    assert undone(gzip.compress(bytes(1000)), limit=1000, content_encoding="gzip") == bytes(1000)
    with pytest.raises(TooLargeError):
        undone(gzip.compress(bytes(1001)), limit=1000, content_encoding="gzip")


@given(st.binary(max_size=500), st.integers(1, 100), st.sampled_from([b"", b";name=value"]))
def test_chunks_are_joined(data: bytes, size: int, extension: bytes) -> None:
    assert unchunk(chunked(data, size, extension)) == data
    assert unchunk(chunked(data, size, extension, b"Trailer: 1\r\n")) == data
    assert unchunk(chunked(data, size).replace(b"\r\n", b"\n")) == data or b"\r\n" in data


def test_a_body_that_is_not_chunked_stays() -> None:
    assert undone(PAGE, transfer_encoding="chunked") == PAGE
    assert undone(chunked(PAGE, 100), transfer_encoding="chunked") == PAGE
    assert undone(chunked(gzip.compress(PAGE), 64), transfer_encoding="chunked", content_encoding="gzip") == PAGE


def test_chunks_that_end_early_give_what_came() -> None:
    assert unchunk(chunked(PAGE, 100)[:350]) == PAGE[: len(unchunk(chunked(PAGE, 100)[:350]))]
    assert unchunk(b"5\r\nhello\r\nzzz\r\n") == b"hello"
    assert unchunk(b"ffffffff\r\nshort") == b"short"


@given(st.binary(max_size=300), st.sampled_from([*PACK, "identity"]), st.booleans())
def test_no_bytes_crash_it(body: bytes, coding: str, chunk: bool) -> None:
    transfer = {"transfer_encoding": "chunked"} if chunk else {}
    undone(body, content_encoding=coding, **transfer)
    undone(PACK.get(coding, bytes)(PAGE)[:50] + body, content_encoding=coding, **transfer)


def test_a_stream_with_rubbish_behind_it_is_read() -> None:
    with io.BytesIO() as file:
        file.write(gzip.compress(PAGE) + b"rubbish")
        assert undone(file.getvalue(), content_encoding="gzip") == PAGE
