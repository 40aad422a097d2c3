"""Articles by category, of a small dump of our own making, and a classifier that learns from them."""

from __future__ import annotations

import bz2
import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.commands.classifier import train
from tesuki.pipelines.commands.classifier_wikipedia import wikipedia_texts
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.reading.wikipedia_categories import categories_below, categories_in

pytestmark = pytest.mark.usefixtures("parser")

ACADEMIC = "定理は公理から証明され、補題の系として一般の次元に拡張される。"
OTHER = "番組は毎週放送され、主演の俳優が歌う主題歌は人気を集めた。"


@pytest.fixture
def parser() -> None:
    pytest.importorskip("mwparserfromhell", reason="mwparserfromhell is not installed")


def page(title: str, text: str, namespace: int = 0) -> str:
    return f"<page><title>{title}</title><ns>{namespace}</ns><revision><text>{text}</text></revision></page>"


def article(number: int, sentence: str, category: str) -> str:
    text = "".join(f"第{number}の{part}項。{sentence}" for part in range(5))
    return page(f"記事{number}", f"{text}\n[[Category:{category}|き]]")


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    pages = [
        page("Category:数学", "[[Category:学問]]", 14),
        page("Category:代数学", "[[カテゴリ:数学]]", 14),
        page("Category:学問", "[[Category:代数学]]", 14),
        page("Category:テレビ番組", "", 14),
        *(article(number, ACADEMIC, "数学" if number % 2 else "代数学") for number in range(30)),
        *(article(number, OTHER, "テレビ番組") for number in range(30, 60)),
        page("短い", "短い。[[Category:数学]]"),
        page("転送", "#転送 [[記事1]] [[Category:数学]]"),
    ]
    path = tmp_path / "dump.xml.bz2"
    path.write_bytes(bz2.compress(f"<mediawiki>{''.join(pages)}</mediawiki>".encode()))
    return path


def titles(path: Path) -> list[str]:
    return [json.loads(line)["title"] for line in path.read_text(encoding="utf-8").splitlines()]


def split(dump: Path, names: str, depth: int) -> tuple[list[str], Path, Path]:
    categories = dump.with_name("academic.txt")
    categories.write_text(names, encoding="utf-8")
    good, rest = dump.with_name("good.jsonl"), dump.with_name("rest.jsonl")
    return list(wikipedia_texts(dump, categories, depth, good, rest)), good, rest


def test_articles_are_parted_by_their_categories(dump: Path) -> None:
    said, good, rest = split(dump, "# of our choice\nCategory:数学\t120\n", 0)
    assert titles(good) == [f"記事{number}" for number in range(1, 30, 2)]
    assert len(titles(rest)) == 45
    assert said[0].startswith("15 articles in 1 of 1 categories")
    assert "45 others" in said[1]
    assert "2 of less than 100 characters" in said[1]
    said, good, rest = split(dump, "学問\n", 2)
    assert titles(good) == [f"記事{number}" for number in range(30)]
    assert said[0].startswith("30 articles in 2 of 3 categories")


def test_a_classifier_learns_what_is_academic(dump: Path, tmp_path: Path) -> None:
    """No host is on both sides because no text has one: each stands for itself."""
    _, good, rest = split(dump, "数学\n代数学\n", 0)
    settings: Mapping[str, Any] = {"given": "text", "licence": "CC BY-SA 4.0", "seed": 0, "epochs": 5, "most": 100}
    told = list(train([str(good)], [str(rest)], tmp_path / "m", kind="linear", held_out=Fraction(1, 3), **settings))
    (area,) = [float(line.split("\t")[5]) for line in told if "AUC" in line]
    assert area > 0.99


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("", "names no category"),
        ("物理学", "no article is positive by 1 categories"),
        ("数学\n代数学\nテレビ番組", "is negative"),
    ],
)
def test_what_comes_to_nothing_is_refused(names: str, told: str, dump: Path) -> None:
    with pytest.raises(RequestError, match=told):
        split(dump, names, 0)
    assert not dump.with_name("good.jsonl").exists()


def test_a_damaged_dump_and_none_at_all_are_named(dump: Path) -> None:
    dump.write_bytes(dump.read_bytes()[:-40])
    with pytest.raises(WorkError, match="the dump is damaged"):
        split(dump, "数学", 0)
    dump.unlink()
    with pytest.raises(RequestError, match="is not a file"):
        split(dump, "数学", 0)


def test_links_to_categories_are_told_from_mentions() -> None:
    wikitext = "[[:Category:数学]] [[ category : 代数_学 |た]] [[Category:lie群]] [[カテゴリ:解析学]] [[数学]]"
    assert categories_in(wikitext) == {"代数 学", "Lie群", "解析学"}


@given(st.dictionaries(st.sampled_from("ABCDEF"), st.frozensets(st.sampled_from("ABCDEF"))), st.integers(0, 8))
def test_steps_below_end_in_loops_and_grow_with_depth(above: dict[str, frozenset[str]], depth: int) -> None:
    found = categories_below(frozenset("A"), above, depth)
    assert found <= categories_below(frozenset("A"), above, depth + 1)
    assert all(name == "A" or above[name] & found for name in found)
