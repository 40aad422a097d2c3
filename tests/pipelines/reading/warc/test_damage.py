"""Whatever is done to an archive, every byte of it is in a record or in damage, once, and good records survive."""

from __future__ import annotations

import io
import mmap
import re
import tracemalloc
import zlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tesuki.pipelines.reading.warc.archive import read_records
from tesuki.pipelines.reading.warc.careful import careful_records
from tesuki.pipelines.reading.warc.packing import Packing
from tesuki.pipelines.reading.warc.records import Damage, Record
from tesuki.pipelines.reading.warc.units import DICTIONARY_BYTES, IN_MEMORY

RECORDS = 6
PACKINGS: tuple[Packing, ...] = ("plain", "gzip", "zstd")


def plain_records() -> list[bytes]:
    """Six records as warcio writes them, of different lengths."""
    records = []
    for number in range(RECORDS):
        file = io.BytesIO()
        writer = WARCWriter(file, gzip=False)
        body = b"".join(b"<p>%d</p>" % (number * place % 97) for place in range(30 + 40 * number))
        record = writer.create_warc_record(
            f"https://example.jp/{number}",
            "response",
            payload=io.BytesIO(b"<html>" + body + b"</html>"),
            http_headers=StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": "2026-01-01T00:00:00Z", "WARC-Record-ID": f"<urn:test:{number}>"},
        )
        writer.write_record(record)
        records.append(file.getvalue())
    return records


def gzip_member(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


PACK: dict[Packing, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip_member,
    "zstd": zstandard.ZstdCompressor().compress,
}
PLAIN = plain_records()
PACKED: dict[Packing, list[bytes]] = {packing: [PACK[packing](record) for record in PLAIN] for packing in PACKINGS}


def read(path: Path, packing: Packing, step: int | None = None) -> list[Record | Damage]:
    size = path.stat().st_size
    starts = range(0, size, step or size)
    return [item for start in starts for item in read_records(path, packing, start, min(start + (step or size), size))]


def ids(items: list[Record | Damage]) -> list[str]:
    return [item.header("warc-record-id") if isinstance(item, Record) else "damage" for item in items]


def archive(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "a.warc"
    path.write_bytes(data)
    return path


changes = st.lists(
    st.tuples(
        st.sampled_from(["replace", "delete", "insert", "repeat", "blank"]),
        st.floats(0, 1, exclude_max=True),
        st.sampled_from([1, 2, 8, 100, 1500]),
        st.binary(min_size=1, max_size=60),
    ),
    max_size=3,
)


def changed(data: bytes, steps: list[tuple[str, float, int, bytes]]) -> bytes:
    for kind, place, length, junk in steps:
        at = int(place * len(data))
        end = at + length
        middle = {
            "replace": junk[:1],
            "delete": b"",
            "insert": junk + data[at:end],
            "repeat": data[at:end] * 2,
            "blank": bytes(len(data[at:end])),
        }[kind]
        data = data[:at] + middle + data[at + 1 if kind == "replace" else end :]
    return data


@pytest.mark.parametrize("packing", PACKINGS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=changes, step=st.sampled_from([300, 900, 2500]))
def test_every_byte_is_accounted_for_once(
    tmp_path: Path, packing: Packing, steps: list[tuple[str, float, int, bytes]], step: int
) -> None:
    data = changed(b"".join(PACKED[packing]), steps)
    if not data:
        return
    path = archive(tmp_path, data)
    whole = read(path, packing)
    places = sorted({(item.offset, item.length) for item in whole})
    assert all(offset + length == following for (offset, length), (following, _) in pairwise(places))
    assert not places or sum(places[-1]) == len(data)
    assert read(path, packing, step) == whole, "ranges differ from the whole"
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert list(careful_records(mapped, packing, 0, len(data))) == whole, "the two readings differ"


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("broken", range(RECORDS))
@pytest.mark.parametrize("damage", ["cut in the middle", "zeros in the middle", "junk before", "head lost"])
def test_records_beside_a_damaged_one_are_read(tmp_path: Path, packing: Packing, broken: int, damage: str) -> None:
    units = list(PACKED[packing])
    unit, half = units[broken], len(units[broken]) // 2
    units[broken] = {
        "cut in the middle": unit[:half],
        "zeros in the middle": unit[: half // 2] + bytes(half) + unit[half // 2 + half :],
        "junk before": b"\x00\x01junk" * 20 + unit,
        "head lost": unit[20:],
    }[damage]
    found = ids(read(archive(tmp_path, b"".join(units)), packing))
    expected = [f"<urn:test:{number}>" for number in range(RECORDS)]
    if packing == "plain" and damage == "zeros in the middle" and broken < RECORDS:
        # Without compression nothing betrays a changed byte of a body.
        assert [name for name in found if name != "damage"] in (expected, expected[:broken] + expected[broken + 1 :])
        return
    whole = expected if damage == "junk before" else expected[:broken] + expected[broken + 1 :]
    assert [name for name in found if name != "damage"] == whole
    assert found.count("damage") == 1


@pytest.mark.parametrize("length", ["7", "99999999", "-1", "ten", ""])
def test_a_wrong_length_costs_its_own_record_only(tmp_path: Path, length: str) -> None:
    right = b"Content-Length: %d" % (len(PLAIN[2].partition(b"\r\n\r\n")[2]) - 4)
    assert PLAIN[2].count(right) == 1
    records = [*PLAIN[:2], PLAIN[2].replace(right, b"Content-Length: " + length.encode()), *PLAIN[3:]]
    found = read(archive(tmp_path, b"".join(records)), "plain")
    assert ids(found) == ["<urn:test:0>", "<urn:test:1>", "damage", *(f"<urn:test:{n}>" for n in (3, 4, 5))]
    assert (found[2].offset, found[2].length) == (len(PLAIN[0] + PLAIN[1]), len(records[2]))


def test_a_record_inside_a_record_is_content(tmp_path: Path) -> None:
    """A page about WARC shows a record; a WARC file is archived in another: neither is a record of this archive."""
    inner = PLAIN[0] + PLAIN[1]
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=False)
    record = writer.create_warc_record(
        "https://example.jp/w", "resource", payload=io.BytesIO(inner), warc_headers_dict={"WARC-Record-ID": "<urn:o>"}
    )
    writer.write_record(record)
    outer = file.getvalue()
    for packing in PACKINGS:
        data = PACK[packing](outer) + PACKED[packing][2]
        path = archive(tmp_path, data)
        assert ids(read(path, packing)) == ["<urn:o>", "<urn:test:2>"]
        assert ids(read(path, packing, step=100)) == ["<urn:o>", "<urn:test:2>"]


def test_an_archive_inside_an_uncompressible_record_is_content(tmp_path: Path) -> None:
    """gzip stores what it cannot squeeze, so the members of an archived archive stand in the file as they are."""
    inner = b"".join(PACKED["gzip"])
    head = b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:o>\r\nContent-Length: %d\r\n\r\n" % len(inner)
    packer = zlib.compressobj(level=0, wbits=31)
    outer = packer.compress(head + inner + b"\r\n\r\n") + packer.flush()
    assert PACKED["gzip"][1] in outer
    path = archive(tmp_path, PACKED["gzip"][0] + outer + PACKED["gzip"][2])
    assert ids(read(path, "gzip")) == ["<urn:test:0>", "<urn:o>", "<urn:test:2>"]
    assert read(path, "gzip", step=100) == read(path, "gzip")


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_records_that_share_a_unit_are_all_read(tmp_path: Path, packing: Packing) -> None:
    data = PACK[packing](b"".join(PLAIN[:4])) + PACK[packing](b"".join(PLAIN[4:]))
    found = read(archive(tmp_path, data), packing)
    assert ids(found) == [f"<urn:test:{number}>" for number in range(RECORDS)]
    assert [item.offset for item in found] == [0] * 4 + [len(PACK[packing](b"".join(PLAIN[:4])))] * 2
    assert len({(item.offset, item.inner) for item in found}) == RECORDS


def test_what_a_broken_unit_held_before_it_broke_is_read(tmp_path: Path) -> None:
    data = gzip_member(b"".join(PLAIN))
    found = ids(read(archive(tmp_path, data[: len(data) * 3 // 4]), "gzip"))
    assert found[:3] == ["<urn:test:0>", "<urn:test:1>", "<urn:test:2>"]
    assert found[-1] == "damage"


def test_a_unit_too_large_for_memory_is_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path, gzip_member(b"".join(PLAIN)))
    in_memory = read(path, "gzip")
    monkeypatch.setattr("tesuki.pipelines.reading.warc.units.IN_MEMORY", 1000)
    assert read(path, "gzip") == in_memory


def test_a_unit_that_expands_without_end_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tesuki.pipelines.reading.warc.units.UNIT_BYTES", 1 << 20)
    bomb = gzip_member(PLAIN[1] + bytes(64 << 20))
    found = read(archive(tmp_path, PACKED["gzip"][0] + bomb + PACKED["gzip"][2]), "gzip")
    assert ids(found) == ["<urn:test:0>", "<urn:test:1>", "damage", "<urn:test:2>"]


def zstd_zeros(blocks: int) -> bytes:
    """A zstd frame of that many blocks of 128 KiB of zeros, four bytes each (RFC 8878 section 3.1.1.2)."""
    block = (1 << 1 | (128 << 10) << 3).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd\x00\x38" + block * (blocks - 1) + bytes([block[0] | 1]) + block[1:]


def most_memory(work: Callable[[], object]) -> int:
    """Bytes that Python had allocated at the worst moment of ``work``."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_a_unit_that_expands_a_thousandfold_is_given_up_while_it_unpacks(tmp_path: Path, packing: Packing) -> None:
    bomb = zstd_zeros(8_000) if packing == "zstd" else gzip_member(PLAIN[1] + bytes(256 << 20))
    path = archive(tmp_path, PACKED[packing][0] + bomb + PACKED[packing][2])
    found: list[Record | Damage] = []
    assert most_memory(lambda: found.extend(read(path, packing))) < 3 * IN_MEMORY
    damage = next(item for item in found if isinstance(item, Damage))
    size = re.search(r"expands to (\d+) bytes, more than 100 times its own", damage.detail)
    assert size
    assert int(size[1]) <= IN_MEMORY + (1 << 20)
    assert [name for name in ids(found) if name != "damage"][-1] == "<urn:test:2>"


def test_a_dictionary_that_expands_without_end_is_none(tmp_path: Path) -> None:
    data = zstd_zeros(4_000)
    frame = b"\x5d\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data
    path = archive(tmp_path, frame + b"".join(PACKED["zstd"]))
    found: list[Record | Damage] = []
    assert most_memory(lambda: found.extend(read(path, "zstd"))) < 3 * DICTIONARY_BYTES
    assert ids(found) == [f"<urn:test:{number}>" for number in range(RECORDS)]


@pytest.mark.parametrize("dictionary", [b"\x28\xb5\x2f\xfd broken", b"", b"\x37\xa4\x30\xec broken"])
def test_a_broken_dictionary_costs_what_needs_it(tmp_path: Path, dictionary: bytes) -> None:
    frame = b"\x5d\x2a\x4d\x18" + len(dictionary).to_bytes(4, "little") + dictionary
    found = ids(read(archive(tmp_path, frame + b"".join(PACKED["zstd"])), "zstd"))
    assert found == [f"<urn:test:{number}>" for number in range(RECORDS)]


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_tiny_records_in_one_unit_are_read_one_at_a_time(tmp_path: Path, packing: Packing) -> None:
    tiny = b"WARC/1.0\r\nWARC-Record-ID: <urn:%d>\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    path = archive(tmp_path, PACK[packing](b"".join(tiny % number for number in range(4_000))))
    size = path.stat().st_size
    count = 0

    def run() -> None:
        nonlocal count
        count = sum(isinstance(item, Record) for item in read_records(path, packing, 0, size))

    assert most_memory(run) < 2 << 20
    assert count == 4_000


@pytest.mark.parametrize("packing", PACKINGS)
def test_of_a_record_too_long_the_beginning_is_kept(
    tmp_path: Path, packing: Packing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("fast", "careful"):
        monkeypatch.setattr(f"tesuki.pipelines.reading.warc.{module}.CONTENT_BYTES", 100)
    found = read(archive(tmp_path, b"".join(PACKED[packing])), packing)
    assert ids(found) == [f"<urn:test:{number}>" for number in range(RECORDS)]
    for item, record in zip(found, PLAIN, strict=True):
        block = record.partition(b"\r\n\r\n")[2][:-4]
        assert isinstance(item, Record)
        assert (item.content, item.content_length) == (block[:100], len(block))


def test_zstd_with_a_dictionary(tmp_path: Path) -> None:
    """A dictionary in a skippable frame before the first record, as Archive Team writes them."""
    dictionary = zstandard.train_dictionary(2048, [record[i : i + 400] for record in PLAIN for i in range(0, 2000, 50)])
    packed = [zstandard.ZstdCompressor(dict_data=dictionary).compress(record) for record in PLAIN]
    for data in (dictionary.as_bytes(), zstandard.ZstdCompressor().compress(dictionary.as_bytes())):
        frame = b"\x5d\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data
        path = archive(tmp_path, frame + b"".join(packed))
        assert ids(read(path, "zstd")) == [f"<urn:test:{number}>" for number in range(RECORDS)]
        assert read(path, "zstd", step=500) == read(path, "zstd")
