"""Words of a list: leftmost, longest, with variants and exceptions, and the rules over them."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.filters.presets import preset
from tesuki.filters.rules import judge
from tesuki.filters.word_rules import ng_word_stage, word_count_stage
from tesuki.filters.words import WordFinder, words_of

HARMFUL = ("アス", "サック", "エロ", "児", "児童ポ", "カス", "ガス", "bad")


def hits(finder: WordFinder, text: str) -> list[str]:
    return [text[start:end] for start, end in finder.spans(text)]


@pytest.mark.parametrize("text", ["アスパラガス", "リュックサック", "児童", "ピエロ", "児童とピエロがアスパラガスを"])
def test_harmless_words_hide_what_they_hold(text: str) -> None:
    assert hits(WordFinder(HARMFUL), text) == []
    assert hits(WordFinder(HARMFUL, whole=()), text) == []
    assert hits(WordFinder(HARMFUL, exceptions=(), whole=()), text) != []


def test_an_exception_hides_only_itself() -> None:
    assert hits(WordFinder(HARMFUL, whole=()), "エロピエロエロ") == ["エロ", "エロ"]
    assert hits(WordFinder(HARMFUL), "児童ポ") == ["児童ポ"], "the longer word begins where the exception does"


def test_of_overlapping_words_the_leftmost_and_longest() -> None:
    assert hits(WordFinder(("いう", "あい", "あいうえ", "えお"), ()), "あいうえお") == ["あいうえ"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("えろ", ["えろ"]),
        ("ｴﾛ", ["ｴﾛ"]),
        ("エろ", ["エろ"]),
        ("ｶﾞｽ", ["ｶﾞｽ"]),
        ("が\u3099す", []),
        ("か\u3099す", ["か\u3099す"]),
        ("ＢＡＤ", ["ＢＡＤ"]),
        ("Bad", ["Bad"]),
        ("りゅっくさっく", []),
    ],
)
def test_variants_are_the_same_word_if_the_recipe_says_so(text: str, found: list[str]) -> None:
    assert hits(WordFinder(HARMFUL, variants=True), text) == found
    assert hits(WordFinder(HARMFUL), text) == []


def test_words_of_the_alphabet_and_katakana_may_have_to_stand_alone() -> None:
    assert hits(WordFinder(("bad",)), "badly bad inbad 悪badだ") == ["bad", "bad"]
    assert hits(WordFinder(("bad",), whole=()), "badly") == ["bad"]
    assert hits(WordFinder(("カス",)), "カスタード、カス、スカス、カスー、ｱカス、このカスが") == ["カス", "カス"]
    assert hits(WordFinder(("カス",), whole=("latin",)), "カスタード") == ["カス"]


def test_nothing_to_find_finds_nothing() -> None:
    assert WordFinder(()).spans("文") == []
    assert WordFinder(("文",)).spans("") == []
    assert WordFinder(("児童",)).spans("児童") == [], "a word that is also an exception is none"


def test_a_finder_travels_between_processes() -> None:
    finder = WordFinder(HARMFUL, variants=True)
    finder.spans("エロ")
    sent = pickle.loads(pickle.dumps(finder))
    assert sent == finder
    assert sent.spans("エロ") == [(0, 2)]


def _plain_spans(words: tuple[str, ...], text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    while start < len(text):
        longest = max((len(word) for word in words if text.startswith(word, start)), default=0)
        if longest:
            spans.append((start, start + longest))
        start += longest or 1
    return spans


@settings(max_examples=300)
@given(
    st.lists(st.text(alphabet="あいうa𠮷", min_size=1, max_size=4), min_size=1, max_size=8),
    st.text(alphabet="あいうab𠮷\n\ud800", max_size=60),
)
def test_hits_are_those_of_trying_every_place(words: list[str], text: str) -> None:
    finder = WordFinder(tuple(words), exceptions=(), whole=())
    assert finder.spans(text) == _plain_spans(tuple(words), text)


def test_ng_words_reject_by_their_share_with_each_presets_denominator() -> None:
    """4 NG letters in 70 Japanese letters, 80 characters; the published code has .0571, the paper .05."""
    text = "禁句です" + "あ" * 66 + "a" * 10
    finder = WordFinder(("禁句です",))
    for name, share in (("swallow-code", 4 / 70), ("swallow-paper", 4 / 80), ("tesuki", 4 / 80)):
        stage = ng_word_stage(name, finder)
        verdict = judge(stage.measure(text), stage.rules)
        assert (verdict.rule, verdict.value, verdict.threshold) == ("ng_words", share, 0.05)
        assert judge(stage.measure(text + "あ" * 20), stage.rules).keep
        assert judge(stage.measure("abc"), stage.rules).keep
        assert any(rule.name == "ng_words" for rule in preset(name).with_stages(stage).rules)
    assert ng_word_stage("mine.tsv", finder) == ng_word_stage("tesuki", finder), "a table of one's own counts as ours"


def test_counted_words_reject_above_a_number() -> None:
    stage = word_count_stage("advertisement", WordFinder(("広告", "特価")), ">", 10, "LLM-jp v1")
    assert stage.measure("広告と特価と広告") == {"advertisement_words": 3, "different_advertisement_words": 2}
    assert judge(stage.measure("広告" * 10), stage.rules).keep
    assert judge(stage.measure("広告" * 11), stage.rules).rule == "advertisement_words"


def test_a_list_is_read_line_by_line() -> None:
    assert words_of([" 語 \n", "\n", "# 注", "語", "別の 語\r\n"]) == ("語", "別の 語")
