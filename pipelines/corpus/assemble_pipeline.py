"""The third pipeline: what survived to documents, tokens and shards. Stations 8 to 12."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import apache_beam as beam
import pyarrow.parquet as pq

from tesuki.common.hosts import host_of
from tesuki.pipelines.deduplication.step import leave_if_duplicate
from tesuki.pipelines.engine.numbers import Numbers
from tesuki.pipelines.journey.chunk import Chunk, chunks
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.journey.station import OpenStep, Station, plain
from tesuki.pipelines.judging.step import leave_if_rejected
from tesuki.pipelines.levelling.clusters import Clusters, GatherClusters
from tesuki.pipelines.levelling.page_level import LevelPage
from tesuki.pipelines.levelling.step import level_cluster, withhold
from tesuki.pipelines.reading.stored_pages import PageStore
from tesuki.pipelines.recipe.sections import Score
from tesuki.pipelines.recipe.station_order import JudgingOrder
from tesuki.pipelines.scoring.document_scores import known_scores, read_scores
from tesuki.pipelines.storage.documents import LEDGER, LEDGER_ORDER, document_tables
from tesuki.pipelines.storage.judged_part import JudgedPart
from tesuki.pipelines.storage.part_writer import WriteParts
from tesuki.pipelines.storage.rows import duplicate_of, fates_of, verdict_of


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """What stations 6 to 10 need to know of the recipe. ``removals`` is where lists of removals lie, if any."""

    store: PageStore
    removals: Path
    unwanted_hosts: OpenStep
    scores: tuple[Score, ...]
    mend: OpenStep
    level_page: LevelPage
    order: JudgingOrder


def documents(pipeline: beam.Pipeline, parts: Sequence[JudgedPart], folder: Path, settings: DocumentSettings) -> None:
    """Add to ``pipeline`` the way from judged parts to ``documents/`` and ``ledger/`` below ``folder``."""
    steps = {
        "measure": plain(leave_if_rejected),
        "deduplicate": plain(leave_if_duplicate),
        "hosts": settings.unwanted_hosts,
    }
    first, second, third = settings.order
    _ = (
        pipeline
        | "judged parts" >> Numbers(len(parts))
        | GatherClusters(parts, settings.store, settings.level_page, settings.removals)
        | "read judged" >> beam.FlatMapTuple(partial(read_judged, settings.store, settings.scores, parts))
        | Station("withhold", plain(partial(withhold, settings.level_page)))
        | Station(first, steps[first])
        | Station(second, steps[second])
        | Station(third, steps[third])
        | Station("mend", settings.mend)
        | Station("level", plain(partial(level_cluster, settings.level_page)))
        | WriteParts("write documents", folder, document_tables, {LEDGER: LEDGER_ORDER})
    )


def surviving_texts(pipeline: beam.Pipeline, parts: Sequence[JudgedPart], store: PageStore) -> beam.PCollection:
    """(host, text) of every page that passed the rules and is no duplicate."""
    return (
        pipeline | "parts of texts" >> Numbers(len(parts)) | "texts" >> beam.FlatMap(partial(_surviving, store, parts))
    )


def read_judged(
    store: PageStore, scores: Sequence[Score], parts: Sequence[JudgedPart], number: int, clusters: Clusters
) -> Iterator[Chunk]:
    """The pages of a part with what is known of them by now; the first chunk brings the fates of stations 1-5."""
    part = parts[number]
    earlier = tuple(fates_of(pq.read_table(part.fates)))
    pages = (known_scores(scores, page) for page in _judged_pages(store, part, clusters))
    for chunk in chunks(part.part, pages, "read judged"):
        yield replace(chunk, fates=(*earlier, *chunk.fates)) if chunk.number == 0 else chunk


def _surviving(store: PageStore, parts: Sequence[JudgedPart], number: int) -> Iterator[tuple[str, str]]:
    for page in _judged_pages(store, parts[number], {}):
        if page.verdict.keep and page.duplicate is None:
            yield host_of(page.url) or "", page.text


def _judged_pages(store: PageStore, part: JudgedPart, clusters: Clusters) -> Iterator[Page]:
    drops = {row["row"]: duplicate_of(row) for row in pq.read_table(part.drops).to_pylist()}
    with pq.ParquetFile(part.judged) as file:
        judged = (
            row
            for group in range(file.num_row_groups)
            for row in file.read_row_group(group, columns=_JUDGED_COLUMNS).to_pylist()
        )
        scores = read_scores(part.scores, file.metadata.num_rows)
        pages = zip(store.pages(part.pages, part.subset), judged, scores, strict=True)
        for row, (page, known, scored) in enumerate(pages):
            page = replace(
                page,
                measures=dict(known["measures"]),
                verdict=verdict_of(known),
                duplicate=drops.get(row),
                scores=scored,
            )
            yield replace(page, cluster=clusters[row]) if row in clusters else page


_JUDGED_COLUMNS = ["measures", "keep", "rule", "value", "threshold"]
