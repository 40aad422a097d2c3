"""Which row of the mixture a document is of: its subset's, or the bucket that its scores put it in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.recipe.buckets import Buckets as Section
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.storage.corpus_folder import DocumentFile
from tesuki.pipelines.storage.measures import measure_columns
from tesuki.tokenize.buckets import Axis, Bounds, Buckets, Floats, row_name
from tesuki.tokenize.quantiles import exact_quantiles

ROWS_AT_ONCE = 65_536
"""Documents whose scores are read at once."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the mixture: its name, its subset, its repeats, and what it holds, None for a whole subset."""

    name: str
    subset: str
    repeats: Fraction
    holds: Bounds | None = None


def resolved_buckets(recipe: Recipe, files: Sequence[DocumentFile]) -> dict[str, Buckets]:
    """The buckets of each subset that has any, quantiles as the scores of the documents in ``files`` have them."""
    return {
        name: buckets_of(subset.buckets, [file for file in files if file.subset == name])
        for name, subset in recipe.subsets.items()
        if subset.buckets is not None
    }


def buckets_of(section: Section, files: Sequence[DocumentFile]) -> Buckets:
    """The buckets that ``section`` of a recipe makes of the subset whose documents lie in ``files``."""
    paths = [file.path for file in files]
    return Buckets(
        tuple(
            Axis(name, section.edges[name])
            if name in section.edges
            else Axis(name, exact_quantiles(partial(_column, paths, name), section.quantiles[name]))
            for name in section.by
        )
    )


def declared_buckets(recipe: Recipe, holds: Mapping[str, Bounds | None]) -> dict[str, Buckets]:
    """The buckets of a finished corpus, from what each row of its mixture ``holds``, quantiles as they were then."""
    found = {}
    for name, subset in recipe.subsets.items():
        if subset.buckets is not None:
            by = subset.buckets.by
            sizes = {score: len(subset.buckets.cuts(score)) for score in by}
            axes = (Axis(score, _edges_held(name, score, by, sizes[score], holds)) for score in by)
            found[name] = Buckets(tuple(axes))
    return found


def _edges_held(
    subset: str, score: str, by: Sequence[str], size: int, holds: Mapping[str, Bounds | None]
) -> tuple[float, ...]:
    """Where the intervals of ``score`` begin, read off the buckets that are the lowest by all other scores."""
    edges = []
    for number in range(1, size + 1):
        bucket = ".".join(f"{each}-{number if each == score else 0}" for each in by)
        held = holds.get(row_name(subset, bucket)) or {}
        low = held.get(score, (None, None))[0]
        if low is None:
            raise WorkError(f"mixture: {row_name(subset, bucket)} does not say from which {score} it begins")
        edges.append(low)
    return tuple(edges)


def mixture_plan(recipe: Recipe, buckets: Mapping[str, Buckets]) -> tuple[Row, ...]:
    """The rows of the mixture, in the recipe's order of subsets, each subset's ``buckets`` from the lowest."""
    rows: list[Row] = []
    for name, subset in recipe.subsets.items():
        if subset.buckets is None:
            rows.append(Row(name, name, subset.repeats))
            continue
        cells = zip(buckets[name].names, subset.buckets.table, buckets[name].bounds, strict=True)
        rows += [Row(row_name(name, bucket), name, subset.repeats * ratio, bounds) for bucket, ratio, bounds in cells]
    return tuple(rows)


def rows_of_documents(subset: str, buckets: Buckets | None, scores: pa.Array) -> list[str]:
    """The row of each document of ``subset`` with these ``scores``. Raises `WorkError` for one that is no number."""
    if buckets is None:
        return [subset] * len(scores)
    names = [row_name(subset, bucket) for bucket in buckets.names]
    columns = score_columns(scores, [axis.score for axis in buckets.axes])
    return [names[place] for place in buckets.places(columns)]


def score_columns(scores: pa.Array, names: Iterable[str]) -> dict[str, Floats]:
    """Of each of ``names`` the value in every row of a column ``scores``, NaN where a row has none.

    Raises `WorkError` naming the score for a value that is no finite number: documents hold none.
    """
    flat = scores.flatten()
    odd = flat.filter(pc.invert(pc.fill_null(pc.is_finite(flat.field(1)), False)))
    if len(odd):
        found = odd[0].as_py()
        raise WorkError(
            f"documents/: scores: {printable(str(found['name']))}: found {found['value']}, expected a number"
        )
    there = dict(measure_columns(scores))
    return {name: there.get(name, np.full(len(scores), np.nan)) for name in names}


def _column(paths: Sequence[Path], name: str) -> Iterator[Floats]:
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=["scores"]):
                yield score_columns(batch.column(0), [name])[name]
