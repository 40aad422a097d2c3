"""The scores of a document: those that models gave, read from their tables, and those that are known without one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from tesuki.pipelines.errors import BrokenEnvironmentError
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.recipe.sections import Score

DIGITS = 6
"""Decimals that are kept: what processors add differently lies below, in models of single precision."""


def checked(name: str, score: float, page: Page) -> float:
    """``score`` rounded to `DIGITS`. Raises `BrokenEnvironmentError` naming the field where it is no number."""
    if not math.isfinite(score):
        raise BrokenEnvironmentError(
            f"scores: {name}: found {score} for the document {page.id}; expected a number. "
            "Choose another measure or model for this score."
        )
    return round(score, DIGITS)


MEASURED: Mapping[bool, Callable[[Score, Page], float | None]] = {
    True: lambda score, page: float(page.cluster.size),
    False: lambda score, page: page.measures.get(score.measure or ""),
}
"""What is known of a page without a model, by whether the score is its copies."""


def known_scores(scores: Sequence[Score], page: Page) -> Page:
    """``page`` with the scores that are measures or copies, where it stays; nobody asks for those of the others."""
    if not page.verdict.keep or page.duplicate is not None:
        return page
    found = dict(page.scores)
    for score in scores:
        value = MEASURED[score.copies](score, page) if score.model is None else None
        if value is not None:
            found[score.name] = checked(score.name, value, page)
    return replace(page, scores=found)


def read_scores(tables: Sequence[tuple[str, Path]], rows: int) -> Iterator[Mapping[str, float]]:
    """The scores of each of ``rows`` pages in the ``tables`` of their part, which are (name, path); one table's column
    of a part is some megabytes at most.
    """
    columns = [(name, pq.read_table(path, columns=["score"])["score"].to_pylist()) for name, path in tables]
    for row in range(rows):
        yield {name: column[row] for name, column in columns if column[row] is not None}
