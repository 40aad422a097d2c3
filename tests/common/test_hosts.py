"""One host, however its address is spelled: the law that lists, files of hosts, splits and statistics rest on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.common.hosts import canonical_host, host_of
from tesuki.filters.hosts import host_list
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.levelling.host_evidence import HostEvidence
from tesuki.pipelines.levelling.host_files import HostFiles, store_host_files
from tesuki.pipelines.storage.rows import judged_rows
from tesuki.release_levels.page_lists import listed, parse_page_list
from tesuki.tokenize.splits import SplitFractions, split_of

HOSTS = {"example.jp": "example.jp", "例え.jp": "xn--r8jz45g.jp"}
"""Names as written and in their ASCII form (例え is RFC 3492's own kind of label: the example of JPRS)."""


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, str]:
    """A name of `HOSTS`, and a URL that a browser would take to it."""
    name = draw(st.sampled_from(sorted(HOSTS)))
    written = draw(st.sampled_from([name, HOSTS[name], name.upper()]))
    letters = [_escaped(letter) if letter != "." and draw(st.booleans()) else letter for letter in written]
    dot = draw(st.sampled_from([".", "。", "．"]))
    host = "".join(letters).replace(".", dot) + draw(st.sampled_from(["", ".", "。"]))
    scheme = draw(st.sampled_from(["http", "https", "HTTP"]))
    user = draw(st.sampled_from(["", "me@", "me:secret@"]))
    port = draw(st.sampled_from(["", ":80", ":8080"]))
    www = draw(st.sampled_from(["", "www."]))
    return name, f"{scheme}://{user}{www}{host}{port}/page"


def _escaped(letter: str) -> str:
    return "".join(f"%{byte:02x}" for byte in letter.encode())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> HostFiles:
    folder = tmp_path_factory.mktemp("hosts")
    for name in [name for host in HOSTS for name in (host, f"www.{host}")]:
        (folder / "files" / name).mkdir(parents=True)
        (folder / "files" / name / "robots.txt").write_text("User-agent: *\nDisallow: /\n", "utf-8")
    hosts = [f"{www}{host}" for host in HOSTS.values() for www in ("", "www.")]
    return store_host_files(folder / "files.sqlite", [folder / "files"], frozenset(hosts))


@given(spelled())
def test_every_room_sees_one_and_the_same_host(files: HostFiles, case: tuple[str, str]) -> None:
    name, url = case
    assert (host_of(url) or "").removeprefix("www.") == HOSTS[name]
    for kind in ("takedown", "deny"):
        assert listed(parse_page_list(name, "list", kind), url) == name
    allowed = parse_page_list(f"*.{name}", "list", "allow")
    assert listed(allowed, url) == f"*.{name}"
    assert host_list([name]).match(url) == HOSTS[name]
    assert host_list([], [f"{name}/page"]).match(url) == f"{HOSTS[name]}/page"
    found = HostEvidence(files, ()).evidence(url, "")
    assert found, "robots.txt of the host is heard"
    fractions = SplitFractions(Fraction(1, 3), Fraction(1, 3))
    host = judged_rows([Page("web", "a.warc.gz", 0, 1, "<urn:1>", url, "")])["host"][0].as_py()
    assert host == host_of(url)
    splits = {split_of(host_of(other) or "", "id", fractions, test_only=False) for other in (url, f"http://{host}/")}
    assert len(splits) == 1


@given(st.text(max_size=60))
def test_a_canonical_host_is_its_own(host: str) -> None:
    found = canonical_host(host)
    assert found is None or (canonical_host(found) == found and found.isascii())


@pytest.mark.parametrize("host", ["", ".", "a/b", "a b", "ex%zzample.jp", "a@b.jp", "a\u3000b.jp", "a" * 254])
def test_what_can_be_no_host_is_none(host: str) -> None:
    assert canonical_host(host) is None


def _escapes() -> Iterator[tuple[str, str, bool]]:
    # 日本 and 工学 in EUC-JP are no UTF-8: undone as text, both would be four replacement characters.
    yield "http://wiki.example/index.php?%C6%FC%CB%DC", "http://wiki.example/index.php?%B9%A9%B3%D8", False
    yield "http://a.example/%C6%FC.html", "http://a.example/%CB%DC.html", False
    yield "http://a.example/%c6%fc.html", "http://a.example/%C6%FC.html", True
    yield "http://a.example/%E6%97%A5", "http://a.example/日", True
    yield "http://a.example/%7Eme/", "http://a.example/~me", True


@pytest.mark.parametrize(("entry", "url", "same"), list(_escapes()))
def test_addresses_are_compared_as_bytes(entry: str, url: str, same: bool) -> None:
    for kind in ("takedown", "deny", "allow"):
        assert bool(listed(parse_page_list(entry, "list", kind), url)) is same
    assert bool(host_list([], [entry.removeprefix("http://")]).match(url)) is same


def test_a_list_on_disk_is_found_by_every_spelling(tmp_path: Path) -> None:
    """The three addresses that stayed in a corpus although a take-down named their hosts."""
    listed_hosts = parse_page_list("example.jp\n例え.jp\n", str(tmp_path), "takedown")
    for url in ("http://ex%61mple.jp/b", "http://www.ex%61mple.jp/f", "http://%E4%BE%8B%E3%81%88.jp/c"):
        assert listed(listed_hosts, url)
