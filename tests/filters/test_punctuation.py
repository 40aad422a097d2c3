"""Punctuation: the published code's documented cases, its slips, and what our rule does instead."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.filters.mend import mend

DOCUMENTED = [
    ("この文章の句点、読点を修正します。", "この文章の句点、読点を修正します。"),
    ("この文章の句点，読点を修正します。", "この文章の句点、読点を修正します。"),
    ("この文章の句点、読点を修正します．", "この文章の句点、読点を修正します。"),
    ("この文章の句点，読点を修正します．", "この文章の句点、読点を修正します。"),
    (
        "Ｈｉ，のように全角の英語が混ざった場合でも、修正します。",
        "Ｈｉ，のように全角の英語が混ざった場合でも、修正します。",
    ),
    (
        "Ｈｉ，のように全角の英語が混ざった場合でも，修正します．",
        "Ｈｉ，のように全角の英語が混ざった場合でも、修正します。",
    ),
    ("円周率は３．１４と習いました、場合でも、修正します。", "円周率は３．１４と習いました、場合でも、修正します。"),
    ("円周率は３．１４と習いました，場合でも，修正します．", "円周率は３．１４と習いました、場合でも、修正します。"),
    ("お待ちください．．．", "お待ちください。。。"),
    ("それは，，，，，", "それは、、、、、"),
]
"""The published function's own examples (kutoten.py), two of them shortened."""


@pytest.mark.parametrize("style", ["swallow-code", "tesuki"])
@pytest.mark.parametrize(("text", "expected"), DOCUMENTED)
def test_documented_cases(style: str, text: str, expected: str) -> None:
    assert mend(text, style).text == (
        expected.replace("Ｈｉ，の", "Ｈｉ、の") if style == "tesuki" and "．" in text else expected
    )


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("雨，風，Python，そして海，山。", "雨、風、Python、そして海、山。"),
        ("雨，風，言語はPython，R，Cだ，山。", "雨、風、言語はPython，R，Cだ、山。"),
        ("雨，風，人口は１，０００人，海，山。", "雨、風、人口は１，０００人、海、山。"),
    ],
)
def test_after_a_latin_word_the_comma_changes_where_japanese_follows(text: str, mended: str) -> None:
    """Or a document whose other commas changed stays mixed."""
    assert mend(text).text == mended


@pytest.mark.parametrize(
    ("text", "by_code", "by_default"),
    [
        ("累乗は2^，です，はい，", "累乗は2^，です、はい、", "累乗は2^、です、はい、"),
        ("あ，い，Linux，Windows，3，4", "あ、い、Linux、Windows、3、4", "あ、い、Linux，Windows，3，4"),
        ("あ，い，Ａ，，う", "あ、い、Ａ，、う", "あ、い、Ａ、、う"),
        ("あ．い．３．．．う", "あ。い。３．。。う", "あ。い。３．．．う"),
        ("，，あ，い，", "，、あ、い、", "、、あ、い、"),
        ("データー，サーバー，メモリー，", "データー，サーバー，メモリー，", "データー、サーバー、メモリー、"),
        ("これは，あれは、それ", "これは，あれは、それ", "これは，あれは、それ"),
        ("あ，，，，，い、う、", "あ，，，，，い、う、", "あ、、、、、い、う、"),
        ("(1)，(2)，(3)，です", "(1)，(2)，(3)，です", "(1)、(2)、(3)、です"),
        ("𠮷，𠮷，𠮷，", "𠮷，𠮷，𠮷，", "𠮷、𠮷、𠮷、"),
        (
            "結果は０．５です．差は．３でした．",
            "結果は０．５です。差は。３でした。",
            "結果は０．５です。差は．３でした。",
        ),
    ],
)
def test_slips_of_the_published_code(text: str, by_code: str, by_default: str) -> None:
    """The middle column was seen with the published function itself."""
    assert mend(text, "swallow-code").text == by_code
    assert mend(text).text == by_default


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("関数f(x)，g(x)を考え，足す，引く．", "関数f(x)，g(x)を考え、足す、引く。"),
        ("書式は`a，b，c`と書き，実行し，待つ，", "書式は`a，b，c`と書き、実行し、待つ、"),
        ('これは，見て，読む，\nprint("a"，"b"，)', 'これは、見て、読む、\nprint("a"，"b"，)'),
        ("α，βを測り，記し，比べる，", "α，βを測り、記し、比べる、"),
        ("料金は１，０００円で，税は，別です，", "料金は１，０００円で、税は、別です、"),
        ("でした．３月に，行き，帰り，着いた．", "でした。３月に、行き、帰り、着いた。"),
        ("、と，。と．は，別に．数える．", "、と、。と。は、別に。数える。"),
    ],
)
def test_what_is_no_prose_stays(text: str, expected: str) -> None:
    assert mend(text).text == expected


def test_each_mark_is_voted_on_alone() -> None:
    assert mend("一，二，三。四。五．").text == "一、二、三。四。五．"
    assert mend("一、二、三，四．五．六。").text == "一、二、三，四。五。六。"


def _published(text: str) -> str:
    """The published function restated: two votes by regular expression, two substitutions."""
    letters = "[）」』］〕】〉》\u3041-\u3096\u30a1-\u30fa々〇〻\u3400-\u9fff\uf900-\ufaff]"
    voters = f"(?:{letters}|[\ud840-\ud87f][\udc00-\udfff])"
    for western, japanese in (("，", "、"), ("．", "。")):
        votes, others = (len(re.findall(f"{voters}{mark}+", text)) for mark in (western, japanese))
        if votes > others:
            text = re.sub(f"([^０-９^Ａ-Ｚ^ａ-ｚ])({western}+)", lambda m, to=japanese: m[1] + to * len(m[2]), text)
    return text


@settings(max_examples=500)
@given(st.text(alphabet="あ漢ー々Ａ３a3^)）」，、．。\n𠮷\ud840\udc00", max_size=40))
def test_one_pass_of_the_published_function(text: str) -> None:
    assert mend(text, "swallow-code").text == _published(text)
