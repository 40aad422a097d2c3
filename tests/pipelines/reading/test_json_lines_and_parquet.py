"""Documents that are text already: every line and row is one page or fate; damage ends a file, not a run."""

from __future__ import annotations

import bz2
import gzip
import io
import random
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
    assert told(found_in(tmp_path / f"b.jsonl{ending}", LINES)) == ["read.damaged"]


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
        "0001-01-01T00:00:00+23:00",
        "2026-01-02T00:00:00Z",
    ]
    assert (pages[0].url, pages[0].record_id, pages[0].title) == ("3", "4", "")
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
