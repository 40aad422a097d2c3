"""What counts as the same text, and what must never."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.dedup.comparison_form import comparison_form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("ｶﾞｷﾞｸﾞｹﾞｺﾞ", "ガギグゲゴ"),
        ("データ、入力。", "データ，入力．"),
        ("「はい」と言った", "『はい』と言った"),
        ("十時～十二時", "十時〜十二時"),
        ("マイナス－五度", "マイナス−五度"),
        ("平行∥線", "平行‖線"),
        ("一行目\r\n二行目", "一行目\n\n二行目"),
        ("株式会社\u200bテスト", "株式会社テスト"),
        ("葛\U000e0100城", "葛城"),
        ("㈱テスト", "(株)テスト"),
        ("か\u3099", "が"),
        ("Straße", "STRASSE"),
    ],
)
def test_the_same_to_a_reader(one: str, other: str) -> None:
    assert comparison_form(one) == comparison_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("バスとパスとハス", "ハスとハスとハス"),
        ("です", "てす"),
        ("人々", "人人"),
        ("ビール", "ビル"),
        ("いすゞ", "いすず"),
        ("斎藤", "斉藤"),
        ("おじいさん", "おじさん"),
        ("ああ", "アア"),
        ("1.5", "15"),
        ("１０個", "個"),
        ("𠮷野家", "吉野家"),
        ("C++", "C"),
    ],
)
def test_different_to_a_reader(one: str, other: str) -> None:
    assert comparison_form(one) != comparison_form(other)


@pytest.mark.parametrize("text", ["", " \n\t　", "。、！？…「」", "\u200b\ufeff"])
def test_nothing_to_compare(text: str) -> None:
    assert comparison_form(text) == ""


def test_written_out() -> None:
    assert comparison_form("　Ｔｅｓｕｋｉは、「手漉き」。\n（てすき）") == "tesukiは 手漉き てすき"


def test_every_code_point_is_settled_in_one_pass() -> None:
    for start in range(0, sys.maxunicode + 1, 256):
        text = "か".join(map(chr, range(start, start + 256)))
        assert comparison_form(comparison_form(text)) == comparison_form(text), hex(start)


@given(st.text(st.characters(), max_size=60))
@settings(max_examples=200)
def test_idempotent(text: str) -> None:
    assert comparison_form(comparison_form(text)) == comparison_form(text)


MARKS = st.text("\u0300\u0316\u0344\u3099\u0f73ae か", max_size=90)


def test_marks_in_a_row_are_looked_at_up_to_thirty() -> None:
    # Sorting n marks of two classes takes n² / 4 steps: without a bound a million of them take minutes.
    assert len(comparison_form("か" + "\u0300\u0316" * 500_000)) == 1 + 30
    assert comparison_form("か" + "\u0316" * 30 + "\u0300" * 9) == comparison_form("か" + "\u0316" * 30)
    assert comparison_form("か\u0300" * 40) == "か\u0300" * 40


@given(MARKS)
def test_idempotent_on_marks(text: str) -> None:
    assert comparison_form(comparison_form(text)) == comparison_form(text)
