"""Files of hosts from folders and archives, lists from files: what they say of a page."""

from __future__ import annotations

import gzip
import pickle
from pathlib import Path

import pytest

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.levelling.host_evidence import NOTHING_KNOWN, HostEvidence, list_in_manifest, load_page_list
from tesuki.pipelines.levelling.host_files import check_host_sources, store_host_files
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
    hosts = ["www.a.jp", "b.jp", "xn--r8jz45g.jp"]
    known = HostEvidence(store_host_files(tmp_path / "files.sqlite", [tmp_path], hosts), ())
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
    hosts = [f"{host}.jp" for host in "abcdef"]
    known = HostEvidence(store_host_files(tmp_path / "files.sqlite", [archive], hosts), ())
    found = {host: said(known, f"https://{host}.jp/x") for host in "abcdef"}
    assert {host for host, evidence in found.items() if evidence} == {"a", "f"}
    assert found["a"] == [("robots-txt.agent", "host", "GPTBot")]
    assert found["f"] == [("ai-txt.disallow", "host", "GPTBot")]


def test_of_other_hosts_nothing_is_kept(tmp_path: Path) -> None:
    archive = tmp_path / "robotstxt.warc.gz"
    there = [f"h{number}.jp" for number in range(50)]
    archive.write_bytes(
        b"".join(record(f"https://{host}/robots.txt", "2026-03-01T00:00:00Z", NO_GPT) for host in there)
    )
    stored = store_host_files(tmp_path / "files.sqlite", [archive], ["h7.jp", "elsewhere.jp"])
    assert [host for host in there if stored.of_host(host)] == ["h7.jp"]
    assert b"h8.jp" not in stored.path.read_bytes()
    assert len(pickle.dumps(HostEvidence(stored, ()))) < 1_000


def test_an_undated_folder_is_newer_than_any_capture(tmp_path: Path) -> None:
    archive, folder = tmp_path / "robotstxt.warc.gz", tmp_path / "hosts"
    archive.write_bytes(record("https://a.jp/robots.txt", "2026-03-01T00:00:00Z", NO_GPT))
    (folder / "a.jp").mkdir(parents=True)
    (folder / "a.jp" / "robots.txt").write_text("User-agent: *\nDisallow:\n", encoding="utf-8")
    for number, sources in enumerate(([archive, folder], [folder, archive])):
        stored = store_host_files(tmp_path / f"{number}.sqlite", sources, ["a.jp"])
        assert stored.of_host("a.jp") == {"/robots.txt": "User-agent: *\nDisallow:\n"}


def test_lists_and_hosts_speak_together(tmp_path: Path) -> None:
    takedown, deny, allow = (tmp_path / name for name in ("takedown.txt", "deny.txt", "allow.txt"))
    takedown.write_text(f"text:{text_hash('消してほしい文章')}\n", encoding="utf-8")
    deny.write_text("bad.jp  # malware\n", encoding="utf-8")
    allow.write_text("open.jp\n", encoding="utf-8")
    lists = (("takedown", takedown), ("deny", deny), ("allow", allow))
    known = HostEvidence(None, tuple(load_page_list(path, kind) for kind, path in lists))
    assert said(known, "https://www.bad.jp/") == [("list.deny", "list", "bad.jp")]
    assert said(known, "https://open.jp/") == [("list.allow", "list", "open.jp")]
    assert said(known, "https://x.jp/", "消してほしい、文章。")[0][0] == "list.takedown"
    assert list_in_manifest(deny, "deny")["name"] == "deny.txt"


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"missing\.warc\.gz: cannot be read"):
        check_host_sources([tmp_path / "missing.warc.gz"])
    bad = tmp_path / "deny.txt"
    bad.write_text("a.jp\nwhat is this\n", encoding="utf-8")
    with pytest.raises(RequestError, match=r"deny\.txt: line 2: found 'what is this', expected an address"):
        load_page_list(bad, "deny")
    bad.write_bytes(b"\xff\xfe")
    with pytest.raises(RequestError, match=r"deny\.txt: cannot be read as UTF-8"):
        load_page_list(bad, "deny")
    zipped = tmp_path / "x.wacz"
    zipped.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(RequestError, match=r"x\.wacz: found WACZ, or another zip, expected a WARC file"):
        check_host_sources([zipped])
