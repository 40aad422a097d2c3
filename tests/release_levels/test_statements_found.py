"""Whatever a pattern of ours can match is found on a page that says it, however its letters are set."""

from __future__ import annotations

import re
from html import escape
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tesuki.release_levels.free_words import GRANTS, Grant
from tesuki.release_levels.licence_names import WORDING, name_from_wording
from tesuki.release_levels.notice_patterns import NOTICES, Notice
from tesuki.release_levels.paywall_patterns import MARKERS, Marker
from tesuki.release_levels.signals import read_signals
from tesuki.release_levels.signals_government_terms import APPLIED
from tesuki.release_levels.signals_notices import AFTER

LETTERS = "あいうえおかがきくけこのはをにへとでもしたなんる、アイウ日本語文字abcdefghijklmnopqrstuvwxyz 0123"
SEPARATORS = ("", " ", "　", "\n", "<br>", "<b>", "</b>", "<span class='x'>", "</span>", "<!-- -->", "<wbr>")
"""What may stand between two letters of Japanese and changes nothing of what is said."""

LIGHT = ("", "", "<b>", "</b>", "<font color='red'>", "</font>", "<!-- -->", "<wbr>")
"""The same for English, where a space does."""


def strings_of(pattern: re.Pattern[str]) -> st.SearchStrategy[str]:
    """Strings that ``pattern`` matches, of its own letters and some others."""
    alphabet = "".join(sorted({*LETTERS, *(each for each in pattern.pattern if each.isalnum() or each in ",/")}))
    # Hypothesis draws letters that seldom end a word where the pattern asks for it: words and spaces are drawn instead.
    gaps = re.sub(r"(?:\\b)?\[\^\.\]\{0,\d+\}\??(?:\\b)?", "(?: [a-z]{1,6}){0,3} ", pattern.pattern)
    return st.from_regex(re.compile(gaps.replace(r"\b", "")), fullmatch=True, alphabet=alphabet)


def written(words: str, separators: list[str], references: list[bool]) -> str:
    """``words`` with something between their letters, and some letters as numeric references."""
    letters = [
        f"&#{ord(letter)};" if reference else escape(letter)
        for letter, reference in zip(words, references, strict=True)
    ]
    return "".join(letter + separator for letter, separator in zip(letters, separators, strict=True))


def page_of(words: str, data: st.DataObject, separators: tuple[str, ...]) -> str:
    """A page on which ``words`` are written in one of the many ways."""
    size = len(words)
    between = data.draw(st.just([""] * size) | st.lists(st.sampled_from(separators), min_size=size, max_size=size))
    references = data.draw(st.just([False] * size) | st.lists(st.booleans(), min_size=size, max_size=size))
    return f"<!DOCTYPE html><body><nav>ホーム</nav><p>{written(words, between, references)}</p><p>おわり"


FEW = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: f"{notice.signal}-{NOTICES.index(notice)}")
@FEW
@given(data=st.data())
def test_notices(notice: Notice, data: st.DataObject) -> None:
    words = data.draw(strings_of(notice.pattern))
    if notice.form == "close":
        said, separators = "".join(normalize("NFKC", words).split()), SEPARATORS
    else:
        said, separators = " ".join(normalize("NFKC", words).lower().split()), LIGHT
    found = notice.pattern.search(said)
    assume(found is not None and len(said) < AFTER)
    signals = {each.signal for each in read_signals("https://a.jp/", (), page_of(words, data, separators), "")}
    assert signals & {notice.signal, "notice.image-reproduction-prohibited"}, said


@pytest.mark.parametrize("marker", MARKERS, ids=lambda marker: f"{marker.signal}-{MARKERS.index(marker)}")
@FEW
@given(data=st.data())
def test_markers_of_paywalls(marker: Marker, data: st.DataObject) -> None:
    words = data.draw(strings_of(marker.pattern))
    assume(marker.pattern.search("".join(normalize("NFKC", words + "おわり").split())))
    signals = {each.signal for each in read_signals("https://a.jp/", (), page_of(words, data, SEPARATORS), "")}
    assert marker.signal in signals, words


@FEW
@given(data=st.data())
def test_terms_of_governments(data: st.DataObject) -> None:
    words = data.draw(strings_of(APPLIED))
    assume(APPLIED.match("".join(normalize("NFKC", words + "おわり").split())))
    signals = {each.signal for each in read_signals("https://a.go.jp/", (), page_of(words, data, SEPARATORS), "")}
    assert "terms.open-government" in signals, words


@FEW
@given(data=st.data())
def test_licences_in_words(data: st.DataObject) -> None:
    words = data.draw(strings_of(WORDING))
    found = WORDING.search(" ".join(normalize("NFKC", words).lower().split()))
    assume(found)
    assert found
    signals = {each.signal for each in read_signals("https://a.jp/", (), page_of(words, data, LIGHT), "")}
    name = name_from_wording(found)
    assert signals & {f"licence.{name}", f"part-licence.{name}"}, words


@pytest.mark.parametrize("grant", GRANTS, ids=lambda grant: f"{grant.signal}-{GRANTS.index(grant)}")
@FEW
@given(data=st.data())
def test_permissions_in_words(grant: Grant, data: st.DataObject) -> None:
    words = data.draw(strings_of(grant.pattern))
    spaced = normalize("NFKC", words)
    said = "".join(spaced.split()) if grant.form == "close" else " ".join(spaced.lower().split())
    assume(grant.pattern.search(said) and not grant.unless.search(said))
    separators = SEPARATORS if grant.form == "close" else LIGHT
    signals = {each.signal for each in read_signals("https://a.jp/", (), page_of(words, data, separators), "")}
    assert grant.signal in signals, words


SENTENCES = (
    "AI 学習禁止",
    "AI による学習を禁じます",
    "AIトレーニングへの利用を禁止します",
    "AIの訓練に使用することを禁じます",
    "AI データセットへの利用を禁止",
    "AIに学習させることを禁止します",
    "AIモデルの学習を禁じます",
    "AIへの読み込みを禁じます",
    "AI開発のための利用を禁じます",
    "LLMへの学習を禁止します",
    "大規模言語モデルの学習に利用することを禁止します",
    "ディープラーニングへの利用を禁止",
    "深層学習への利用を禁止します",
    "This text must not be used for training LLMs",
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_refusals_of_training(sentence: str) -> None:
    for page in (f"<p>{sentence}</p>", sentence.replace("AI", "<b>A</b>I").replace("禁", "&#31105;")):
        assert [each.signal for each in read_signals("https://a.jp/", (), page, "")] == ["notice.no-ai-training"]


@pytest.mark.parametrize("sentence", ["文章の流用を禁止します", "画像・文章の盗用禁止", "<b>無断</b>転<b>載</b>禁止"])
def test_refusals_of_copying(sentence: str) -> None:
    assert [each.signal for each in read_signals("https://a.jp/", (), sentence, "")] == [
        "notice.reproduction-prohibited"
    ]


def test_what_stands_side_by_side_by_chance_is_no_sentence() -> None:
    chance = "<li>AI学習サービスのご案内</li><li>会社概要</li><li>お問い合わせ</li><li>飲食禁止</li>"
    assert read_signals("https://a.jp/", (), chance, "") == ()
    cells = "<table><tr><td>無断転載<td>禁止</table>"
    assert [each.signal for each in read_signals("https://a.jp/", (), cells, "")] == ["notice.reproduction-prohibited"]
