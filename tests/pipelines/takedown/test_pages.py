"""Finding pages by a list: the quick look at addresses passes over none that the list names."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.takedown.leaving import HOSTS_AT_ONCE, hosts_expression, may_be_named
from tesuki.release_levels.page_lists import PageList, listed, parse_page_list

NAMED = ("example.jp", "日本語.example", "xn--wgv71a119e.example", "blog.example.co.jp:8080", "a-b.example", "[::1]")
PIECES = (
    "https",
    "HTTP",
    ":",
    "//",
    "/",
    "www.",
    ".",
    "%65",
    "%E6%97%A5",
    "user@",
    ":80",
    "?",
    "#",
    "\t",
    " ",
    "。",
    "．",
)


def asked_about(pages: PageList, url: str | None, hashed: str | None = "0" * 64) -> bool:
    batch = pa.RecordBatch.from_pydict(
        {"url": pa.array([url], pa.string()), "text_hash": pa.array([hashed], pa.string())}
    )
    return bool(may_be_named(pages, hosts_expression(pages), batch)[0].as_py())


@pytest.fixture(scope="module")
def pages() -> PageList:
    lines = [
        "example.jp",
        "日本語.example",
        "https://blog.example.co.jp:8080/a/*",
        "https://a-b.example/x",
        "http://[::1]/y",
    ]
    return parse_page_list("\n".join(lines), "list", "takedown")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.jp/",
        "HTTPS://WWW.EXAMPLE.JP/",
        "https://sub.example.jp:443/a?b#c",
        "https://日本語.example/",
        "https://xn--wgv71a119e.example/",
        "https://ｅｘａｍｐｌｅ.jp/",
        "https://exam\tple.jp/",
        "http://blog.example.co.jp:8080/a/b",
        "https://user@a-b.example/x/",
    ],
)
def test_asks_about_what_is_named(pages: PageList, url: str) -> None:
    assert listed(pages, url)
    assert asked_about(pages, url)


@given(st.lists(st.sampled_from([*NAMED, *PIECES]) | st.characters(codec="utf-8"), max_size=8))
def test_passes_over_nothing_that_is_named(pieces: list[str]) -> None:
    lines = [
        "example.jp",
        "日本語.example",
        "https://blog.example.co.jp:8080/a/*",
        "https://a-b.example/x",
        "http://[::1]/y",
    ]
    pages = parse_page_list("\n".join(lines), "list", "takedown")
    for url in ("".join(pieces), "https://" + "".join(pieces)):
        assert asked_about(pages, url) or not listed(pages, url)


def test_passes_over_other_hosts_and_pages_without_text() -> None:
    pages = parse_page_list("example.jp", "list", "takedown")
    assert not asked_about(pages, "https://example.com/")
    assert not asked_about(pages, None)
    assert not asked_about(pages, "https://example.jp/", None)


def test_finds_by_text_alone() -> None:
    pages = parse_page_list("text:" + "ab" * 32, "list", "takedown")
    assert asked_about(pages, "https://example.com/", "ab" * 32)
    assert not asked_about(pages, "https://example.com/")


@pytest.mark.parametrize("hosts", [HOSTS_AT_ONCE, HOSTS_AT_ONCE + 1, 20 * HOSTS_AT_ONCE])
def test_lists_of_many_hosts(hosts: int) -> None:
    pages = parse_page_list(
        "\n".join(f"some-rather-long-name-{number}.example" for number in range(hosts)), "list", "takedown"
    )
    assert asked_about(pages, f"https://some-rather-long-name-{hosts - 1}.example/")


def test_an_empty_list_asks_about_nothing() -> None:
    assert not asked_about(parse_page_list("", "list", "takedown"), "https://example.com/")
