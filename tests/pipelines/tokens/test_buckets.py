"""Buckets on planted scores: every document in one row of the mixture, and every row repeated to the token."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam import Pipeline
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.storage.corpus_folder import DocumentFile
from tesuki.pipelines.storage.documents import document_rows
from tesuki.pipelines.storage.schemas import MEASURES
from tesuki.pipelines.tokens.buckets import (
    declared_buckets,
    mixture_plan,
    resolved_buckets,
    rows_of_documents,
    score_columns,
)
from tesuki.pipelines.tokens.mixture_rows import mixture_rows
from tesuki.pipelines.tokens.pipeline import ShardSettings, read_shard_files, read_unique_counts, shards
from tesuki.tokenize.splits import SplitFractions

SCORES = st.sampled_from([0.0, 0.999999, 1.0, 1.5, 2.0, 3.0, None])
"""On the edges, between them, and none."""


def recipe(buckets: Mapping[str, Any], **fields: Any) -> Recipe:
    subset = {"inputs": "a", "buckets": buckets, **fields}
    scores = [{"name": "edu", "measure": "m"}, {"name": "copies", "copies": True}]
    return Recipe.model_validate({"name": "r", "subsets": {"web": subset}, "scores": scores, "tokenizer": None})


def pages_of(article: Any, scores: Sequence[float | None]) -> list[Page]:
    return [
        Page(
            *("web", "a.warc.gz", number, 1, f"<urn:{number}>", f"https://h{number}.example/"),
            date="2026-05-02T03:04:05Z",
            text="\n".join(article(number % 9)[: 1 + number % 5]),
            level="L2",
            scores={} if score is None else {"edu": score, "copies": 1.0 + number % 4},
        )
        for number, score in enumerate(scores)
    ]


def written(folder: Path, groups: Sequence[Sequence[Page]], level: str = "L2") -> list[DocumentFile]:
    files = []
    for number, group in enumerate(groups):
        path = folder / "documents" / "web" / level / f"part-{number}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(document_rows([replace(page, level=level) for page in group]), path)
        files.append(DocumentFile(path, "web", level))
    return files


def mixture_of(
    folder: Path, model: Path, asked: Recipe, files: Sequence[DocumentFile], test: Fraction = Fraction(0)
) -> list[dict[str, Any]]:
    """The rows of the mixture of the documents in ``files``, made by the pipeline."""
    buckets = resolved_buckets(asked, files)
    plan = mixture_plan(asked, buckets)
    chosen = ShardSettings(
        tokenizer=model,
        document="bos text eos",
        splits=SplitFractions(Fraction(0), test),
        repeats={row.name: row.repeats for row in plan},
        buckets=buckets,
        test_subsets=frozenset(),
        shard_tokens=700,
        tokens_folder=folder / "tokens",
        shards_folder=folder / "made",
    )
    with Pipeline(runner=FnApiRunner()) as pipeline:
        shards(pipeline, files, chosen)
    made = folder / "made"
    return mixture_rows(plan, read_unique_counts(made), read_shard_files(made), made)


def exposures(folder: Path, row: Mapping[str, Any]) -> dict[str, int]:
    """How often one pass reads each document of a row, from its shards."""
    found = {}
    for shard in row["shards"]:
        with pa.memory_map(str(folder / "made" / shard["path"])) as source:
            ids = pa.ipc.open_stream(source).read_all()["id"].to_pylist()
        found |= {page: shard["times"] + (place < shard["extra_rows"]) for place, page in enumerate(ids)}
    return found


@settings(max_examples=6, deadline=None)
@given(
    scores=st.lists(SCORES, min_size=1, max_size=30),
    repeats=st.lists(st.sampled_from(["0", "1/3", "1", "3/2", "4"]), min_size=4, max_size=4),
    unscored=st.sampled_from(["0", "2"]),
)
def test_every_row_is_repeated_to_the_token(
    article: Any, model: Path, scores: list[float | None], repeats: list[str], unscored: str
) -> None:
    """Whole documents only, short of the product by less than one; 0 keeps the row, and nothing is in two rows."""
    table = [repeats[:2], repeats[2:], repeats[:2]]
    edges = {"edu": [1, 2], "copies": [3]}
    asked = recipe({"by": ["edu", "copies"], "edges": edges, "repeats": table, "unscored": unscored}, repeats="2/3")
    pages = pages_of(article, scores)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = mixture_of(folder, model, asked, written(folder, [pages[::2], pages[1::2]]))
        read = [exposures(folder, row) for row in rows]
    assert len(rows) == 7
    assert sum(row["documents"] for row in rows) == len(pages)
    met: dict[str, float | None] = {page.id: score for page, score in zip(pages, scores, strict=True)}
    for row, found, ratio in zip(rows, read, [*repeats, *repeats[:2], unscored], strict=True):
        product = row["tokens"] * Fraction(ratio) * Fraction(2, 3)
        assert Fraction(row["repeats"]) == Fraction(ratio) * Fraction(2, 3)
        assert row["training_tokens"] + row["short_by"] == math.floor(product)
        told = sum(shard["tokens"] * shard["times"] + shard["extra_tokens"] for shard in row["shards"])
        assert told == row["training_tokens"]
        assert (not row["shards"]) == (Fraction(ratio) == 0 or row["documents"] == 0)
        whole = math.floor(Fraction(row["repeats"]))
        assert set(found.values()) <= {whole, whole + 1}
        for document in found:
            low, high = (row["holds"] or {"edu": (None, None)}).get("edu", (None, None))
            score = met.pop(document)
            assert (score is None) == (row["subset"] == "web.unscored")
            assert score is None or ((low is None or low <= score) and (high is None or score < high))


def test_a_level_that_may_only_test_reaches_no_bucket_of_train(tmp_path: Path, article: Any, model: Path) -> None:
    """Law 3 bucket by bucket: LX stands in test alone, however often its bucket is repeated."""
    asked = recipe({"by": "edu", "edges": {"edu": [1]}, "repeats": [4, 4]})
    pages = pages_of(article, [0.5, 1.5] * 12)
    free, barred = pages[:12], pages[12:]
    files = [*written(tmp_path, [free]), *written(tmp_path, [barred], "LX")]
    rows = mixture_of(tmp_path, model, asked, files, test=Fraction(1, 2))
    names = {page.id for page in barred}
    there = {(row["split"], document) for row in rows for document in exposures(tmp_path, row)}
    assert {split for split, document in there if document in names} == {"test"}
    assert {split for split, document in there if document not in names} == {"test", "train"}


def test_quantiles_are_counted_over_all_files_and_found_again(tmp_path: Path, article: Any) -> None:
    pages = pages_of(article, [0.1, 0.2, 0.3, 0.3, 0.3, 0.9, None, 0.05])
    asked = recipe({"by": "edu", "quantiles": {"edu": 4}, "repeats": [0, 1, 2, 3]})
    one = resolved_buckets(asked, written(tmp_path / "one", [pages]))
    # Of seven scores in order, those at places 1, 3 and 5.
    assert one["web"].axes[0].edges == (0.1, 0.3, 0.3)
    three = resolved_buckets(asked, written(tmp_path / "three", [pages[5:], pages[:2], pages[2:5]]))
    assert one == three
    assert declared_buckets(asked, {row.name: row.holds for row in mixture_plan(asked, one)}) == one
    table = document_rows(pages)
    rows = rows_of_documents("web", one["web"], table["scores"].combine_chunks())
    # Equal values are never parted: the interval between the equal edges stays empty.
    numbers = ["edu-1", "edu-1", "edu-3", "edu-3", "edu-3", "edu-3", "unscored", "edu-0"]
    assert rows == [f"web.{number}" for number in numbers]


@pytest.mark.parametrize("value", [math.nan, math.inf, None])
def test_a_score_that_is_no_number_is_refused_by_its_name(value: float | None) -> None:
    scores = pa.array([[{"name": "edu", "value": 1.0}], [{"name": "edu", "value": value}]], MEASURES)
    with pytest.raises(WorkError, match=r"scores: edu: found .*expected a number"):
        score_columns(scores, ["edu"])
    (column,) = score_columns(scores.slice(0, 1), ["edu"]).values()
    assert column.tolist() == [1.0]
    assert np.isnan(score_columns(scores.slice(0, 1), ["other"])["other"]).all()


@pytest.mark.parametrize(
    ("buckets", "told"),
    [
        ({"by": "other", "edges": {"other": [1]}, "repeats": [1, 2]}, r"subsets\.web\.buckets\.by .*found 'other'"),
        ({"by": "edu", "repeats": [1, 2]}, "edges or quantiles of each score in by, of no other; found otherwise: edu"),
        ({"by": "edu", "edges": {"edu": [1], "copies": [2]}, "repeats": [1, 2]}, "found otherwise: copies"),
        ({"by": "edu", "edges": {"edu": [1]}, "quantiles": {"edu": 2}, "repeats": [1, 2]}, "found otherwise: edu"),
        ({"by": ["edu", "edu"], "edges": {"edu": [1]}, "repeats": [1, 2]}, "each score once in by, found edu, edu"),
        ({"by": "edu", "edges": {"edu": [2, 1]}, "repeats": [1, 2, 3]}, "ascending edges of edu, found 2.0, 1.0"),
        ({"by": "edu", "edges": {"edu": []}, "repeats": [1]}, "ascending edges of edu"),
        ({"by": "edu", "edges": {"edu": [math.nan]}, "repeats": [1, 2]}, "finite"),
        ({"by": "edu", "quantiles": {"edu": [0, 1]}, "repeats": [1, 2, 3]}, "ascending shares between 0 and 1"),
        ({"by": "edu", "quantiles": {"edu": 1}, "repeats": [1]}, "2 to 256 even shares, found 1"),
        ({"by": "edu", "quantiles": {"edu": 3}, "repeats": [1, 2]}, r"repeats of 3 intervals \(edu\), found others"),
        ({"by": "edu", "edges": {"edu": [1]}, "repeats": [1, [2]]}, r"repeats of 2 intervals \(edu\)"),
        ({"by": "edu", "edges": {"edu": [1]}, "repeats": [1, -2]}, "a ratio that is not negative"),
        ({"by": "edu", "repeats": "fineweb"}, "one of fineweb-2-ja, llm-jp-4; found 'fineweb'"),
        ({"by": ["edu", "copies"], "repeats": "llm-jp-4"}, "by to name one score for the repeats llm-jp-4"),
        ({"by": "edu", "edges": {"edu": [1]}, "repeats": "llm-jp-4"}, "neither edges nor quantiles, found some"),
        (
            {"by": ["edu", "copies"], "quantiles": {"edu": 20, "copies": 20}, "repeats": [[1] * 20] * 20},
            "at most 256 buckets, found 401",
        ),
    ],
)
def test_wrong_buckets_are_refused_by_their_field(buckets: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        recipe(buckets)


def test_the_canonical_recipe_spells_a_published_table_out_and_reads_back() -> None:
    asked = recipe({"by": "copies", "repeats": "fineweb-2-ja"})
    written_out = asked.canonical()["subsets"]["web"]["buckets"]
    assert written_out["edges"] == {"copies": [3.0, 5.0, 7.0, 11.0, 28.0, 35.0, 42.0, 64.0]}
    assert written_out["repeats"] == ["1", "2", "3", "4", "5", "4", "3", "2", "1"]
    even = recipe({"by": "edu", "quantiles": {"edu": 4}, "repeats": [0, 1, "1/2", 3]})
    assert even.canonical()["subsets"]["web"]["buckets"]["quantiles"] == {"edu": ["1/4", "1/2", "3/4"]}
    for each in (asked, even):
        assert Recipe.model_validate(each.canonical()) == each
