"""Published programs, held to what their own code says: golden values were made with it.

Swallow v1: swallow-llm/swallow-corpus (kutoten.py, footer.py, ngword.py, ngurl.py); LLM-jp v1: llm-jp/llm-jp-corpus,
scripts/filters.py, with HojiChar 0.9.0; FineWeb-2: huggingface/datatrove 0.4.0 with configs/jpn_Jpan.yml.
"""

from __future__ import annotations

import re
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.common.hosts import host_of
from tesuki.filters.hosts_published import published_hosts
from tesuki.filters.measures_fineweb2 import measure_fineweb2, measure_words
from tesuki.filters.mend import PUBLISHED, mend, mend_as_published, unmend
from tesuki.filters.presets import preset
from tesuki.filters.rules import judge
from tesuki.filters.words_published import first_match, longest_match

WORDS = [chr(0x4E00 + 7 * i) for i in range(600)]
KANA = "のにをはたてがとで"


def _line(i: int) -> list[str]:
    return [WORDS[(i * i * 13 + j * j * 29 + i * j * 7) % 600] if j % 2 else KANA[(i + j) % 9] for j in range(12)] + [
        "。"
    ]


LINES = [_line(i) for i in range(40)]


@pytest.mark.parametrize(
    ("name", "lines", "rule"),
    [
        ("prose", LINES, None),
        ("the same lines", LINES[:20] + [LINES[0]] * 20, "duplicate_lines"),
        ("a pair", [[*"山川"] * 2 + line for line in LINES], "top_2_words"),
        ("menu", [line[:2] for line in LINES * 2], "duplicate_lines"),
        ("trailing", [[*line[:-1], "…"] if i % 2 else line for i, line in enumerate(LINES)], "trailing_lines"),
        (
            "figures",
            [[str(1000 + 17 * i + j) for j in range(6)] + line for i, line in enumerate(LINES)],
            "alphabetic_words",
        ),
        ("short", LINES[:4], "words_few"),
        ("no stop words", [[word for word in line if word not in KANA] for line in LINES], "stop_words"),
    ],
)
def test_fineweb2_gives_the_verdicts_of_datatrove(name: str, lines: list[list[str]], rule: str | None) -> None:
    text = "\n".join("".join(line) for line in lines)
    words = [word for line in lines for word in line]
    measures = measure_fineweb2(text, lambda _: words)
    assert judge(measures, preset("fineweb2-ja").rules).rule == rule, name


def test_fineweb2_counts_characters_of_ngrams_as_datatrove_does() -> None:
    words = list("いろはにほへといろはにほへとちりぬるをわかいろはにほへと")
    measures = measure_words("".join(words), words)
    assert [measures[f"top_{n}_words"] * 28 for n in (2, 3, 4)] == pytest.approx([9, 15, 21])
    assert [measures[f"duplicate_{n}_words"] * 28 for n in range(5, 11)] == pytest.approx([10, 12, 14, 0, 0, 0])


def test_fineweb2_has_the_thresholds_of_its_configuration() -> None:
    """huggingface/fineweb-2, configs/jpn_Jpan.yml, at commit baedee4."""
    bounds = {rule.name: rule.threshold for rule in preset("fineweb2-ja").rules}
    assert [bounds[f"top_{n}_words"] for n in (2, 3, 4)] == [0.121, 0.129, 0.145]
    assert [bounds[f"duplicate_{n}_words"] for n in range(5, 11)] == [0.307, 0.283, 0.264, 0.248, 0.234, 0.223]
    assert (bounds["duplicate_lines"], bounds["ended_lines"], bounds["lines_per_word"]) == (0.375, 0.167, 0.162)
    assert (bounds["mean_word_short"], bounds["mean_word_long"], bounds["alphabetic_words"]) == (1, 5, 0.759)


def test_fineweb2_measures_nothing_of_an_empty_text() -> None:
    assert not preset("fineweb2-ja").judge("").keep


texts = st.text(alphabet="あい。漢，、．Aa0 \n・https://例!", max_size=400)


def _llm_jp_keeps(text: str) -> bool:
    """scripts/filter_data.py, ja_cc, stated once more: what needs no list."""
    if not text.strip() or not re.search("[ぁ-んァ-ン]", text[:50]):
        return False
    if len(re.findall("。", text)) < len(text) / 250:
        return False
    encoded = text.encode()
    return 0.3 <= len(zlib.compress(encoded, level=9)) / len(encoded) <= 0.7


@settings(max_examples=150)
@given(texts)
def test_llm_jp_keeps_what_its_filters_keep(text: str) -> None:
    assert preset("llm-jp-v1").judge(text).keep == _llm_jp_keeps(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("これは文です。\n会社案内\nつぎの文。", "これは文です。つぎの文。"),
        ("https://a.jp/を見る。これ", "。これ"),
        ("かな" + "x" * 99, "かな" + "x" * 99),
        ("かな" + "x" * 100 + "です", "かなです"),
        ("半角ｶﾅの行\nーだけ", "半角ｶﾅの行ーだけ"),
        ("ｰ", ""),
    ],
)
def test_llm_jp_extracts_japanese_lines_as_published(text: str, left: str) -> None:
    mended = mend_as_published(text, "llm-jp-v1")
    assert mended.text == left
    assert unmend(mended.text, mended.edits) == text


@settings(max_examples=150)
@given(texts)
def test_llm_jp_done_until_stable_is_idempotent(text: str) -> None:
    once = mend(text, "llm-jp-v1")
    assert mend(once.text, "llm-jp-v1").text == once.text
    assert unmend(once.text, once.edits) == text


@pytest.mark.parametrize(
    ("words", "confused", "text", "hits"),
    [
        (["アス", "広告"], True, "アスパラガスの広告とアス", 2),
        (["アス", "広告"], False, "アスパラガスの広告とアス", 3),
        (["広", "広告"], False, "広告", 1),
        (["お問い合わせください", " 営業時間 "], False, "お問い合わせください 営業時間", 2),
        (["アス", "テロ"], True, "かな", 3),
    ],
)
def test_words_of_llm_jp_are_found_as_hojichar_finds_them(
    words: list[str], confused: bool, text: str, hits: int
) -> None:
    """The last: a list of katakana alone hits at every place, for it begins with an empty word."""
    assert len(first_match(words, confused=confused).spans(text)) == hits


def _longest_match(words: list[str], text: str) -> int:
    """ngword.py, LongestMatch, stated once more."""
    at = found = 0
    while at < len(text):
        length = max((len(word) for word in words if word and text.startswith(word, at)), default=0)
        found += length
        at += length or 1
    return found


@settings(max_examples=150)
@given(
    st.lists(st.text(alphabet="アカ児童 ", max_size=4), min_size=1, max_size=6),
    st.text(alphabet="アカ児童 。", max_size=60),
)
def test_words_of_swallow_are_found_longest_first_without_guards(words: list[str], text: str) -> None:
    assert longest_match(words).matched_characters(text) == _longest_match(words, text)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("この文章の句点，読点を修正します．", "この文章の句点、読点を修正します。"),
        (
            "Ｈｉ，のように全角の英語が混ざった場合でも，できるだけ悪影響を及ぼさないように修正します．",
            "Ｈｉ，のように全角の英語が混ざった場合でも、できるだけ悪影響を及ぼさないように修正します。",
        ),
        ("お待ちください．．．", "お待ちください。。。"),
        ("，，あ，い，", "，、あ、い、"),
        ("本文です，とても。\nお知らせ，リンク，", "本文です、とても。"),
        ("お知らせ\n本日は休業します。明日は通常どおり営業いたします。", ""),
        ("サイト案内\n" + "\n".join(f"{i}行の文。" for i in range(8)) + "\nリンク", ""),
        (
            "サイト案内\n" + "\n".join(f"{i}行の文。" for i in range(10)) + "\nリンク",
            "サイト案内\n" + "\n".join(f"{i}行の文。" for i in range(10)),
        ),
    ],
)
def test_swallow_mends_once(text: str, mended: str) -> None:
    """modify.py: punctuation by all of the text, then one cut. The footer's commas have a vote."""
    assert mend_as_published(text, "swallow-code").text == mended


def test_once_is_not_until_stable() -> None:
    """A second pass sees other lines among the last ten, and cuts a text whose first line is a footer's."""
    text = "サイト案内\n" + "\n".join(f"{i}行の文。" for i in range(9)) + "\nリンク"
    assert mend_as_published(text, "swallow-code").text != mend(text, "swallow-code").text == ""
    assert set(PUBLISHED) == {"swallow-code", "llm-jp-v1"}


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        ("http://example.com/", "example.com"),
        ("http://EXAMPLE.com:80/a", "example.com"),
        ("http://www.example.com/", None),
        ("http://bad.jp/path", None),
        ("http://egg.5ch.net/", ".5ch.net"),
        ("http://5ch.net/", None),
        ("https://ja.wikipedia.org/wiki/", "wikipedia.org"),
        ("https://notwikipedia.org/", "wikipedia.org"),
        ("mailto:a@example.com", None),
        ("http:///x", None),
        (None, None),
    ],
)
def test_hosts_are_refused_as_ngurl_refuses_them(url: str | None, entry: str | None) -> None:
    hosts = published_hosts(["example.com", "bad.jp/path", ""])
    assert hosts.match(url) == entry
    assert hosts.covering(["example.com"]).match(url) == entry


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://例え.jp/", "例え.jp"),
        ("http://xn--r8jz45g.jp/", "xn--r8jz45g.jp"),
        ("http://example.com./", "example.com."),
        ("http://a%62.com/", "a%62.com"),
        ("http://EXAMPLE.com/", "example.com"),
        ("http://例え.jp/", "xn--r8jz45g.jp"),
        ("http://a b.jp/", "a b.jp"),
    ],
)
def test_what_concerns_a_corpus_matches_as_the_whole_list_does(url: str, name: str) -> None:
    """A corpus' hosts are canonical, names and addresses stand as they are."""
    whole = published_hosts([name, "elsewhere.jp"])
    covering = whole.covering([host_of(url) or ""])
    assert covering.match(url) == whole.match(url)
    assert "elsewhere.jp" not in covering.names
