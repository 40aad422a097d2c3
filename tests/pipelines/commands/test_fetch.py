"""By the crawl's index: the records that are wanted, as they lie in their archives, each row with one fate."""

from __future__ import annotations

import gzip
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
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.commands.audit import audit
from tesuki.pipelines.commands.fetch import Plan, fetch, manners_for
from tesuki.pipelines.errors import BrokenEnvironmentError, RequestError
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.inputs import identify_inputs
from tesuki.pipelines.reading.remote import fetch as fetching
from tesuki.pipelines.reading.remote.index_plan import (
    COMMON_CRAWL,
    ROWS_A_PART,
    opened_index,
    plan_rows,
    record_bytes,
    row_ranges,
)
from tesuki.pipelines.reading.remote.index_records import GAP, SPAN, coalesced
from tesuki.pipelines.reading.remote.index_rows import IndexRow, Where, rows_of
from tesuki.pipelines.reading.remote.manners import Manners
from tesuki.pipelines.reading.warc.archive import read_range

Served = Any


@pytest.fixture
def manners(tmp_path: Path) -> Manners:
    return Manners("tesuki", 10_000.0, str(tmp_path / "pace.json"))


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


def test_a_row_that_names_no_place_costs_itself_alone(
    served: Served, archive: Path, index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_places: list[dict[str, Any]] = [
        {"warc_record_offset": None},
        {"warc_record_offset": -5},
        {"warc_record_length": None},
        {"warc_record_length": -3},
        {"warc_record_length": 0},
        {"warc_record_length": 1 << 40},
        {"warc_filename": f"{CRAWL}/a b.warc.gz"},
    ]
    all_of_them = [*no_places, *([{}] * (12 - len(no_places)))]
    changes = {number: {"content_languages": "jpn", **columns} for number, columns in enumerate(all_of_them)}
    list(fetch(plan_of(served, tmp_path, str(index(changes)), monkeypatch)))
    assert fates_in(tmp_path / "out") == {"damaged": 7, "read": 5}
    assert len(served.asked) == 1


def test_another_base_is_asked_for_what_was_gone(
    served: Served, index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(served, tmp_path, str(index()), monkeypatch)
    list(fetch(replace(plan, base=f"{served.address}/none")))
    assert fates_in(tmp_path / "out") == {"gone": 4}
    list(fetch(plan))
    assert fates_in(tmp_path / "out") == {"read": 4}


def test_a_part_has_a_bounded_number_of_rows_however_short(tmp_path: Path, manners: Manners) -> None:
    count = 2 * ROWS_A_PART + 10
    lengths = pa.array([0, None, -7, 1 << 62, 1] * (count // 5) + [1] * (count % 5), pa.int64())
    columns = {"warc_filename": pa.array(["a.warc.gz"] * count), "warc_record_offset": pa.array(range(count))}
    pq.write_table(pa.table({**columns, "warc_record_length": lengths}), tmp_path / "index.parquet")
    (rows,) = plan_rows([tmp_path / "index.parquet"], Where(languages=(), statuses=()), tmp_path / "rows", manners)
    ranges = row_ranges(rows, "web", 1 << 30)
    assert [(part.start, part.end) for part in ranges] == [
        (0, ROWS_A_PART),
        (ROWS_A_PART, 2 * ROWS_A_PART),
        (2 * ROWS_A_PART, count),
    ]
    assert record_bytes(rows) == count // 5 + count % 5


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
    rows = sorted({offset: IndexRow("a", offset, length, "", "", "") for offset, length in spans}.values())
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


def test_an_audit_says_what_the_language_column_misses(
    served: Served, archive: Path, index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All twelve pages are Japanese; the index says so of every third, and has no language for every third."""
    plan = plan_of(served, tmp_path, str(index()), monkeypatch)
    lines = list(audit(plan, 1))
    assert lines[0] == "a.warc.gz: 12 rows of the index, 12 Japanese by our own detection"
    assert lines[1] == "  wanted by the index: 4, of them Japanese 4: recall 0.333, precision 1.000"
    assert lines[2] == "  missed 8, of which the index says: eng 4, no language 4"
    assert lines[3] == "  encodings of these: utf-8 8"
    assert lines[4].startswith(
        f"  to fetch what is wanted: 0.0 of {archive.stat().st_size / 1e6:,.1f} MB in 1 requests; "
    )
    assert lines[5].startswith("in all: 12 rows")
    assert "missed, for example: https://h" in lines[-1]
    assert not list((tmp_path / "out").glob("*.warc.gz"))
    with pytest.raises(RequestError, match="leave --any-language out"):
        list(audit(replace(plan, where=Where(languages=())), 1))
    with pytest.raises(RequestError, match="--audit: the index names no record"):
        list(audit(replace(plan, where=Where(tlds=("com",))), 1))


def test_rows_without_a_language_are_wanted_where_it_is_asked(index: Any) -> None:
    assert len(rows_of(index(), "index", Where(unlabelled=("jp",)))) == 8
    assert len(rows_of(index(), "index", Where(unlabelled=("com",)))) == 4
    assert len(rows_of(index({2: {"content_languages": ""}}), "index", Where(unlabelled=("jp",)))) == 8


def test_row_groups_that_hold_no_host_that_is_wanted_are_not_read(
    tmp_path: Path, manners: Manners, served: Served
) -> None:
    columns = {"warc_record_offset": 0, "warc_record_length": 1, "content_languages": "jpn", "fetch_status": 200}
    rows = [
        {
            "warc_filename": f"{tld}.warc.gz",
            "url_host_name": f"a.{tld}",
            "url_host_tld": tld,
            "url": f"{n:06} {tld}" * 40,
        }
        | columns
        for tld in ("com", "jp", "net")
        for n in range(20_000)
    ]
    path = served.folder / "a.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=20_000, compression="none")
    inputs = identify_inputs({"index": [f"{served.address}/a.parquet"]}, tmp_path / "known.json", manners)
    with opened_index(inputs[0], manners) as source:
        assert [row.archive for row in rows_of(source, "a", Where(hosts=("a.jp",)))] == ["jp.warc.gz"]
    assert served.sent < path.stat().st_size / 2


def robots(host: str, line: str) -> bytes:
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{line}".encode()
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://{host}/robots.txt\r\n"
    head += f"WARC-Record-ID: <urn:{host}>\r\nWARC-Date: 2026-05-01T00:00:00Z\r\nContent-Length: {len(http)}\r\n\r\n"
    return gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0)


def test_captures_of_robots_are_found_for_the_hosts_of_a_corpus(
    served: Served, archive: Path, build: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = {"name": "r", "subsets": {"web": {"inputs": str(archive), "judge": False}}, "tokenizer": None}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    build(tmp_path / "recipe.yaml", tmp_path / "corpus")
    hosts = ["h0.example.jp", "h1.example.jp", "other.example.jp"]
    records = [robots(host, "User-agent: GPTBot\nDisallow: /\n") for host in hosts]
    (served.folder / CRAWL / "robots.warc.gz").write_bytes(b"".join(records))
    place = 0
    rows = []
    for host, record in zip(hosts, records, strict=True):
        named = {"url": f"https://{host}/robots.txt", "url_host_name": host, "fetch_status": 200}
        where = {"warc_filename": f"{CRAWL}/robots.warc.gz", "warc_record_offset": place}
        rows.append({**named, **where, "warc_record_length": len(record), "content_digest": None})
        place += len(record)
    folder = tmp_path / "cc-index" / "subset=robotstxt"
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / "part-00000.parquet")
    plan = plan_of(served, tmp_path, str(folder / "*.parquet"), monkeypatch)
    list(fetch(replace(plan, where=Where(languages=()), robots_of=tmp_path / "corpus")))
    assert fates_in(tmp_path / "out") == {"read": 2}
    policy = {"policy": {"file": "strict", "host_files": ["out/*.warc.gz"]}}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe | policy))
    build(tmp_path / "recipe.yaml", tmp_path / "corpus")
    kept = [
        row["url"].split("/")[2]
        for path in (tmp_path / "corpus" / "documents").rglob("*.parquet")
        for row in pq.read_table(path, partitioning=None).to_pylist()
        if row["level"] in ("L1", "L2", "L3")
    ]
    assert set(kept) == {"h2.example.jp", "h3.example.jp"}
    with pytest.raises(RequestError, match="--robots-of"):
        list(fetch(replace(plan, robots_of=tmp_path)))
