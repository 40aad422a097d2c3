"""Records become pages or say why not."""

from __future__ import annotations

import gzip
import uuid
from pathlib import Path

import pytest

from tesuki.pipelines.journey.headers import Headers, first_value
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.dates import normalised_date
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range
from tesuki.pipelines.reading.warc.http import parse_response
from tesuki.pipelines.reading.warc.media_type import is_html
from tesuki.pipelines.reading.warc.pages import page_of
from tesuki.pipelines.reading.warc.payload import BODY_BYTES
from tesuki.pipelines.reading.warc.records import CONTENT_BYTES, Record, parse_fields

HTML = b"<!DOCTYPE html><html><body>a</body></html>"


def record(content: bytes, kind: str = "response", extra: Headers = (), length: int | None = None) -> Record:
    headers = (("WARC-Type", kind), ("WARC-Record-ID", "<urn:x>"), ("WARC-Target-URI", "https://a.jp/"), *extra)
    return Record(10, 20, 0, headers, content, len(content) if length is None else length)


def http(body: bytes, status: str = "200 OK", **fields: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-').title()}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def outcome(found: Page | Fate) -> tuple[str, str]:
    return (found.fate, found.rule) if isinstance(found, Fate) else ("page", "")


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (http(HTML, content_type="text/html"), "response", ("page", "")),
        (http(HTML), "response", ("page", "")),
        (http(HTML, status="200"), "response", ("page", "")),
        (http(HTML, content_type="application/octet-stream"), "response", ("page", "")),
        (http(b"plain words", content_type="TEXT/HTML; charset=x"), "response", ("page", "")),
        (http(b"plain words", content_type="text/plain"), "response", ("skipped", "read.not-html")),
        (http(b"%PDF-1.4 ...", content_type="text/html"), "response", ("page", "")),
        (http(HTML, status="404 Not Found", content_type="text/html"), "response", ("skipped", "read.status")),
        (http(HTML, status="301 Moved", content_type="text/html"), "response", ("skipped", "read.status")),
        (http(HTML, status="2000 OK"), "response", ("skipped", "read.not-http")),
        (HTML, "response", ("skipped", "read.not-http")),
        (b"", "response", ("skipped", "read.not-http")),
        (HTML, "resource", ("page", "")),
        (b"\x89PNG...", "resource", ("skipped", "read.not-html")),
        (b"", "revisit", ("skipped", "read.revisit")),
        (http(HTML), "Request", ("skipped", "read.request")),
        (HTML, "conversion", ("skipped", "read.conversion")),
        (HTML, "no such type", ("skipped", "read.unknown")),
        (http(gzip.compress(bytes(BODY_BYTES + 1)), content_encoding="gzip"), "response", ("dead", "read.expansion")),
    ],
)
def test_what_becomes_of_a_record(content: bytes, kind: str, expected: tuple[str, str]) -> None:
    assert outcome(page_of(record(content, kind), "web", "a.warc")) == expected


def test_a_page_knows_where_it_is_from() -> None:
    page = page_of(record(http(HTML, content_type="text/html", x_robots_tag="noai")), "web", "a.warc")
    assert isinstance(page, Page)
    assert (page.subset, page.archive, page.offset, page.length, page.record_id) == ("web", "a.warc", 10, 20, "<urn:x>")
    assert page.headers == (("Content-Type", "text/html"), ("X-Robots-Tag", "noai"))
    assert page.body == HTML


def test_a_record_too_long_to_hold_is_dead_with_its_length() -> None:
    found = page_of(record(http(HTML), length=CONTENT_BYTES + 1), "web", "a.warc")
    assert isinstance(found, Fate)
    assert (found.rule, found.value, found.threshold) == ("read.size", CONTENT_BYTES + 1, CONTENT_BYTES)


def test_a_record_without_an_id_gets_the_same_one_every_time() -> None:
    bare = Record(10, 20, 0, (("WARC-Type", "metadata"),), b"", 0)
    found = page_of(bare, "web", "a.warc").record_id
    assert found == f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, 'warc:a.warc#10+0')}>"
    assert page_of(Record(10, 20, 7, bare.headers, b"", 0), "web", "a.warc").record_id != found


def test_an_address_in_angle_brackets_is_taken_out_of_them() -> None:
    headers = (("WARC-Type", "response"), ("WARC-Target-URI", "<https://a.jp/b c>"))
    assert page_of(Record(0, 1, 0, headers, http(HTML), 9), "web", "a.warc").url == "https://a.jp/b c"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-11-21T09:57:00Z", "2026-11-21T09:57:00Z"),
        ("2026-11-21T09:57:00.123456Z", "2026-11-21T09:57:00Z"),
        ("2026-11-21T09:57:00+09:00", "2026-11-21T00:57:00Z"),
        ("2026-11-21T09:57:00", "2026-11-21T09:57:00Z"),
        ("2026-11-21T09:57Z", "2026-11-21T09:57:00Z"),
        ("2026-11-21", "2026-11-21T00:00:00Z"),
        ("2026-11", "2026-11-01T00:00:00Z"),
        ("2026", "2026-01-01T00:00:00Z"),
        ("20261121095700", "2026-11-21T09:57:00Z"),
        ("2026-02-30T00:00:00Z", ""),
        ("0001-01-01T00:00:00+09:00", ""),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_dates(written: str, kept: str) -> None:
    assert normalised_date(written) == kept


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"  \n<!-- c --><HTML>", True),
        (b"\xef\xbb\xbf<!doctype html>", True),
        ('<html lang="ja">'.encode("utf-16"), True),
        (b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "-//W3C">', True),
        (b'<?xml version="1.0"?><rss version="2.0">', False),
        (b"<table>", True),
        (b"<tablet>", False),
        (b"{}", False),
        (b"", False),
        (b" " * 4_000 + b"RFC 1", False),
        (b"<!---->" * 1_000 + b"RFC 1", False),
        (b" \n" * 2_000 + b"<!-- a -->" * 100 + b"<p>", True),
    ],
)
def test_html_is_known_by_how_it_begins(body: bytes, expected: bool) -> None:
    assert is_html("", body) is expected


@pytest.mark.parametrize(
    ("content_type", "body", "rule"),
    [
        ("application/rss+xml", b"<rss version='2.0'><channel/></rss>", "read.feed"),
        ("application/atom+xml; charset=utf-8", b"anything", "read.feed"),
        ("application/feed+json", b"{}", "read.feed"),
        ("text/xml", b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<rss><channel/></rss>', "read.feed"),
        ("text/html", b'<?xml version="1.0"?><?xml-stylesheet href="a"?><feed xmlns="x"></feed>', "read.feed"),
        ("application/xml", b'<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="x">', "read.feed"),
        ("application/xml", b'<rdf:RDF xmlns:rdf="x">', "read.not-html"),
        ("application/xml", b"<?xml version='1.0'?><urlset><url/></urlset>", "read.not-html"),
        ("application/rss+xml", b"<!DOCTYPE html><html><body>gone</body></html>", ""),
        ("text/html", b'<?xml version="1.0"?><!DOCTYPE html><html><feed></feed></html>', ""),
    ],
)
def test_a_feed_is_known_by_its_type_or_its_beginning(content_type: str, body: bytes, rule: str) -> None:
    found = page_of(record(http(body, content_type=content_type)), "web", "a.warc")
    assert (found.rule if isinstance(found, Fate) else "") == rule


def test_fields_with_every_fault_that_crawlers_make() -> None:
    lines = b"A: 1\r\nB:2\nC : 3\r\r\n folded\r\nno colon\r\nA: second\r\nD: \xe6\x97\xa5\r\nE: \xe9\r\nF:\r\n"
    fields = parse_fields(lines)
    assert fields == (("A", "1"), ("B", "2"), ("C", "3 folded"), ("A", "second"), ("D", "日"), ("E", "é"), ("F", ""))
    assert first_value(fields, "a") == "1"
    assert first_value(fields, "z") == ""


def test_a_head_without_an_end() -> None:
    found = parse_response(b"HTTP/1.0 200 OK\r\nContent-Type: text/html")
    assert found is not None
    assert (found.status, found.headers, found.body) == (200, (("Content-Type", "text/html"),), b"")


def test_ranges_cover_a_file_once(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(b"WARC/1.0" + bytes(2500))
    parts = plan_ranges(path, "web", 1000)
    assert [(part.start, part.end) for part in parts] == [(0, 1000), (1000, 2000), (2000, 2508)]
    assert parts[0] == Range("web", str(path), "a.warc", 0, 1000)
    with pytest.raises(ValueError, match="range_bytes is 0, expected at least 1"):
        plan_ranges(path, "web", 0)


@pytest.mark.parametrize(
    ("data", "items"),
    [(b"", []), (b"\n\r\n", []), (b"junk", ["read.damaged"]), (b"filedesc://a.arc 0", ["read.unsupported"])],
)
def test_files_that_hold_no_record(tmp_path: Path, data: bytes, items: list[str]) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(data)
    found = [item for part in plan_ranges(path, "web", 2) for item in read_range(part)]
    assert [outcome(item)[1] for item in found] == items
