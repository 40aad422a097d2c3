"""The third pipeline: what survived to documents, tokens and shards. Stations 8 to 12."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import apache_beam as beam
import pyarrow.parquet as pq

from tesuki.filters.hosts import host_of
from tesuki.pipelines.corpus.extract_pipeline import CRASH
from tesuki.pipelines.journey.chunk import Chunk, chunks
from tesuki.pipelines.journey.page import Cluster, Fate, Page, leave
from tesuki.pipelines.journey.station import OpenStep, Station, plain
from tesuki.pipelines.levelling.clusters import Clusters, GatherClusters, JudgedPart, strictest_name
from tesuki.pipelines.levelling.page_level import TAKEN_DOWN, LevelPage, PageLevel
from tesuki.pipelines.reading.stored_pages import PageStore
from tesuki.pipelines.storage.documents import LEDGER, LEDGER_ORDER, document_tables
from tesuki.pipelines.storage.part_writer import WriteParts
from tesuki.pipelines.storage.rows import duplicate_of, fates_of, verdict_of
from tesuki.release_levels.page_lists import text_hash


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """What stations 6 to 10 need to know of the recipe."""

    store: PageStore
    unwanted_hosts: OpenStep
    mend: OpenStep
    level_page: LevelPage


def documents(pipeline: beam.Pipeline, parts: Sequence[JudgedPart], folder: Path, settings: DocumentSettings) -> None:
    """Add to ``pipeline`` the way from judged parts to ``documents/`` and ``ledger/`` below ``folder``."""
    _ = (
        pipeline
        | "judged parts" >> beam.Create(parts, reshuffle=False)
        | "spread parts" >> beam.Reshuffle()
        | GatherClusters(settings.store, settings.level_page)
        | "read judged" >> beam.FlatMapTuple(partial(read_judged, settings.store))
        | Station("withhold", plain(partial(withhold, settings.level_page)))
        | Station("measure", plain(leave_if_rejected))
        | Station("deduplicate", plain(leave_if_duplicate))
        | Station("hosts", settings.unwanted_hosts)
        | Station("mend", settings.mend)
        | Station("level", plain(partial(level_cluster, settings.level_page)))
        | WriteParts("write documents", folder, document_tables, {LEDGER: LEDGER_ORDER})
    )


def surviving_texts(pipeline: beam.Pipeline, parts: Sequence[JudgedPart], store: PageStore) -> beam.PCollection:
    """(host, text) of every page that passed the rules and is no duplicate."""
    return (
        pipeline
        | "parts of texts" >> beam.Create(parts, reshuffle=False)
        | "spread parts of texts" >> beam.Reshuffle()
        | "texts" >> beam.FlatMap(partial(_surviving, store))
    )


def read_judged(store: PageStore, part: JudgedPart, clusters: Clusters) -> Iterator[Chunk]:
    """The pages of a part with what is known of them by now; the first chunk brings the fates of stations 1-5."""
    earlier = tuple(fates_of(pq.read_table(part.fates)))
    for chunk in chunks(part.part, _judged_pages(store, part, clusters), "read judged"):
        yield replace(chunk, fates=(*earlier, *chunk.fates)) if chunk.number == 0 else chunk


def withhold(level_page: LevelPage, page: Page) -> Page | Fate:
    """A page that is LZ, or stands for one that is, leaves before anything else is done with it.

    The others go on with what a take-down will ask of their text as extracted.
    """
    page = replace(page, characters=len(page.text), text_hash=text_hash(page.text))
    decision = level_page(page)
    rule = rule_of_withheld(decision, page.cluster)
    return leave(page, "withheld", "withhold", rule) if rule else replace(page, evidence=decision.evidence)


def rule_of_withheld(decision: PageLevel, cluster: Cluster) -> str:
    """By which rule a page is withheld, ``""`` for one that is not. A take-down comes last, see `LevelPage`."""
    own = decision.rule if decision.level == "LZ" else ""
    return cluster.withheld or own if own in ("", TAKEN_DOWN) else own


def leave_if_rejected(page: Page) -> Page | Fate:
    """Station 6's verdict, carried out."""
    if page.verdict.keep:
        return page
    if page.verdict.rule and page.verdict.rule.endswith(CRASH):
        return leave(page, "dead", "measure", page.verdict.rule)
    return leave(
        page,
        "rejected",
        "measure",
        f"quality.{page.verdict.rule}",
        value=page.verdict.value,
        threshold=page.verdict.threshold,
    )


def leave_if_duplicate(page: Page) -> Page | Fate:
    """Station 7's decision, carried out."""
    if page.duplicate is None:
        return page
    rule = "duplicate.exact" if page.duplicate.band < 0 else "duplicate.near"
    band = "" if page.duplicate.band < 0 else f"band {page.duplicate.band}"
    fate = leave(page, "duplicate", "deduplicate", rule, value=page.duplicate.similarity, detail=band)
    return replace(fate, duplicate_of=page.duplicate.duplicate_of)


def level_cluster(level_page: LevelPage, page: Page) -> Page | Fate:
    """Station 10: the page's own level or its cluster's strictest, whichever is stricter.

    A list may name a text by its hash after mending: then it is found here.
    """
    decision = level_page(page)
    level = strictest_name(name for name in (decision.level, page.cluster.strictest) if name)
    if level == "LZ":
        return leave(page, "withheld", "level", decision.rule)
    return replace(page, level=level, evidence=decision.evidence)


def _surviving(store: PageStore, part: JudgedPart) -> Iterator[tuple[str, str]]:
    for page in _judged_pages(store, part, {}):
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
        pages = zip(store.pages(part.pages, part.subset), judged, strict=True)
        for row, (page, known) in enumerate(pages):
            page = replace(page, measures=dict(known["measures"]), verdict=verdict_of(known), duplicate=drops.get(row))
            yield replace(page, cluster=clusters[row]) if row in clusters else page


_JUDGED_COLUMNS = ["measures", "keep", "rule", "value", "threshold"]
