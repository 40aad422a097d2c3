"""The one-record archive of a fate meets the same fate again."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tesuki.pipelines.commands.reproducer import write_reproducer
from tesuki.pipelines.journey.page import Fate, Page, leave
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range


@pytest.fixture(params=[True, False], ids=["gzip", "plain"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A page, a redirect, a revisit and a broken record, in this order."""
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=request.param)
    for number, (kind, status) in enumerate([("response", "200 OK"), ("response", "302 Found"), ("revisit", "200 OK")]):
        record = writer.create_warc_record(
            f"https://a.jp/{number}",
            kind,
            payload=io.BytesIO("<html>本文</html>".encode()),
            http_headers=StatusAndHeaders(status, [("Content-Type", "text/html")], protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Record-ID": f"<urn:test:{number}>", "WARC-Date": "2026-01-01T00:00:00Z"},
        )
        writer.write_record(record)
    path = tmp_path / ("a.warc.gz" if request.param else "a.warc")
    broken = b"WARC/1.0\r\nContent-Length: 99\r\n\r\nbroken"
    path.write_bytes(file.getvalue() + (gzip.compress(broken, mtime=0)[:-9] if request.param else broken))
    return path


def read(path: Path) -> list[Page | Fate]:
    return [item for part in plan_ranges(path, "web") for item in read_range(part)]


def bare(item: Page | Fate) -> Page | Fate:
    """An item without its place in the archive."""
    return replace(item, archive="", offset=0, length=0)


def test_every_fate_is_met_again(archive: Path, tmp_path: Path) -> None:
    items = read(archive)
    assert [item.rule if isinstance(item, Fate) else "page" for item in items] == [
        *("page", "read.status", "read.revisit", "read.damaged")
    ]
    for item in items:
        fate = item if isinstance(item, Fate) else leave(item, "dead", "extract", "extract.crash")
        (again,) = read(write_reproducer(archive, fate, tmp_path))
        assert bare(replace(again, record_id="")) == bare(replace(item, record_id=""))
        assert again.record_id == item.record_id or fate.rule == "read.damaged"


def test_warcio_reads_what_it_wrote(archive: Path, tmp_path: Path) -> None:
    page = read(archive)[0]
    assert isinstance(page, Page)
    path = write_reproducer(archive, leave(page, "dead", "extract", "extract.timeout"), tmp_path)
    with path.open("rb") as file:
        ((url, body),) = [
            (record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
            for record in ArchiveIterator(file, check_digests="raise")
        ]
    assert (url, body) == (page.url, page.body)


def test_a_record_that_is_not_there_is_said(archive: Path, tmp_path: Path) -> None:
    fate = read(archive)[1]
    assert isinstance(fate, Fate)
    with pytest.raises(LookupError, match=r"at byte 0: no record <urn:test:1> is there"):
        write_reproducer(archive, replace(fate, offset=0), tmp_path)


def test_one_record_is_read_back_from_its_place(archive: Path) -> None:
    for item in read(archive):
        place = Range("web", str(archive), archive.name, item.offset, item.offset + 1)
        assert [found for found in read_range(place) if found.record_id == item.record_id] == [item]
