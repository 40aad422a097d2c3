"""Station 9: several steps on one page, and the log from which the page can be rebuilt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.dedup.lines import RepeatRule, unit_keys
from tesuki.filters.personal_data import cover_personal_data
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.mending.step import open_mending, unmended
from tesuki.pipelines.recipe.sections import Mend

ALL = Mend.model_validate({"repeated_lines": {"unit": "line", "scope": "corpus"}, "mask_personal_data": True})
MENU = ("会社案内｜電話 03-1234-5678", "ホーム，検索．", "")


def page_of(text: str) -> Page:
    return Page("web", "a.warc", 0, 1, "urn:1", "https://a.example/1", "2026-05-01T00:00:00Z", text=text)


@pytest.fixture(scope="module")
def repeated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the search for repeated lines leaves where the lines of `MENU` are repeated."""
    folder = tmp_path_factory.mktemp("lines")
    rule = RepeatRule("line", "corpus", 100)
    keys = np.unique(np.concatenate([unit_keys(line, "", rule) for line in MENU]))
    np.save(folder / "00000.npy", keys[keys > 0])
    return folder


def mended(text: str, repeated: Path) -> Page | Fate:
    with open_mending(ALL, repeated) as step:
        return step(page_of(text))


def test_the_log_of_all_steps_rebuilds_the_page(repeated: Path) -> None:
    text = "\n".join(
        (MENU[0], "本文，その一．", "連絡は a@b.example，または 090-1234-5678。", MENU[1], "本文です．", "お知らせ")
    )
    page = mended(text, repeated)
    assert isinstance(page, Page)
    assert page.text == "本文、その一。\n連絡は [e-mail]、または [telephone]。\n本文です。"
    assert [edit.kind for edit in page.edits] == [
        *("repeated-line", "repeated-line", *["punctuation"] * 4, "footer"),
        *("mask.e-mail", "mask.telephone"),
    ]
    assert unmended(page.text, page.edits) == cover_personal_data(text)


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            (*MENU, "あ，い", "本文です．", "お知らせ", "電話 03-9999-1111，", "〒100-0001", "c@d.example", "検索")
        ),
        min_size=1,
        max_size=12,
    ).map("\n".join)
)
def test_whatever_the_steps_do_is_undone(repeated: Path, text: str) -> None:
    page = mended(text, repeated)
    if isinstance(page, Page):
        assert unmended(page.text, page.edits) == cover_personal_data(text)


def test_personal_data_is_not_kept_in_the_log(repeated: Path) -> None:
    page = mended(f"{MENU[0]}\n本文です。\nお問い合わせ 06-6543-2100\n無断転載を禁じます。", repeated)
    assert isinstance(page, Page)
    assert page.text == "本文です。"
    said = "".join(edit.before + edit.after for edit in page.edits)
    assert "お問い合わせ ************" in said
    assert "1234" not in said
    assert "6543" not in said


def test_a_page_of_nothing_but_repeated_lines_leaves_with_all_it_came_with(repeated: Path) -> None:
    fate = mended("\n".join(MENU), repeated)
    assert isinstance(fate, Fate)
    assert (fate.rule, fate.characters) == ("mend.empty", len("\n".join(MENU)))
