"""Cards: figures are those of the corpus, what is not known is named, nothing withheld appears."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tesuki.pipelines.cards.dataset_card import size_category
from tesuki.pipelines.cards.questions import QUESTIONS, questions_text, read_answers
from tesuki.pipelines.commands.card import WRITTEN, write_card
from tesuki.pipelines.errors import RequestError


@pytest.fixture(scope="module")
def bare(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's card with nothing answered."""
    target = tmp_path_factory.mktemp("card")
    list(write_card(sample, target, None))
    return target


@pytest.fixture(scope="module")
def answered(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's card with everything answered."""
    target = tmp_path_factory.mktemp("answered")
    (target / "answers.yaml").write_text(yaml.safe_dump({q.field: f"answer to {q.field}" for q in QUESTIONS}), "utf-8")
    list(write_card(sample, target / "card", target / "answers.yaml"))
    return target / "card"


def test_figures_are_those_of_the_corpus(
    bare: Path, sample: Path, rows_of: Callable[[Path, str], list[dict[str, Any]]]
) -> None:
    rows = [row for row in rows_of(sample, "documents") if row["level"] in ("L1", "L2", "L3")]
    card = (bare / "README.md").read_text("utf-8")
    assert f"{len(rows):,} documents may be trained on" in card
    for subset in {row["subset"] for row in rows}:
        held = [row for row in rows if row["subset"] == subset]
        assert f"| {subset} | {len(held):,} | {sum(row['characters'] for row in held):,} |" in card
    hosts = {row["url"].split("/")[2] for row in rows}
    listed = (bare / "domains.tsv").read_text("utf-8").splitlines()[1:]
    assert len(listed) == -(-len(hosts) // 10)
    sizes = [int(line.split("\t")[1]) for line in listed]
    assert sizes == sorted(sizes, reverse=True)


def test_the_front_matter_names_files_that_are_there(bare: Path, sample: Path) -> None:
    front = yaml.safe_load((bare / "README.md").read_text("utf-8").split("---")[1])
    assert front["language"] == ["ja"]
    for config in front["configs"]:
        for files in config["data_files"]:
            found = list(sample.glob(files["path"]))
            assert found
            assert not [path for path in found if path.parent.name in ("LX", "LZ")]


def test_croissant_describes_columns_that_are_there(
    answered: Path, sample: Path, rows_of: Callable[[Path, str], list[dict[str, Any]]]
) -> None:
    metadata = json.loads((answered / "croissant.json").read_text("utf-8"))
    columns = set(rows_of(sample, "documents")[0])
    for record_set in metadata["recordSet"]:
        assert {field["source"]["extract"]["column"] for field in record_set["field"]} <= columns
    assert metadata["license"] == "answer to licence"
    assert metadata["rai:dataLimitations"] == "answer to limitations"


def test_every_question_is_used_and_named_where_nobody_answered(bare: Path, answered: Path) -> None:
    written = "".join((answered / name).read_text("utf-8") for name in WRITTEN)
    missing = "".join((bare / name).read_text("utf-8") for name in WRITTEN)
    for question in QUESTIONS:
        assert f"answer to {question.field}" in written, question.field
    assert "**not stated**" in missing
    assert "**not stated**" not in written


def test_nothing_of_withheld_pages_appears(
    bare: Path, sample: Path, rows_of: Callable[[Path, str], list[dict[str, Any]]]
) -> None:
    tests_alone = [row["url"].split("/")[2] for row in rows_of(sample, "documents") if row["level"] == "LX"]
    trained = {row["url"].split("/")[2] for row in rows_of(sample, "documents") if row["level"] in ("L1", "L2", "L3")}
    written = "".join((bare / name).read_text("utf-8") for name in WRITTEN)
    for host in set(tests_alone) - trained:
        assert host not in written


def test_the_file_of_answers_can_be_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(questions_text(), "utf-8")
    assert read_answers(path).missing == tuple(question.field for question in QUESTIONS)
    path.write_text(questions_text().replace("contact:", "contact: data@example.jp"), "utf-8")
    assert read_answers(path).stated("contact") == "data@example.jp"


@pytest.mark.parametrize(
    ("content", "said"),
    [("- a", "holds list"), ("colour: red", "'colour' is asked by nobody"), ("contact: [a]", "contact: found list")],
)
def test_wrong_answers_are_named(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "answers.yaml").write_text(content, "utf-8")
    with pytest.raises(RequestError, match=said):
        read_answers(tmp_path / "answers.yaml")


def test_sizes_have_the_names_of_the_hub() -> None:
    assert [size_category(n) for n in (999, 1_000, 999_999, 1_000_000, 10**9, 10**12)] == [
        "n<1K",
        "1K<n<10K",
        "100K<n<1M",
        "1M<n<10M",
        "1B<n<10B",
        "n>1T",
    ]
