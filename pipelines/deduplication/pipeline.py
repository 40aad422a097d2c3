"""The second pipeline: which pages have been seen before. Keys and document numbers travel, never text.

Every part writes down who goes (`tesuki.pipelines.storage.schemas.DROPS`); the pages themselves stay where they are.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import apache_beam as beam
import numpy as np

from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import DedupParameters
from tesuki.filters.hosts import Denied
from tesuki.pipelines.deduplication.chains import FollowChains
from tesuki.pipelines.deduplication.claims import (
    CLAIMS,
    EDGES,
    by_part,
    claims_of_unit,
    edges_across_units,
    edges_of_unit,
    one_edge_each,
)
from tesuki.pipelines.deduplication.descriptions import Compare, verified
from tesuki.pipelines.deduplication.drops import REMOVED, nothing_dropped, write_drops, write_removals
from tesuki.pipelines.deduplication.index.band_index import open_band_index
from tesuki.pipelines.deduplication.numbering import UNITS, documents_in, units_of
from tesuki.pipelines.engine.numbers import Numbers
from tesuki.pipelines.storage.key_ranges import key_bits_for
from tesuki.pipelines.storage.numbered import write_rows

GROUP_CLAIMS = 1 << 21
"""Claims of one band that a worker should hold at a time: 2 million of 24 bytes are 50 MB."""

BLOCK_ROWS = 64
"""Rows of a unit for each range of keys: what a block of claims holds then costs little beside its claims."""

UNIT_ROWS = (1 << 12, 1 << 18)
"""Bounds of a unit's rows: fewer are not worth an element, and the claims of more (24 bytes a band) fill a worker."""


@dataclass(frozen=True, slots=True)
class DedupSettings:
    """How documents are compared, and who stays.

    With ``verify_similarity`` a match counts only where the estimated similarity of the two documents is at least
    that. ``earlier`` are folders of band indexes; their documents stay and push out new ones, or, if not
    ``earlier_stay``, compete by ``order`` like all others. Documents of the parts named in ``staying``, and those that
    an index says stay, push out all others, whatever ``order`` says. Documents whose addresses ``refused`` names are
    not compared. ``group_claims`` bounds what one worker holds.
    """

    parameters: DedupParameters
    order: KeepOrder
    verify_similarity: float | None = None
    earlier: tuple[Path, ...] = ()
    earlier_stay: bool = True
    staying: frozenset[str] = frozenset()
    refused: Denied | None = None
    group_claims: int = GROUP_CLAIMS


def deduplicate(
    pipeline: beam.Pipeline, judged: Iterable[Path], folder: Path, settings: DedupSettings
) -> beam.PCollection:
    """Add to ``pipeline`` all that writes ``<part>.drops.parquet`` below ``folder`` for each ``judged`` part.

    Who stays depends on the documents alone: not on workers, bundles, the order of ``judged`` or how documents are
    spread over parts. Documents of earlier indexes that lose are listed in
    ``removals/<index>/<part>.removals.parquet`` for the older corpus. What workers look up by number lies beside
    ``folder`` until `forget_tables`. Returns the paths written. Raises `RequestError` for an index made with other
    settings.
    """
    parameters, order = settings.parameters, settings.order
    indexes = [open_band_index(index, parameters, order) for index in settings.earlier]
    documents = documents_in(judged, _tables(folder) / "files.arrow", indexes, settings.staying)
    key_bits = key_bits_for(documents.total, settings.group_claims)
    units = write_rows(
        _tables(folder) / "units.arrow",
        UNITS,
        units_of(documents.judged_rows(), int(np.clip(BLOCK_ROWS << key_bits, *UNIT_ROWS))),
    )
    parts = pipeline | "parts" >> Numbers(documents.judged)
    make_claims = beam.FlatMap(partial(claims_of_unit, documents, units, parameters, order, settings.refused, key_bits))
    # Left to Beam, the name of a transform with several outputs is the text of all that was given to it.
    make_claims.label = "claims"
    claims, edges_within = pipeline | "units" >> Numbers(len(units)) | make_claims.with_outputs(CLAIMS, EDGES)
    edges_across = (
        claims
        | "buckets" >> beam.GroupByKey()
        | "first of each bucket"
        >> beam.FlatMapTuple(partial(edges_across_units, documents, units, settings.earlier_stay))
    )
    edges = (
        (edges_within, edges_across)
        | "all edges" >> beam.Flatten()
        | "edges of a unit" >> beam.GroupByKey()
        | "to bucket firsts" >> beam.MapTuple(edges_of_unit)
    )
    if settings.verify_similarity is not None:
        edges = (
            edges
            | "candidates of a part" >> beam.FlatMapTuple(by_part)
            | "compare candidates" >> Compare(documents)
            | "verify" >> beam.MapTuple(partial(verified, settings.verify_similarity))
        )
    compared = (
        edges
        | "one edge a duplicate" >> beam.MapTuple(one_edge_each)
        | "follow chains" >> FollowChains(buckets=1 << key_bits)
        | "back to parts" >> beam.FlatMapTuple(by_part)
        | "compare" >> Compare(documents)
    )
    drops = (
        (compared, parts | "every part" >> beam.Map(nothing_dropped))
        | "all drops" >> beam.Flatten()
        | "drops of a part" >> beam.GroupByKey()
    )
    written = drops | "write drops" >> beam.FlatMapTuple(partial(write_drops, documents, folder))
    removals = drops | "write removals" >> beam.FlatMapTuple(partial(write_removals, documents, folder / REMOVED))
    return (written, removals) | "written" >> beam.Flatten()


def forget_tables(folder: Path) -> None:
    """Remove what only the pipeline that `deduplicate` added to needed beside ``folder``."""
    shutil.rmtree(_tables(folder))


def _tables(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-tables")
