"""Scores in a corpus: each document has its own, a new score extracts nothing, and what is withheld leaves none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml

from tesuki.filters.linear_classifier import LinearClassifier
from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.commands.why import story_of
from tesuki.pipelines.errors import BrokenEnvironmentError, RequestError
from tesuki.pipelines.journey.page import Cluster, Page
from tesuki.pipelines.recipe.sections import Score
from tesuki.pipelines.scoring.document_scores import known_scores
from tesuki.pipelines.scoring.model_file import ModelFile, write_model
from tesuki.pipelines.scoring.step import scored_by
from tesuki.pipelines.takedown.take_down import take_down

WEIGHTS = np.random.default_rng(5).normal(0, 1, 1 << 10).astype(np.float32)
ONE = LinearClassifier(WEIGHTS, 0.1)
OTHER = LinearClassifier(-WEIGHTS, 0.1)
PAGE = Page("web", "a.warc.gz", 0, 1, "r", "https://a.example/", "")

SCORES: list[dict[str, Any]] = [
    {"name": "educational", "model": "one.model"},
    {"name": "kana", "measure": "hiragana_share"},
    {"name": "copies", "copies": True},
]


@pytest.fixture
def folder(tmp_path: Path, archive_of: Any, web_page: Any) -> Path:
    """Two archives, in which the first page has a copy, and two models."""
    pages = [web_page(f"https://{n}.example/", n) for n in range(4)]
    archive_of(tmp_path / "a.warc.gz", pages)
    archive_of(tmp_path / "b.warc.gz", [web_page("https://copy.example/", 0, date="2020-01-01T00:00:00Z")])
    for name, classifier in (("one", ONE), ("other", OTHER)):
        write_model(tmp_path / f"{name}.model", ModelFile(classifier, "CC0-1.0", {}))
    return tmp_path


def scores_in(rows_of: Any, output: Path) -> dict[str, dict[str, float]]:
    rows = rows_of(output, "documents")
    return {row["url"]: {each["name"]: each["value"] for each in row["scores"]} for row in rows}


def test_documents_carry_their_scores_and_a_new_model_extracts_nothing(
    folder: Path, recipe_with: Any, build: Any, rows_of: Any, identity_of: Any, hashes_of: Any
) -> None:
    out = folder / "out"
    made = build(recipe_with(folder / "recipe.yaml", scores=SCORES, tokenizer=None), out)
    rows = {row["url"]: row for row in rows_of(out, "documents")}
    texts = {
        row["id"]: row["text"]
        for path in (out / "parts" / "pages").glob("*.pages.parquet")
        for row in pq.read_table(path).to_pylist()
    }
    for url, found in scores_in(rows_of, out).items():
        row = rows[url]
        assert found == {
            "copies": 2 if url == "https://0.example/" else 1,
            "educational": round(ONE.score(texts[row["id"]]), 6),
            "kana": round({each["name"]: each["value"] for each in row["measures"]}["hiragana_share"], 6),
        }
    (record,) = [each for each in made.manifest["lists"] if each["list"] == "score model"]
    assert (record["name"], record["file"], record["licence"]) == ("educational", "one.model", "CC0-1.0")
    assert list(verify_corpus(out, parts=True))[-1].startswith("parts: ")
    assert "  score       copies 2" in list(story_of(out, "https://0.example/"))

    pages, judged = (identity_of(out / "parts" / stage) for stage in ("pages", "judged"))
    first = sorted((out / "parts" / "scores").glob("*/*.parquet"))
    added = [*SCORES, {"name": "other", "model": "other.model", "licence": "MIT"}]
    build(recipe_with(folder / "more.yaml", scores=added, tokenizer=None), out)
    assert (pages, judged) == tuple(identity_of(out / "parts" / stage) for stage in ("pages", "judged"))
    assert set(first) < set((out / "parts" / "scores").glob("*/*.parquet"))
    assert {tuple(sorted(found)) for found in scores_in(rows_of, out).values()} == {
        ("copies", "educational", "kana", "other")
    }
    build(folder / "more.yaml", folder / "afresh")
    assert hashes_of(folder / "afresh") == hashes_of(out)

    build(recipe_with(folder / "fewer.yaml", tokenizer=None), out)
    assert not list((out / "parts" / "scores").glob("*")), "what no recipe names any more goes"


def test_what_is_withheld_leaves_no_score(folder: Path, recipe_with: Any, build: Any, rows_of: Any) -> None:
    out = folder / "out"
    (folder / "list.txt").write_text("https://1.example/\n")
    recipe = recipe_with(folder / "recipe.yaml", scores=SCORES[:1], tokenizer=None, policy={"take_down": "list.txt"})
    build(recipe, out)
    found = [path for path in (out / "parts" / "scores").rglob("*") if path.is_file()]
    left = [path for path in found if path.parent.name != "work"]
    assert len(left) == 2, "the table and the seal of the archive without a withheld page"
    before = scores_in(rows_of, out)
    again = yaml.safe_load(recipe.read_text()) | {"scores": SCORES}
    (folder / "again.yaml").write_text(yaml.safe_dump(again))
    build(folder / "again.yaml", out)
    after = scores_in(rows_of, out)
    assert set(before) == set(after)
    assert all(after[url]["educational"] == before[url]["educational"] for url in before)


def test_a_take_down_leaves_what_a_rebuild_would(
    folder: Path, recipe_with: Any, build: Any, rows_of: Any, manifest_at: Any
) -> None:
    out, other = folder / "out", folder / "other"
    build(recipe_with(folder / "recipe.yaml", scores=SCORES, tokenizer=None), out)
    (folder / "list.txt").write_text("https://1.example/\n")
    list(take_down(out, folder / "list.txt"))
    build(recipe_with(folder / "list.yaml", scores=SCORES, tokenizer=None, policy={"take_down": "list.txt"}), other)
    assert scores_in(rows_of, out) == scores_in(rows_of, other)
    assert manifest_at(out)["files"] == manifest_at(other)["files"]
    assert manifest_at(out)["stages"] == manifest_at(other)["stages"]
    left = [path.name for path in (out / "parts" / "scores").rglob("*.parquet")]
    assert len(left) == 1, "that of the archive without a page that went"


@pytest.mark.slow
def test_a_damaged_table_of_scores_is_made_again(
    folder: Path, recipe_with: Any, build: Any, hashes_of: Callable[[Path], dict[str, str]]
) -> None:
    out = folder / "out"
    recipe = recipe_with(folder / "recipe.yaml", scores=SCORES, tokenizer=None)
    build(recipe, out)
    before = hashes_of(out)
    victim = min((out / "parts" / "scores").glob("*/*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-9])
    (out / "manifest.json").unlink()
    build(recipe, out)
    assert hashes_of(out) == before


@pytest.mark.parametrize(
    ("score", "told"),
    [
        ({"name": "x", "measure": "hiragana_shar"}, r"scores\.0\.measure: found .hiragana_shar.*did you mean"),
        ({"name": "x", "model": "absent.bin"}, r"scores\.0\.model: .*absent\.bin cannot be read"),
        ({"name": "x", "model": "recipe.yaml"}, r"scores\.0\.model: .*expected a fastText file or a classifier"),
        ({"name": "x", "model": "one.model", "input": "words"}, r"scores\.0\.model: .*for fastText files"),
        ({"name": "x"}, "expected exactly one of measure, copies and model"),
        ({"name": "x", "copies": True, "measure": "y"}, "expected exactly one of measure, copies and model"),
        ({"name": "X", "copies": True}, "name"),
    ],
)
def test_a_wrong_score_is_refused_by_its_field(
    score: dict[str, Any], told: str, folder: Path, recipe_with: Any, build: Any
) -> None:
    with pytest.raises(RequestError, match=told):
        build(recipe_with(folder / "recipe.yaml", scores=[score], tokenizer=None), folder / "out")
    assert not (folder / "out").exists()


def test_two_scores_of_one_name_are_refused(folder: Path, recipe_with: Any, build: Any) -> None:
    with pytest.raises(RequestError, match="expected each name once, found 'copies' 2 times"):
        build(recipe_with(folder / "recipe.yaml", scores=SCORES[2:] * 2, tokenizer=None), folder / "out")


# A score that is no number


class Says:
    """A model that says one thing."""

    def __init__(self, value: float | Exception) -> None:
        self._value = value

    def score(self, _: str) -> float:
        if isinstance(self._value, Exception):
            raise self._value
        return self._value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_no_number_is_refused_with_the_name_of_the_score(value: float) -> None:
    with pytest.raises(BrokenEnvironmentError, match=f"scores: educational: found {value} for the document"):
        scored_by("educational", Says(value), PAGE)
    page = Page(**{**{name: getattr(PAGE, name) for name in PAGE.__slots__}, "measures": {"m": value}})
    with pytest.raises(BrokenEnvironmentError, match=f"scores: kana: found {value}"):
        known_scores([Score(name="kana", measure="m")], page)


def test_a_page_on_which_a_model_fails_goes_on_without_that_score() -> None:
    assert scored_by("educational", Says(ValueError("no such text")), PAGE) == PAGE
    with pytest.raises(ImportError):
        scored_by("educational", Says(ImportError("gone")), PAGE)


def test_copies_are_those_of_the_cluster() -> None:
    page = Page(**{**{name: getattr(PAGE, name) for name in PAGE.__slots__}, "cluster": Cluster(size=7)})
    assert known_scores([Score(name="copies", copies=True)], page).scores == {"copies": 7.0}
