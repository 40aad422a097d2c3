"""Documents that are text already: every line and row is one page or fate; damage ends a file, not a run."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import random
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.reading.sources import Source, ranges_of


def found_in(path: Path, content: bytes, form: str = "jsonl", columns: Mapping[str, str] = {}) -> list[Page | Fate]:
    """What reading ``content`` as a file of a format gives."""
    path.write_bytes(content)
    source = Source(form, columns, {path.name: str(path)})
    return [item for part in ranges_of(str(path), "s", form, 1 << 20) for item in source.read(part)]


def told(items: list[Page | Fate]) -> list[str]:
    """Texts, and the rules of what is no page."""
    return [item.text if isinstance(item, Page) else item.rule for item in items]


LINES = '{"text": "一"}\n\n{"text": "二"}\n'.encode()
PACKED: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor().compress,
    ".bz2": bz2.compress,
    ".GZ": gzip.compress,
}


@pytest.mark.parametrize("ending", PACKED)
def test_lines_in_any_packing_and_any_number_of_members(ending: str, tmp_path: Path) -> None:
    pack = PACKED[ending]
    items = found_in(tmp_path / f"a.jsonl{ending}", pack(LINES) + pack(LINES))
    assert told(items) == ["一", "二", "一", "二"]
    first, line = LINES.index(b"\n\n"), len(LINES)
    assert [item.offset for item in items] == [0, first + 2, line, line + first + 2]


@pytest.mark.parametrize("ending", [".gz", ".zst", ".bz2"])
def test_a_file_that_is_cut_off_ends_with_a_dead_record(ending: str, tmp_path: Path) -> None:
    noise = random.Random(7)
    many = b"".join(b'{"text": "%x"}\n' % noise.getrandbits(4_000) for _ in range(1_000))
    *read, last = told(found_in(tmp_path / f"a.jsonl{ending}", PACKED[ending](many)[:-100]))
    assert last == "read.damaged"
    assert "read.damaged" not in read
    # What a packing has whole is read: gzip some kilobytes, zstd blocks of 128 KiB, bzip2 of 900 kB.
    assert len(read) > {".gz": 950, ".zst": 700, ".bz2": 500}[ending]
    assert told(found_in(tmp_path / f"b.jsonl{ending}", LINES)) == ["一", "二"], "the name is believed"


def test_odd_lines_cost_themselves(tmp_path: Path) -> None:
    lines = [
        b"[1]",
        b'{"text": 5}',
        b'{"text": " "}',
        b"{bad",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"text": "\\ud800x", "url": 3, "id": 4, "title": null, "date": 20260102}',
        b'{"text": "c", "date": "0001-01-01T00:00:00+23:00"}',
        b'{"text": "d", "date": "2026-01-02T09:00:00+09:00"}',
    ]
    items = found_in(tmp_path / "a.jsonl", b"\n".join(lines))
    bad = ["read.malformed", "read.no-text", "read.empty", "read.malformed", "read.malformed", "read.malformed"]
    assert told(items) == [*bad, "?x", "c", "d"]
    pages = [item for item in items if isinstance(item, Page)]
    assert [page.date for page in pages] == [
        "2026-01-02T00:00:00Z",
        "",
        "2026-01-02T00:00:00Z",
    ]
    assert (pages[0].url, pages[0].record_id, pages[0].title) == ("", "4", "")
    assert len({item.record_id for item in items}) == len(lines)


def parquet(**columns: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def test_rows_with_names_and_times_of_their_own(tmp_path: Path) -> None:
    times = pa.array([0, 10**14], pa.timestamp("s", tz="Asia/Tokyo"))
    content = parquet(body=["一", "二"], link=["https://a.jp/", None], seen=times, key=[7, 8], other=[b"x", b"y"])
    columns = {"text": "body", "url": "link", "date": "seen", "id": "key"}
    first, second = found_in(tmp_path / "a.parquet", content, "parquet", columns)
    assert isinstance(first, Page)
    assert isinstance(second, Page)
    assert (first.text, first.url, first.date, first.record_id) == ("一", "https://a.jp/", "1970-01-01T00:00:00Z", "7")
    # Some three million years from now: later than Python can tell.
    assert (second.text, second.url) == ("二", "")


def test_rows_without_text_are_counted_and_damage_ends_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    assert told(found_in(path, parquet(body=["一", "二"]), "parquet")) == ["read.no-text", "read.no-text"]
    assert told(found_in(path, parquet(text=[b"\xff", None]), "parquet")) == ["read.no-text", "read.no-text"]
    whole = parquet(text=["一"])
    assert told(found_in(path, whole[:-20], "parquet")) == ["read.damaged"]
    assert told(found_in(path, whole[:4] + bytes(30) + whole[34:], "parquet")) == ["read.damaged"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstandard.ZstdCompressor().compress])
@pytest.mark.parametrize(("behind", "rule"), [(bytes(700), []), (b"garbage", ["read.damaged"])])
def test_what_follows_the_packed_lines_costs_none_of_them(
    pack: Callable[[bytes], bytes], behind: bytes, rule: list[str], tmp_path: Path
) -> None:
    lines = b"".join(b'{"text": "%d"}\n' % number for number in range(2_000)) + b'{"text": "last"}'
    found = told(found_in(tmp_path / "feed", pack(lines) + behind))
    assert found == [*map(str, range(2_000)), "last", *rule]


def test_packed_lines_that_expand_a_thousandfold_are_given_up(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()
    *_, last = found_in(tmp_path / "a.jsonl.gz", bomb)
    assert isinstance(last, Fate)
    assert last.rule == "read.damaged"
    assert "more than 100 times its own" in last.detail


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (1714521600, "2024-05-01T00:00:00Z"),
        (1710121600000, "2024-03-11T01:46:40Z"),
        (1714521600.5, "2024-05-01T00:00:00Z"),
        ("1714521600000000", "2024-05-01T00:00:00Z"),
        (1714521600000000000, "2024-05-01T00:00:00Z"),
        ("20240501", "2024-05-01T00:00:00Z"),
        ("20240501010203", "2024-05-01T01:02:03Z"),
        ("2024-05-01 01:02:03.123456789", "2024-05-01T01:02:03Z"),
        ("May 2024", ""),
        (float("nan"), ""),
        (True, ""),
        (None, ""),
    ],
)
def test_a_date_is_an_instant_or_nothing(date: object, expected: str, tmp_path: Path) -> None:
    (page,) = found_in(tmp_path / "a.jsonl", json.dumps({"text": "一", "date": date}).encode())
    assert isinstance(page, Page)
    assert page.date == expected


def test_a_string_cut_inside_a_character_costs_that_character(tmp_path: Path) -> None:
    raw = ["一".encode(), "二つ".encode()[:-1], None]
    for kind, text in ((pa.binary(), pa.string()), (pa.large_binary(), pa.large_string())):
        broken = pa.Array.from_buffers(text, 3, pa.array(raw, kind).buffers())
        nested = pa.array([["x"], None, ["y"]])
        content = parquet(text=broken, url=broken, title=broken.dictionary_encode(), id=nested)
        found = found_in(tmp_path / "a.parquet", content, "parquet")
        assert told(found) == ["一", "二\ufffd", "read.no-text"]
        assert [(item.url, item.title) for item in found if isinstance(item, Page)] == [
            ("一", "一"),
            ("二\ufffd", "二\ufffd"),
        ]


def test_what_cannot_be_written_never_leaves_reading(tmp_path: Path) -> None:
    line = json.dumps({name: f"{name}\ud800\udfff" for name in ("text", "url", "title", "id", "date")}).encode()
    (page,) = found_in(tmp_path / "a.jsonl", line)
    assert isinstance(page, Page)
    for value in (page.text, page.url, page.title, page.record_id, page.date, page.id):
        value.encode()
    search = b'{"index": {"_id": "\\ud800"}}\n{"title": "\\udc00", "text": "a\\ud800", "wiki": "jawiki"}\n'
    (page,) = found_in(tmp_path / "a.json", search, "cirrussearch")
    assert isinstance(page, Page)
    for value in (page.text, page.url, page.title, page.record_id, page.id):
        value.encode()
