"""Mending: the laws that hold for every text and both styles."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.filters.edits import Edit, apply_edits
from tesuki.filters.mend import mend, unmend

LINES = (
    "お知らせ",
    "検索",
    "リンク，",
    "本文です。",
    "Copyright (C) 2020 A社",
    "",
    "戻る｜次へ",
    "，",
    "あ，い",
    "あ、い、",
    "x．" * 9,
)
texts = st.one_of(
    st.text(alphabet="あいＡ３3a，、．。^ー)(\n`漢お\ud840\udc00", max_size=80),
    st.lists(st.sampled_from(LINES), max_size=40).map("\n".join),
    st.text(max_size=60),
)


@pytest.mark.parametrize("style", ["tesuki", "swallow-code"])
@settings(max_examples=400)
@given(text=texts)
def test_mending_is_idempotent_and_can_be_undone(style: str, text: str) -> None:
    mended = mend(text, style)
    assert unmend(mended.text, mended.edits) == text
    assert apply_edits(text, mended.edits) == mended.text
    assert mend(text, style) == mended
    again = mend(mended.text, style)
    assert (again.text, again.edits) == (mended.text, ())


@settings(max_examples=200)
@given(texts)
def test_the_default_never_erases_a_document(text: str) -> None:
    assert bool(mend(text).text.strip()) == bool(text.strip())


@settings(max_examples=200)
@given(texts)
def test_edits_are_ascending_apart_and_in_place(text: str) -> None:
    end = 0
    for edit in mend(text).edits:
        assert edit.position >= end
        assert text[edit.position : edit.position + len(edit.before)] == edit.before != edit.after
        end = edit.position + len(edit.before)


def test_the_log_says_what_changed_and_where() -> None:
    text = "山は高く，川は長い。\nサイトマップ"
    assert mend(text).edits == (Edit("punctuation", 4, "，", "、"), Edit("footer", 10, "\nサイトマップ", ""))


def test_a_footer_has_no_vote() -> None:
    """One ， in the body against two 、 in the footer: the body alone decides, so that a second pass agrees."""
    assert mend("山は高く，川は長い。\n検索、検索、").text == "山は高く、川は長い。"


def test_an_unknown_style_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="'swallow' is not known; choose one of tesuki, swallow-code"):
        mend("文。", "swallow")


@pytest.mark.parametrize(
    "edits", [(Edit("footer", 3, "別", ""),), (Edit("a", 1, "い", "う"), Edit("b", 0, "あ", "え"))]
)
def test_a_log_of_another_text_is_refused(edits: tuple[Edit, ...]) -> None:
    with pytest.raises(ValueError, match="does not fit this text"):
        apply_edits("あい", edits)
    with pytest.raises(ValueError, match="does not fit this text"):
        unmend("あい", (Edit("punctuation", 0, "，", "、"),))
