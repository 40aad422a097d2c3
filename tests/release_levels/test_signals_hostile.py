"""Whatever a page holds, its signals are read, the same each time, and in time that grows with its size only."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.release_levels.markup import markup_of, parse_page
from tesuki.release_levels.signals import known_signals, read_signals

PIECES = (
    "<", ">", '"', "'", "=", "/", "<!--", "-->", "<meta ", "name=robots ", 'content="noai"', "<script", "</script>",
    '<script type="application/ld+json">', '{"@type":"Article","license":',
    '"https://creativecommons.org/licenses/by/4.0/"',
    "}", "[", "<a rel=license href=", "creativecommons.org/licenses/by-nc/2.1/jp/", "CC BY",
    "クリエイティブ・コモンズ",
    "表示", "無断", "転載", "禁止", "AI学習", "を", "。", "All rights reserved", "&#28961;", "&#xD800;",
    "\ud800", "\x00",
    "残り", "12文字", "公共データ利用規約", "に準拠", "第一条", "法律第一号", "\n", "<figure>", "</figure>", "<footer>",
    "マイナンバー", "123456789018", "a@gmail.com", "<link rel=license href=x>", "<title>", "　",
)  # fmt: skip
PAGES = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=40).map("".join)


@settings(max_examples=200)
@given(PAGES, PAGES, st.sampled_from(("", "https://[", "http://a.go.jp/x", "mailto:a", "https://例え.jp/")))
def test_reading_never_fails_and_is_pure(html: str, text: str, url: str) -> None:
    headers = [("X-Robots-Tag", html), ("Content-Usage", text), ("Link", html), ("tdm-reservation", text)]
    first = read_signals(url, headers, html, text)
    assert read_signals(url, headers, html, text) == first
    assert all(each.signal in known_signals() for each in first)
    assert list(first) == sorted(set(first))
    for each in first:
        each.value.encode("utf-8")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", [piece for piece in PIECES if piece.strip()])
def test_a_million_characters_of_anything(piece: str) -> None:
    """Patterns that backtrack would need hours for these pages, not a fraction of a second."""
    page = piece * (1_000_000 // len(piece))
    read_signals("https://a.go.jp/", [("X-Robots-Tag", page[:100_000])], page, page)


def test_deeply_nested_structured_data_is_passed_over() -> None:
    deep = '<script type="application/ld+json">{"license":' + "[" * 90_000 + "</script>"
    assert read_signals("https://a.jp/", (), deep, "") == ()


def test_long_pages_are_read_at_both_ends() -> None:
    filling = "<p>あいうえお</p>" * (2_000_000 // 12)
    page = f'<meta name="robots" content="noai">{filling}<footer>無断転載禁止</footer>'
    assert {each.signal for each in read_signals("https://a.jp/", (), page, "")} == {
        "robots.noai",
        "notice.reproduction-prohibited",
    }


def test_a_footer_is_read_however_often_its_words_stand_above() -> None:
    article = "<p>機械学習の転載と複製の話、会員限定の続きを読む、CC BY の写真。</p>" * 500
    page = f"{article}<footer>無断転載禁止 <a href='//creativecommons.org/licenses/by-nc/4.0/'>当サイト</a></footer>"
    found = {(each.signal, each.where) for each in read_signals("https://a.jp/", (), page, "")}
    assert {("notice.reproduction-prohibited", "footer"), ("licence.cc-by-nc", "footer")} <= found


def test_tags_are_read_as_browsers_do() -> None:
    markup = markup_of(
        parse_page(
            "<metadata name=a content=b><META NAME='A' CONTENT=\"x>y\"/><meta name=b content=it's>"
            "<meta name=c content=1/>"
            '<meta property="og:title" content="&lt;b&gt;"><meta charset=utf-8><meta name=d content=1 content=2>'
        )
    )
    assert markup.metas == (("a", "x>y"), ("b", "it's"), ("c", "1/"), ("og:title", "<b>"), ("d", "1"))
