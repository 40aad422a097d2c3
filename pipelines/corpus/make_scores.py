"""The scores that models give, made where they are not there yet: a part and a model at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import apache_beam as beam

from tesuki.pipelines.corpus.plan import Plan
from tesuki.pipelines.corpus.request import Request
from tesuki.pipelines.corpus.scrub import remove_leftovers
from tesuki.pipelines.engine.launcher import run
from tesuki.pipelines.engine.numbers import Numbers
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.chunk import Chunk, chunks
from tesuki.pipelines.journey.station import Station
from tesuki.pipelines.reading.stored_pages import PageStore
from tesuki.pipelines.scoring.step import ScoredBy, open_scoring, score_tables
from tesuki.pipelines.storage.judged_part import Part
from tesuki.pipelines.storage.part_writer import WriteParts, read_seal
from tesuki.pipelines.storage.parts import JudgedParts


def make_scores(request: Request, plan: Plan, store: PageStore, tables: JudgedParts) -> JudgedParts:
    """The ``tables`` with those of the scores of their pages, for each model of the recipe."""
    folders = {model: request.parts / "scores" / plan.scores[model.name] for model in models_of(request)}
    waiting = [
        model for model, folder in folders.items() if any(read_seal(folder, part.pages) is None for part in plan.parts)
    ]
    if waiting:

        def build(pipeline: beam.Pipeline) -> None:
            for model in waiting:
                score(pipeline, plan.parts, request.parts / "pages", folders[model], store, model)

        run(build, request.local_options)
    remove_leftovers(request.parts, (f"scores/{folder.name}" for folder in folders.values()))
    for folder in folders.values():
        for part in plan.parts:
            _check_scored(folder, part.pages)
    return tables.with_scores((model.name, folder) for model, folder in folders.items())


def models_of(request: Request) -> list[ScoredBy]:
    """The models that the recipe names."""
    return [
        ScoredBy(score.name, request.folder / score.model, score.input, tuple(sorted(score.labels.items())))
        for score in request.recipe.scores
        if score.model is not None
    ]


def score(
    pipeline: beam.Pipeline, parts: Sequence[Part], pages: Path, folder: Path, store: PageStore, model: ScoredBy
) -> None:
    """Add to ``pipeline`` the way from the tables in ``pages`` of ``parts`` to what ``model`` says, in ``folder``; what
    is sealed there stays."""
    _ = (
        pipeline
        | f"parts for {model.name}" >> Numbers(len(parts))
        | f"pages for {model.name}" >> beam.FlatMap(partial(read_pages, store, parts, pages, folder))
        | Station(f"score {model.name}", partial(open_scoring, model))
        | WriteParts(f"write {model.name}", folder, partial(score_tables, model.name))
    )


def read_pages(store: PageStore, parts: Sequence[Part], folder: Path, scored: Path, number: int) -> Iterator[Chunk]:
    """The pages of a part as stations 1 to 5 left them, unless they are ``scored``."""
    part = parts[number]
    if read_seal(scored, part.pages) is None:
        path = folder / f"{part.pages}.pages.parquet"
        yield from chunks(part.pages, store.pages(path, part.range.subset), "read pages")


def _check_scored(folder: Path, pages: str) -> None:
    if read_seal(folder, pages) is None:
        raise WorkError(
            f"scores of part {pages} are not there although the pipeline ended: the runner lost them. "
            "Run the same command again."
        )
