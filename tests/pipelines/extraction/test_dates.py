"""The lean steps give the date that htmldate's plain call gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from htmldate import find_date
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.extraction.dates import published
from tesuki.pipelines.extraction.reading import parse
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"
URL = "https://a.jp/x"
LATEST = "2025-12-31"

DAYS = (
    "2024-05-06",
    "2024-05-06T07:08:09+09:00",
    "06.05.2024",
    "2024/5/6",
    "2024-",
    "05-06",
    "2024年5月6日",
    "12.3",
    "x",
)
NAMES = ("date", "Datum", "posted", "meta", "footer-info-lastmod", "wm-ipp", "wm-ipp-base", "entry", "")
ELEMENTS = ("div", "p", "span", "time", "small", "footer", "script", "style", "label", "h1", "abbr", "li", "b")

day = st.sampled_from(DAYS)
piece = st.builds(
    "<{0} {1}='{2}' {3}='{4}'>{5}{6}</{0}>{7}".format,
    st.sampled_from(ELEMENTS),
    st.sampled_from(("class", "id", "itemprop", "title")),
    st.sampled_from((*NAMES, *DAYS)),
    st.sampled_from(("class", "id", "datetime", "data-x")),
    st.sampled_from((*NAMES, *DAYS)),
    st.sampled_from(("", "Published: ", "date ", "on ", "更新日")),
    day,
    st.one_of(st.just(""), day),
)


def both(html: str, url: str | None = URL) -> tuple[str, str]:
    plain = find_date(parse(html), original_date=True, extensive_search=False, max_date=LATEST, url=url)
    return published(parse(html), url, LATEST), plain or ""


@settings(max_examples=150, deadline=None)
@given(st.lists(piece, max_size=6).map("".join))
def test_any_page_has_the_date_of_the_plain_call(body: str) -> None:
    lean, plain = both(f"<html><head><title>t</title></head><body>{body}</body></html>")
    assert lean == plain


@pytest.mark.parametrize(
    ("body", "date"),
    [
        ("<p class=date>2024-05-06</p>", "2024-05-06"),
        ("<p>2024-<script>x</script>05-06</p>", "2024-05-06"),
        ("<b>2024-05-06T07:08:09+09:00</b>", "2024-05-06"),
        ("<b>posted 06.05.2024</b>", "2024-05-06"),
        ("<div id=wm-ipp><p class=date>2024-05-06</p></div>", ""),
        ("<p>no day</p>", ""),
    ],
)
def test_each_way_to_a_date_is_the_library_s(body: str, date: str) -> None:
    assert both(f"<html><body>{body}<p>x</p></body></html>") == (date, date)


def test_the_canonical_address_may_say_it() -> None:
    link = '<link rel="canonical" href="https://a.jp/2024/05/06/x">'
    assert both(f"<html><head>{link}</head><body><p>x</p></body></html>", None) == ("2024-05-06", "2024-05-06")


PIECES = [
    pytest.param(0, 16, id="some"),
    *(pytest.param(piece, 8, id=f"piece {piece + 1} of 8", marks=pytest.mark.slow) for piece in range(8)),
]
"""Where the pages of a test begin and how many are passed over: all of them, in pieces that end in minutes."""


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real pages beside the project are not there")
@pytest.mark.parametrize(("first", "step"), PIECES)
def test_real_pages_have_the_date_of_the_plain_call(first: int, step: int) -> None:
    (part,) = plan_ranges(SHARED / "web-ja-dev.warc.gz", "web")
    pages = [item for item in read_range(part) if isinstance(item, Page)][first::step]
    assert len(pages) >= 100
    for page in pages:
        decoded = decode(page)
        assert isinstance(decoded, Page)
        tree = parse(decoded.html)
        if tree is not None:
            plain = find_date(tree, original_date=True, extensive_search=False, max_date=page.date[:10], url=page.url)
            assert published(tree, page.url, page.date[:10]) == (plain or ""), page.url
