"""By the crawl's index: the records that are wanted, as they lie in their archives, each row with one fate."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.commands.fetch import Plan, fetch, manners_for
from tesuki.pipelines.errors import BrokenEnvironmentError, RequestError
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.remote import fetch as fetching
from tesuki.pipelines.reading.remote.index_plan import COMMON_CRAWL
from tesuki.pipelines.reading.remote.index_records import GAP, SPAN, coalesced
from tesuki.pipelines.reading.remote.index_rows import IndexRow, Where, rows_of
from tesuki.pipelines.reading.warc.archive import read_range

Served = Any
CRAWL = "crawl-data/CC-MAIN-2026-43/segments/1/warc"


@pytest.fixture
def archive(served: Served, archive_of: Any, web_page: Any, article: Callable[[object], list[str]]) -> Path:
    """Twelve pages, every third Japanese by the index."""
    path: Path = served.folder / CRAWL / "a.warc.gz"
    path.parent.mkdir(parents=True)
    pages = [web_page(f"https://h{number % 4}.example.jp/{number}", number) for number in range(12)]
    return Path(archive_of(path, pages))


def pages_in(path: Path) -> list[Page]:
    items = read_range(Range("web", str(path), path.name, 0, path.stat().st_size))
    return [item for item in items if isinstance(item, Page)]


def digest_of(page: Page) -> str:
    from base64 import b32encode
    from hashlib import sha1

    return b32encode(sha1(page.body, usedforsecurity=False).digest()).decode()


@pytest.fixture
def index(archive: Path, tmp_path: Path) -> Callable[..., Path]:
    """Writes the archive's index; ``changes`` replace columns of its n-th row."""

    def write(changes: Mapping[int, dict[str, Any]] = MappingProxyType({})) -> Path:
        rows = [
            {
                "url": page.url,
                "url_host_name": page.url.split("/")[2],
                "url_host_tld": "jp",
                "content_languages": ("eng,jpn", "eng", None)[number % 3],
                "content_mime_detected": "text/html",
                "content_digest": digest_of(page),
                "fetch_status": 200,
                "warc_filename": f"{CRAWL}/{archive.name}",
                "warc_record_offset": page.offset,
                "warc_record_length": page.length,
            }
            | changes.get(number, {})
            for number, page in enumerate(pages_in(archive))
        ]
        path = tmp_path / "part-00000.parquet"
        pq.write_table(pa.Table.from_pylist(rows[::-1]), path)
        return path

    return write


def plan_of(served: Served, tmp_path: Path, index: str, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setattr(fetching, "FIRST_PAUSE", 0.001)
    manners = manners_for(tmp_path / "out", "tesuki", 10_000.0, None, None)
    return Plan((index,), Where(), served.address, tmp_path / "out", 1 << 30, manners)


def fates_in(output: Path) -> Counter[str]:
    told = json.loads((output / "fetched.json").read_text())
    assert told["rows"] == sum(told["fates"].values())
    return Counter({fate: count for fate, count in told["fates"].items() if count})


def content_of(page: Page) -> Page:
    return replace(page, archive="", offset=0)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_the_records_are_those_of_the_whole_file(
    served: Served, archive: Path, index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    path = index()
    if elsewhere:
        (served.folder / path.name).write_bytes(path.read_bytes())
    name = f"{served.address}/{path.name}" if elsewhere else str(path)
    served.faults = lambda number: ("", "503", "cut", "")[number % 4] if number < 12 else ""
    list(fetch(plan_of(served, tmp_path, name, monkeypatch)))
    (warc,) = (tmp_path / "out").glob("*.warc.gz")
    whole = pages_in(archive)
    assert list(map(content_of, pages_in(warc))) == list(map(content_of, whole[::3]))
    assert fates_in(tmp_path / "out") == {"read": 4}
    (table,) = (tmp_path / "out").glob("*.rows.parquet")
    assert [row["offset"] for row in pq.read_table(table).to_pylist()] == [page.offset for page in pages_in(warc)]


def test_each_row_has_one_fate(
    served: Served, archive: Path, index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = archive.stat().st_size
    all_of_them = {number: {"content_languages": "jpn"} for number in range(12)}
    wrong: dict[int, dict[str, Any]] = {
        0: {"warc_filename": f"{CRAWL}/none.warc.gz"},
        1: {"warc_record_offset": size - 5},
        2: {"warc_record_length": 40},
        3: {"content_digest": "A" * 32},
        4: {"url": "https://other.example.jp/"},
    }
    changes = {number: {**columns, **wrong.get(number, {})} for number, columns in all_of_them.items()}
    list(fetch(plan_of(served, tmp_path, str(index(changes)), monkeypatch)))
    assert fates_in(tmp_path / "out") == {"gone": 1, "truncated": 1, "damaged": 2, "digest": 1, "read": 7}


def test_what_is_there_is_not_fetched_again(
    served: Served, index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = replace(plan_of(served, tmp_path, str(index()), monkeypatch), file_bytes=1)
    served.faults = lambda number: "503" if number > 1 else ""
    with pytest.raises(BrokenEnvironmentError):
        list(fetch(plan))
    there = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.warc.gz")}
    assert 0 < len(there) < 4
    served.faults = lambda _: ""
    list(fetch(plan))
    assert all(path.stat().st_mtime_ns == before for path, before in there.items())
    assert fates_in(tmp_path / "out") == {"read": 4}
    asked = len(served.asked)
    list(fetch(plan))
    assert len(served.asked) == asked


@pytest.mark.parametrize(
    ("where", "count"),
    [
        (Where(), 4),
        (Where(languages=()), 12),
        (Where(languages=("eng",)), 8),
        (Where(languages=(), hosts=("h1.example.jp",)), 3),
        (Where(languages=(), hosts=("example.jp",)), 12),
        (Where(languages=(), hosts=("1.example.jp",)), 0),
        (Where(languages=(), tlds=("com",)), 0),
        (Where(languages=(), statuses=(404,)), 0),
        (Where(languages=(), mimes=("text/html",)), 12),
    ],
)
def test_which_rows_are_wanted(index: Any, where: Where, count: int) -> None:
    rows = rows_of(index(), "index", where)
    assert len(rows) == count
    assert rows == sorted(rows)


def test_another_table_is_no_index(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes(b"nothing")
    with pytest.raises(RequestError, match="no columnar index"):
        rows_of(tmp_path / "a.parquet", "a.parquet", Where())
    with pytest.raises(RequestError, match="not a Parquet file"):
        rows_of(tmp_path / "b.parquet", "b.parquet", Where())


@given(st.lists(st.tuples(st.integers(0, 40 << 20), st.integers(1, 3 << 20)), max_size=20))
def test_requests_hold_every_row_once_in_order_and_little_more(spans: list[tuple[int, int]]) -> None:
    rows = sorted({offset: IndexRow("a", offset, length, "", "") for offset, length in spans}.values())
    groups = list(coalesced(rows))
    assert [row for group in groups for row in group] == rows
    for group in groups:
        stop = group[0].offset
        for row in group:
            assert row.offset - stop <= GAP
            stop = max(stop, row.offset + row.length)
        assert len(group) == 1 or group[-1].offset + group[-1].length - group[0].offset <= SPAN


def test_the_command_asks_common_crawl_unless_told_otherwise(
    served: Served, index: Any, tmp_path: Path, tesuki: Any
) -> None:
    assert COMMON_CRAWL == "https://data.commoncrawl.org/"
    words = ("--base", served.address, "--requests-per-second", "1000", "--host", "h0.example.jp", "--any-language")
    done = tesuki("fetch", index(), "--output", tmp_path / "out", *words)
    assert done.returncode == 0, done.stderr
    assert "in all: 3 rows: read 3;" in done.stdout
