"""The letters in a page's source bound those of every text that an engine takes from it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.common.scripts import JAPANESE_LETTERS
from tesuki.filters.presets import preset
from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.extraction.letters import japanese, letters_at_most
from tesuki.pipelines.extraction.main_text import Profile, extract_main_text
from tesuki.pipelines.extraction.step import open_extraction
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"
URL = "https://a.jp/x"
ENGINES: tuple[Profile, ...] = ("tesuki", "trafilatura", "speed")

WORDS = st.text("あいうえおカキク漢字仮名ｱ々。、ab 1か\u3099\U00020b9f", min_size=1, max_size=40)
WAYS = st.sampled_from(
    [
        lambda text: text,
        lambda text: "".join(f"&#{ord(character)};" for character in text),
        lambda text: "".join(f"&#x{ord(character):06X}" for character in text),
        lambda text: f"<ruby>{text}<rt>よみ</rt></ruby>",
        lambda text: f"<script type='application/ld+json'>{json.dumps({'articleBody': text * 9})}</script>",
        lambda text: f"<math alttext='{text}'></math><img alt='{text}' class=math>",
        lambda text: f"<table><tr><td>{text}<td>{text}<tr><td>{text}<td>{text}</table>",
    ]
)
BLOCKS = st.builds(
    "<{0}>{1}</{0}>".format,
    st.sampled_from(["p", "div", "li", "h1", "title", "article", "q"]),
    st.builds(lambda way, text: way(text), WAYS, WORDS),
)


def test_letters_are_those_of_the_tables_of_scripts() -> None:
    every = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x32400)]))
    assert japanese(every) == len(re.findall(f"[{JAPANESE_LETTERS}]", every))


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=40, deadline=None)
@given(blocks=st.lists(BLOCKS, min_size=1, max_size=8))
def test_no_engine_finds_more_letters_than_stand_in_the_source(engine: Profile, blocks: list[str]) -> None:
    html = f"<html><body>{''.join(blocks)}</body></html>"
    assert japanese(extract_main_text(html, URL, profile=engine, ruby=True).text) <= letters_at_most(html)


PIECES = [
    pytest.param(0, 80, id="some"),
    *(pytest.param(piece, 8, id=f"piece {piece + 1} of 8", marks=pytest.mark.slow) for piece in range(8)),
]
"""Where the pages of a test begin and how many are passed over: all of them, in pieces that end in minutes."""


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real pages beside the project are not there")
@pytest.mark.parametrize(("first", "step"), PIECES)
def test_the_bound_holds_on_real_pages(first: int, step: int) -> None:
    (part,) = plan_ranges(SHARED / "web-ja-dev.warc.gz", "web")
    for read in [item for item in read_range(part) if isinstance(item, Page)][first::step]:
        page = decode(read)
        assert isinstance(page, Page)
        for engine in ENGINES:
            text = extract_main_text(page.html, page.url, profile=engine, ruby=True).text
            assert japanese(text) <= letters_at_most(page.html), (engine, page.url)


@pytest.mark.parametrize(("letters", "rule"), [(0, ""), (9, ""), (10, "extract.letters")])
def test_a_page_with_too_few_letters_is_not_read(letters: int, rule: str) -> None:
    page = Page("s", "a", 0, 1, "<urn:x>", URL, "", html="<p>この文は九文字です。</p>")
    with open_extraction(letters=letters) as step:
        found = step(page)
    assert (found.rule if isinstance(found, Fate) else "") == rule
    if isinstance(found, Fate):
        assert (found.fate, found.value, found.threshold) == ("rejected", 9, 10)


def test_the_preset_has_the_bound_that_the_docs_name() -> None:
    rules = {rule.name: rule for rule in preset("swallow-code").rules}
    assert (rules["japanese_letters"].comparison, rules["japanese_letters"].threshold) == ("<", 400)
    text = "漢字かなカナー々ｱ\U00020b9f" * 9
    assert preset("swallow-code").measure(text)[rules["japanese_letters"].measure] <= japanese(text)
