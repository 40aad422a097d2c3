"""Host files from folders and archives, lists from files: what they say of a page."""

from __future__ import annotations

import gzip
import pickle
from pathlib import Path

import pytest

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.host_evidence import NOTHING_KNOWN, HostEvidence, list_in_manifest, load_host_evidence
from tesuki.release_levels.page_lists import text_hash


def record(url: str, date: str, body: str, status: str = "200 OK", kind: str = "response") -> bytes:
    """One WARC record, as its own gzip member."""
    http = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n\r\n{body}".encode()
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n"
        f"WARC-Record-ID: <urn:uuid:{abs(len(url) * 7919 + len(body)):032x}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    ).encode()
    return gzip.compress(head + http + b"\r\n\r\n", mtime=0)


def said(known: HostEvidence, url: str, text: str = "") -> list[tuple[str, str, str]]:
    """(signal, where, value) of what is known of a page."""
    return [(each.signal, each.where, each.value) for each in known.evidence(url, text)]


NO_GPT = "User-agent: GPTBot\nDisallow: /\n"


def test_nothing_known() -> None:
    assert NOTHING_KNOWN.evidence("https://a.jp/", "本文") == ()


def test_a_folder_of_hosts(tmp_path: Path) -> None:
    for name, content in {
        "www.a.jp/robots.txt": NO_GPT,
        "www.a.jp/ai.txt": "User-Agent: *\nDisallow: /private/\n",
        "b.jp/.well-known/tdmrep.json": '[{"location": "/", "tdm-reservation": 1}]',
        "例え.jp/robots.txt": NO_GPT,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    known = load_host_evidence([tmp_path], [])
    gpt = ("robots-txt.agent", "host", "GPTBot")
    assert said(known, "https://www.a.jp/x") == [gpt]
    assert said(known, "https://www.a.jp/private/x") == [("ai-txt.disallow", "host", "*"), gpt]
    assert said(known, "https://a.jp/x") == []
    assert said(known, "https://b.jp/x") == [("tdm.reserved", "host", "/")]
    assert said(known, "https://xn--r8jz45g.jp/x") == [gpt]
    assert pickle.loads(pickle.dumps(known)).evidence("https://b.jp/x", "") == known.evidence("https://b.jp/x", "")


def test_an_archive_gives_its_newest_files(tmp_path: Path) -> None:
    archive = tmp_path / "robotstxt.warc.gz"
    archive.write_bytes(
        record("https://a.jp/robots.txt", "2026-03-01T00:00:00Z", NO_GPT)
        + record("https://a.jp/robots.txt", "2024-03-01T00:00:00Z", "")
        + record("http://b.jp/robots.txt", "2024-03-01T00:00:00Z", NO_GPT)
        + record("https://b.jp/robots.txt", "2026-03-01T00:00:00Z", "")
        + record("https://c.jp/robots.txt", "2026-03-01T00:00:00Z", NO_GPT, status="404 Not Found")
        + record("https://d.jp/robots.txt", "2026-03-01T00:00:00Z", NO_GPT, kind="request")
        + record("https://e.jp/robots.txt.bak", "2026-03-01T00:00:00Z", NO_GPT)
        + record("https://f.jp/ai.txt", "2026-03-01T00:00:00Z", NO_GPT)
    )
    known = load_host_evidence([archive], [])
    found = {host: said(known, f"https://{host}.jp/x") for host in "abcdef"}
    assert {host for host, evidence in found.items() if evidence} == {"a", "f"}
    assert found["a"] == [("robots-txt.agent", "host", "GPTBot")]
    assert found["f"] == [("ai-txt.disallow", "host", "GPTBot")]
    assert list(load_host_evidence([archive], [], hosts={"f.jp"}).files) == [("f.jp", "/ai.txt")]


def test_lists_and_hosts_speak_together(tmp_path: Path) -> None:
    takedown, deny, allow = (tmp_path / name for name in ("takedown.txt", "deny.txt", "allow.txt"))
    takedown.write_text(f"text:{text_hash('消してほしい文章')}\n", encoding="utf-8")
    deny.write_text("bad.jp  # malware\n", encoding="utf-8")
    allow.write_text("open.jp\n", encoding="utf-8")
    known = load_host_evidence([], [("takedown", takedown), ("deny", deny), ("allow", allow)])
    assert said(known, "https://www.bad.jp/") == [("list.deny", "list", "bad.jp")]
    assert said(known, "https://open.jp/") == [("list.allow", "list", "open.jp")]
    assert said(known, "https://x.jp/", "消してほしい、文章。")[0][0] == "list.takedown"
    assert list_in_manifest(deny, "deny")["name"] == "deny.txt"


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"missing\.warc\.gz: cannot be read"):
        load_host_evidence([tmp_path / "missing.warc.gz"], [])
    bad = tmp_path / "deny.txt"
    bad.write_text("a.jp\nwhat is this\n", encoding="utf-8")
    with pytest.raises(RequestError, match=r"deny\.txt: line 2: found 'what is this', expected an address"):
        load_host_evidence([], [("deny", bad)])
    bad.write_bytes(b"\xff\xfe")
    with pytest.raises(RequestError, match=r"deny\.txt: cannot be read as UTF-8"):
        load_host_evidence([], [("deny", bad)])
    zipped = tmp_path / "x.wacz"
    zipped.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(RequestError, match=r"x\.wacz: found WACZ, or another zip, expected a WARC file"):
        load_host_evidence([zipped], [])
