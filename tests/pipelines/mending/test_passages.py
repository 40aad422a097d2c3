"""Passages cut out of texts: what a list names goes, the log brings it back, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.mending.passages import cut_passages, joined, load_passages, passage_lines, text_name
from tesuki.pipelines.mending.step import unmended
from tesuki.pipelines.recipe.rules import ListFile

PAGE = Page("web", "a.warc.gz", 0, 1, "r", "https://a.example/", "")

TEXTS = st.text("水門を開け。\n𠮷", min_size=1, max_size=40)
PLACES = st.lists(st.tuples(st.integers(0, 39), st.integers(1, 12)).map(lambda each: (each[0], sum(each))), max_size=4)


@given(TEXTS, PLACES, PLACES)
def test_the_log_brings_back_what_was_cut_in_any_number_of_rounds(
    text: str, first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    passages: dict[str, tuple[tuple[int, int], ...]] = {}
    left: Page | Fate = replace(PAGE, text=text)
    for places in (first, second):
        if isinstance(left, Page) and text_name(left.text) not in passages:
            inside = joined((start, min(end, len(left.text))) for start, end in places if start < len(left.text))
            passages[text_name(left.text)] = tuple(inside)
            left = cut_passages({text_name(left.text): tuple(inside)}, left) if inside else left
    whole = cut_passages({name: places for name, places in passages.items() if places}, replace(PAGE, text=text))
    if isinstance(whole, Page):
        assert whole == left
        assert unmended(whole.text, whole.edits) == text
        assert sum(len(edit.before) for edit in whole.edits) == len(text) - len(whole.text)
    else:
        assert (whole.fate, whole.rule) == ("rejected", "mend.empty")


def test_a_line_of_which_nothing_is_left_goes_with_its_end() -> None:
    text = "一行目。\n問題文。\n三行目。"
    page = cut_passages({text_name(text): ((5, 9),)}, replace(PAGE, text=text))
    assert isinstance(page, Page)
    assert page.text == "一行目。\n三行目。"
    half = cut_passages({text_name(text): ((5, 7),)}, replace(PAGE, text=text))
    assert isinstance(half, Page)
    assert half.text == "一行目。\n文。\n三行目。"


def test_a_text_that_has_changed_is_left_alone() -> None:
    page = replace(PAGE, text="別の文章。")
    assert cut_passages({text_name("文章。"): ((0, 2),)}, page) == page


def test_a_list_is_read_as_it_is_written(tmp_path: Path) -> None:
    name, other = text_name("一"), text_name("二")
    path = tmp_path / "passages.tsv"
    path.write_text("".join(passage_lines({name: [(5, 9), (0, 3), (2, 4)], other: [(7, 8)]})))
    assert load_passages(path) == {name: ((0, 4), (5, 9)), other: ((7, 8),)}
    assert ListFile(file="passages.tsv").licence == "not stated"


@pytest.mark.parametrize("line", ["x\t1\t2", "a" * 64 + "\t1", "a" * 64 + "\t3\t3", "a" * 64 + "\t-1\t3", ""])
def test_a_line_that_is_none_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "passages.tsv"
    path.write_text("".join(passage_lines({text_name("一"): [(0, 1)]})) + line + "\n")
    with pytest.raises(RequestError, match=r"passages\.tsv: line 2: found"):
        load_passages(path)
    with pytest.raises(RequestError, match="cannot be read"):
        load_passages(tmp_path / "absent.tsv")
