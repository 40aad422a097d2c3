"""Take-down, deny and allow lists: what an entry names, and what it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.release_levels.page_lists import (
    ListKind,
    PageListError,
    comparable_url,
    listed,
    parse_page_list,
    signals_page_list,
    text_hash,
)

LIST = """
# asked for on 2026-10-01
https://www.example.jp/diary/1.html   # one page
http://example.com/shop/*
bad.example.jp
*.wide.example.net
日本語.example
"""


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        ("http://www.example.jp/diary/1.html", "https://www.example.jp/diary/1.html"),
        ("https://example.jp/diary/1.html#top", "https://www.example.jp/diary/1.html"),
        ("https://EXAMPLE.jp:443/diary/1.html/", "https://www.example.jp/diary/1.html"),
        ("https://example.jp/diary/%31.html", "https://www.example.jp/diary/1.html"),
        ("https://www.example.jp/diary/1.html?page=2", ""),
        ("https://www.example.jp/diary/10.html", ""),
        ("https://www.example.jp:8080/diary/1.html", ""),
        ("https://example.com/shop/", "http://example.com/shop/*"),
        ("https://www.example.com/shop/a?b=c", "http://example.com/shop/*"),
        ("https://example.com/shopping", ""),
        ("https://bad.example.jp/", "bad.example.jp"),
        ("https://www.bad.example.jp/x", "bad.example.jp"),
        ("https://sub.bad.example.jp/x", "bad.example.jp"),
        ("https://notbad.example.jp/x", ""),
        ("https://a.wide.example.net/", "*.wide.example.net"),
        ("https://wide.example.net/", "*.wide.example.net"),
        ("https://xn--wgv71a119e.example/a", "日本語.example"),
        ("https://日本語.example/a", "日本語.example"),
        ("mailto:a@bad.example.jp", ""),
        ("", ""),
        ("https://[", ""),
    ],
)
def test_entries_of_a_take_down_list(url: str, entry: str) -> None:
    assert listed(parse_page_list(LIST, "list.txt", "takedown"), url) == entry


def test_allow_lists_are_narrow() -> None:
    pages = parse_page_list("example.jp\n*.open.example.jp\n", "allow.txt", "allow")
    assert listed(pages, "https://example.jp/a") == listed(pages, "https://www.example.jp/a") == "example.jp"
    assert listed(pages, "https://user.example.jp/a") == ""
    assert listed(pages, "https://data.open.example.jp/") == "*.open.example.jp"


@pytest.mark.parametrize("kind", ["takedown", "deny", "allow"])
def test_evidence_of_lists(kind: ListKind) -> None:
    pages = parse_page_list("example.jp", "list.txt", kind)
    (evidence,) = signals_page_list(pages, "https://example.jp/")
    assert (evidence.signal, evidence.where, evidence.value) == (f"list.{kind}", "list", "example.jp")


def test_texts_are_named_by_hash() -> None:
    text = "これは，消してほしい文章です．"
    pages = parse_page_list(f"text:{text_hash(text).upper()}", "list.txt", "takedown")
    mended = "これは、消してほしい\n文章です。"
    assert listed(pages, "https://anywhere.example/", (text_hash(mended),)).startswith("text:")
    assert listed(pages, "https://anywhere.example/", (text_hash(mended + "追記"),)) == ""


def test_text_hash_is_sha256_of_letters_and_digits() -> None:
    # The last is the first example of FIPS 180-2, appendix B.
    assert text_hash("ＡＢＣ 123、あいう！\n") == text_hash("abc123あいう")
    assert text_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("line", ["not a host", "https://", "text:12ab", "ftp://example.jp/", "localhost", "a@b.jp"])
def test_lines_that_are_no_entry(line: str) -> None:
    with pytest.raises(PageListError, match=r"list\.txt: line 2: found .*, expected an address"):
        parse_page_list(f"example.jp\n{line}\n", "list.txt", "deny")


@given(st.sampled_from(["", "https://a.jp/", "HTTP://www.例え.jp:80/", "https://a.jp:8080?"]), st.text(max_size=30))
def test_comparing_addresses_never_fails_and_is_settled(beginning: str, rest: str) -> None:
    once = comparable_url(beginning + rest)
    assert comparable_url(f"https://{once}") in (once, "")
    assert beginning == "" or once
