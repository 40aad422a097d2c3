"""Scores by a model: a station of its own with its border on disk, so that a new score extracts nothing again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from tesuki.pipelines.errors import is_of_the_environment
from tesuki.pipelines.journey.chunk import Chunk, Step
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.scoring.document_scores import checked
from tesuki.pipelines.scoring.fasttext_model import Input
from tesuki.pipelines.scoring.models import Scorer, open_model
from tesuki.pipelines.storage.rows import score_rows

SCORES = "{part}.scores.parquet"
"""The table of a part, row for row beside its pages."""


@dataclass(frozen=True, slots=True)
class ScoredBy:
    """A model by which a score is given: the recipe's ``name`` for it, its file, and how it is asked."""

    name: str
    path: Path
    given: Input
    labels: tuple[tuple[str, float], ...]


@contextmanager
def open_scoring(model: ScoredBy) -> Iterator[Step]:
    """The step that scores pages by ``model``, opened once a worker."""
    scorer = open_model(model.path, model.given, dict(model.labels)).scorer
    yield lambda page: scored_by(model.name, scorer, page)


def scored_by(name: str, scorer: Scorer, page: Page) -> Page:
    """``page`` with its score; without one where the model fails on it: rows stand beside page rows, so none leaves.

    Raises `BrokenEnvironmentError` for a score that is no number: a model that gives one is broken.
    """
    try:
        score = scorer.score(page.text)
    except Exception as failure:  # law 7: one bad page costs one page, a broken environment the run
        if is_of_the_environment(failure):
            raise
        return page
    return replace(page, scores={**page.scores, name: checked(name, score, page)})


def score_tables(name: str, chunk: Chunk) -> Mapping[str, pa.Table]:
    """What the station leaves of a chunk."""
    return {SCORES: score_rows((page.id, page.scores.get(name)) for page in chunk.pages)}
