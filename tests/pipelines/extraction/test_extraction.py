"""Main text as the extractor gives it, tidied; hostile pages are one fate each."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trafilatura
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.extraction.main_text import Profile, extract_main_text, read_document
from tesuki.pipelines.extraction.markup import INDENT_MARK, mend_markup
from tesuki.pipelines.extraction.step import open_extraction
from tesuki.pipelines.extraction.tidy import tidy_text
from tesuki.pipelines.extraction.trafilatura_steps import with_trafilatura
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"
PROFILES: tuple[Profile, ...] = ("tesuki", "trafilatura", "speed")

SENTENCE = "これは良いページの本文です。次の文もここにあります。"
URL = "https://a.jp/2026/03/04/page.html"


def document(body: str, head: str = "<title>題名</title>") -> str:
    filler = f"<p>{SENTENCE * 3}</p>" * 5
    return f"<html><head>{head}</head><body><article>{body}{filler}</article></body></html>"


def page(html: str) -> Page:
    return Page("web", "a", 0, 1, "<urn:x>", URL, "2026-05-01T00:00:00Z", html=html)


GOOD = page(document("<h1>題名</h1>"))


@pytest.mark.parametrize("profile", PROFILES)
def test_text_and_title(profile: Profile) -> None:
    found = extract_main_text(document("<p>最初の段落です。</p>"), URL, profile=profile)
    assert found.text.startswith("最初の段落です。\n" + SENTENCE)
    assert found.title == "題名"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p><ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>です。</p>", "漢字です。"),
        ("<p><ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>です。</p>", "漢字です。"),
        ("<p><ruby>漢字<rt>かんじ</ruby>です。</p>", "漢字です。"),
        ("<p>文の途中で\n      改行された文です。</p>", "文の途中で改行された文です。"),
        ("<p>文の途中で<b>\r\n太字</b>になる文です。</p>", "文の途中で太字になる文です。"),
        ("<p>文の<a href='x'>途中</a>\n  で終わる文です。</p>", "文の途中で終わる文です。"),
        ("<p>東京 大阪の間の空白は残る。</p>", "東京 大阪の間の空白は残る。"),
        ("<p>English words\nwrapped 日本語です。</p>", "English words wrapped 日本語です。"),
        ("<p>\u3000字下げした段落です。</p>", "\u3000字下げした段落です。"),
        ("<p>段落です。<br>\u3000字下げした行です。</p>", "段落です。\n\u3000字下げした行です。"),
    ],
)
def test_japanese_typesetting(profile: Profile, markup: str, text: str) -> None:
    found = extract_main_text(document(f"<p>{SENTENCE}</p>{markup}"), URL, profile=profile).text
    assert text in found.split("\n" + SENTENCE)[0]
    assert "かん" not in found


@pytest.mark.parametrize("profile", PROFILES)
def test_lines_are_separated_by_one_newline(profile: Profile) -> None:
    text = extract_main_text(document("<p>一つ目です。</p>\n\n\n<p>二つ目です。</p>"), URL, profile=profile).text
    assert "\n\n" not in text
    assert text == text.strip()
    assert not re.search(r"[ \t]\n", text)


@pytest.mark.parametrize("profile", PROFILES)
def test_two_links_side_by_side_are_not_one_sentence(profile: Profile) -> None:
    links = "<p>関連<a href='a'>東京</a>\n<a href='b'>大阪</a>のページです。</p>"
    text = extract_main_text(document(f"<p>{SENTENCE}</p>{links}"), URL, profile=profile).text
    assert "東京大阪" not in text


def test_preformatted_lines_stay_as_they_are() -> None:
    assert mend_markup("<pre>一行目\n二行目</pre>あ\nい<script>あ\nい</script>") == (
        "<pre>一行目\n二行目</pre>あい<script>あ\nい</script>"
    )


@given(st.text("あ漢。a<>/bprt \n\r\u3000", max_size=80))
def test_mending_markup_loses_no_letter_of_text_without_ruby(html: str) -> None:
    if "<r" in html:
        return
    mended = mend_markup(html)
    assert re.sub(r"\s", "", mended).replace(INDENT_MARK, "") == re.sub(r"\s", "", html)
    assert mend_markup(mended.replace(INDENT_MARK, "\u3000")) == mended


@given(st.text(max_size=100))
def test_tidying_is_idempotent(text: str) -> None:
    assert tidy_text(tidy_text(text)) == tidy_text(text)


@settings(max_examples=30, deadline=None)
@given(st.text("<>/apbdiv \"='あ漢。\n&#;x12", max_size=200), st.sampled_from(PROFILES))
def test_no_markup_crashes_an_extractor(html: str, profile: Profile) -> None:
    extract_main_text(html, URL, profile=profile)


def test_the_same_page_gives_the_same_text_every_time() -> None:
    """Trafilatura's own deduplication remembers pages; it must stay off."""
    assert len({extract_main_text(GOOD.html, URL) for _ in range(8)}) == 1


def test_no_date_lies_after_the_capture() -> None:
    """The clock of the machine is never asked: what is a date depends on the page and its capture alone."""
    head = '<title>t</title><meta property="article:published_time" content="2031-02-03T00:00:00Z">'
    html = document("<p>本文です。</p>", head)
    assert extract_main_text(html, "https://a.jp/", captured="2031-02-03T00:00:00Z").published == "2031-02-03"
    assert extract_main_text(html, "https://a.jp/", captured="2031-02-02T00:00:00Z").published <= "2031-02-02"
    assert extract_main_text(html, "https://a.jp/").published == "2031-02-03"


def test_readers_of_signals_run_beside_the_extractor() -> None:
    html = document("<p>本文です。</p>", '<title>t</title><meta name="robots" content="noai">')
    reader = "tesuki.release_levels.signals:read_signals_of"
    found = read_document(html, URL, (("X-Robots-Tag", "noarchive"),), "", "trafilatura", (reader,))
    assert {"header", "meta"} <= {item.where for item in found.evidence}
    assert read_document(html, URL, (), "", "trafilatura", ()).evidence == ()


@pytest.fixture(scope="module", params=PROFILES)
def step(request: pytest.FixtureRequest) -> Iterator[Step]:
    with open_extraction(request.param, deadline=2.0, memory=1 << 30) as opened:
        yield opened


def noise(seed: int, size: int) -> str:
    return random.Random(seed).randbytes(size).decode("cp932", "replace")


HOSTILE = {
    "50,000 nested div": ("<div>" * 50_000 + "あ", ("rejected", "extract.depth")),
    "20 MB page": (document("<p>あいうえおかきくけこ。</p>" * 500_000), ("rejected", "extract.size")),
    "a million empty tags": ("<html><body>" + "<p></p>" * 1_000_000, ("dead", "extract.timeout")),
    "random bytes": (noise(1, 500_000), None),
    "NUL bytes": (document("<p>本\0文\0です。</p>"), ("page", "")),
    "no text": ("<html><body></body></html>", ("rejected", "extract.empty")),
    "nothing at all": ("", ("rejected", "extract.empty")),
    "open angle brackets": ("<" * 200_000, None),
    "unclosed readings": ("<rt>" * 200_000, None),
    "unclosed links": (document("<a href=x>あ" * 1500), None),
    "lone surrogates": (document("<p>本\ud800文</p>"), None),
    "many line breaks": ("あ\n" * 300_000, None),
    "references": (document("<p>" + "&#12354;" * 200_000 + "</p>"), ("page", "")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_one_fate_and_its_neighbour_is_untouched(step: Step, name: str) -> None:
    html, expected = HOSTILE[name]
    before = step(GOOD)
    found = step(page(html))
    after = step(GOOD)
    assert isinstance(before, Page)
    assert before == after
    assert before.text
    assert before.html == ""
    outcome = (found.fate, found.rule) if isinstance(found, Fate) else ("page", "")
    if name == "a million empty tags":  # Resiliparse may be quick enough to say that there is no text
        assert outcome in {expected, ("rejected", "extract.empty")}
    elif expected:
        assert outcome == expected
    if isinstance(found, Fate) and found.rule in ("extract.size", "extract.depth"):
        assert found.value is not None
        assert found.threshold is not None
        assert found.value > found.threshold


PIECES = [
    pytest.param(0, 16, id="some"),
    *(pytest.param(piece, 8, id=f"piece {piece + 1} of 8", marks=pytest.mark.slow) for piece in range(8)),
]
"""Where the pages of a test begin and how many are passed over: all of them, in pieces that end in minutes."""


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real pages beside the project are not there")
@pytest.mark.parametrize(("first", "step"), PIECES)
def test_trafilatura_called_lean_says_what_its_plain_call_says(first: int, step: int) -> None:
    """Text, title and date, to the letter: what is not asked for must not have mattered."""
    (part,) = plan_ranges(SHARED / "web-ja-dev.warc.gz", "web")
    pages = [item for item in read_range(part) if isinstance(item, Page)][first::step]
    assert len(pages) >= 100
    for read in pages:
        decoded = decode(read)
        assert isinstance(decoded, Page)
        html = mend_markup(decoded.html)
        plain: Any = trafilatura.bare_extraction(
            html,
            url=read.url,
            fast=True,
            include_comments=False,
            include_tables=False,
            with_metadata=True,
            date_extraction_params={"original_date": True, "extensive_search": False, "max_date": read.date[:10]},
        )
        said = (plain.text or "", plain.title or "", plain.date or "") if plain else ("", "", "")
        assert with_trafilatura(html, read.url, read.date[:10]) == said, read.url
