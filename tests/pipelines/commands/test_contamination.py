"""A question in the middle of a page is found, named, and can be denied."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tesuki.dedup.quotations import QuotationRule
from tesuki.filters.edits import Edit
from tesuki.pipelines.commands.contamination import COLUMNS, contamination_lines
from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.mending.step import unmended

QUESTION = (
    "ある商店では仕入れ値の三割増しで定価を付けたが、売れ残ったので定価の二割引きで売った。利益は仕入れ値の何割か。"
)


@pytest.fixture
def corpus(
    tmp_path: Path,
    archive_of: Callable[..., Path],
    raw_page: Callable[..., Any],
    web_page: Callable[..., Any],
    article: Callable[[object], list[str]],
    recipe_with: Callable[..., Path],
    build: Callable[..., Any],
) -> Path:
    """Three pages, one of which quotes the question without its comma in the middle of its text."""
    lines = article("quoting")
    quoting = "".join(f"<p>{line}</p>" for line in [*lines[:2], QUESTION.replace("、", ""), *lines[2:]])
    html = f"<html lang=ja><title>入試</title><body><article>{quoting}</article>"
    pages = [
        web_page("https://a.example/1", 1),
        raw_page("https://b.example/2", html.encode(), "2026-05-02T03:04:05Z"),
        web_page("https://c.example/3", 3),
    ]
    archive_of(tmp_path / "a.warc.gz", pages)
    build(recipe_with(tmp_path / "recipe.yaml"), tmp_path / "out")
    return tmp_path / "out"


def answered(
    corpus: Path, questions: object, deny: Path | None = None, cut: Path | None = None
) -> tuple[str, list[dict[str, str]]]:
    asked = corpus.with_name("test.jsonl")
    asked.write_text(json.dumps(questions, ensure_ascii=False) + "\n", "utf-8")
    sheet = corpus.with_name("sheet.tsv")
    said = "\n".join(contamination_lines(corpus, [str(asked)], sheet, deny, cut, QuotationRule()))
    with sheet.open(encoding="utf-8", newline="") as rows:
        return said, list(csv.DictReader(rows, delimiter="\t"))


def test_a_quoted_question_is_found_where_it_stands(
    corpus: Path, rows_of: Callable[[Path, str], list[dict[str, Any]]]
) -> None:
    said, rows = answered(corpus, {"question": QUESTION, "choices": ["一割", "四分"], "answer": 1})
    (row,) = rows
    assert tuple(row) == COLUMNS
    assert (row["url"], row["question"]) == ("https://b.example/2", "test.jsonl:1")
    (text,) = (page["text"] for page in rows_of(corpus, "documents") if page["url"] == row["url"])
    assert "仕入れ値の三割増し" in text[int(row["start"]) : int(row["end"])]
    assert "1 quotations in 1 documents" in said


def test_a_corpus_built_with_the_deny_list_is_clean(
    corpus: Path, recipe_with: Callable[..., Path], build: Callable[..., Any]
) -> None:
    _, rows = answered(corpus, [QUESTION], corpus.with_name("deny.txt"))
    assert rows
    build(recipe_with(corpus.with_name("denied.yaml"), policy={"deny": "deny.txt"}), corpus.with_name("clean"))
    _, rows = answered(corpus.with_name("clean"), [QUESTION])
    assert rows == []


def test_a_corpus_built_with_the_passages_cut_is_clean_and_logs_them(
    corpus: Path, recipe_with: Callable[..., Path], build: Callable[..., Any], rows_of: Callable[..., Any]
) -> None:
    said, rows = answered(corpus, [QUESTION], cut=corpus.with_name("passages.tsv"))
    assert "passages.tsv: passages (mend.cut.file)" in said
    (found,) = rows
    before = {row["url"]: row for row in rows_of(corpus, "documents")}
    made = build(
        recipe_with(corpus.with_name("cut.yaml"), mend={"cut": {"file": "passages.tsv"}}), corpus.with_name("clean")
    )
    assert [each["entries"] for each in made.manifest["lists"] if each["list"] == "passages"] == [1]
    after = {row["url"]: row for row in rows_of(corpus.with_name("clean"), "documents")}
    assert after.keys() == before.keys()
    for url, row in after.items():
        assert (row["text"] == before[url]["text"]) is (url != found["url"])
        edits = [Edit(**edit) for edit in row["edits"]]
        assert unmended(row["text"], edits) == unmended(before[url]["text"], [Edit(**e) for e in before[url]["edits"]])
    (edit,) = (edit for edit in after[found["url"]]["edits"] if edit["kind"] == "passage")
    assert "仕入れ値の三割増し" in edit["before"]
    _, rows = answered(corpus.with_name("clean"), [QUESTION])
    assert rows == []
    assert list(verify_corpus(corpus.with_name("clean")))


def test_other_questions_are_not_found(corpus: Path) -> None:
    _, rows = answered(corpus, ["水素と酸素を混ぜて火をつけると何ができるか、化学反応式とともに答えなさい。"])
    assert rows == []


@pytest.mark.parametrize(("questions", "said"), [({"q": "短い"}, "none of 20 letters"), ([], "found 0 questions")])
def test_nothing_to_look_for_is_refused(corpus: Path, questions: object, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        answered(corpus, questions)
