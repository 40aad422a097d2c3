"""The second pipeline: which pages have been seen before. Keys and document numbers travel, never text.

Every part writes down who goes (`tesuki.pipelines.storage.schemas.DROPS`); the pages themselves stay where they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import apache_beam as beam

from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import DedupParameters
from tesuki.pipelines.deduplication.chains import FollowChains
from tesuki.pipelines.deduplication.claims import (
    CLAIMS,
    EDGES,
    by_part,
    claims_of_part,
    edges_across_parts,
    edges_of_part,
    one_edge_each,
)
from tesuki.pipelines.deduplication.descriptions import Compare, verified
from tesuki.pipelines.deduplication.drops import REMOVED, nothing_dropped, write_drops, write_removals
from tesuki.pipelines.deduplication.index.band_index import open_band_index
from tesuki.pipelines.deduplication.numbering import documents_in
from tesuki.pipelines.storage.key_ranges import key_bits_for

GROUP_CLAIMS = 1 << 21
"""Claims of one band that a worker should hold at a time: 2 million of 24 bytes are 50 MB."""


def deduplicate(
    pipeline: beam.Pipeline,
    judged: Sequence[Path],
    folder: Path,
    parameters: DedupParameters,
    order: KeepOrder,
    *,
    verify_similarity: float | None = None,
    earlier: Sequence[Path] = (),
    earlier_stay: bool = True,
    staying: frozenset[str] = frozenset(),
    group_claims: int = GROUP_CLAIMS,
) -> beam.PCollection:
    """Add to ``pipeline`` all that writes ``<part>.drops.parquet`` below ``folder`` for each ``judged`` part.

    Who stays depends on the documents alone: not on workers, bundles, the order of ``judged`` or how
    documents are spread over parts. Documents of the parts named in ``staying``, and those that an index says stay,
    push out all others, whatever ``order`` says. With ``verify_similarity`` a match counts only where the estimated
    similarity of the two documents is at least that. ``earlier`` are folders of band indexes; their documents
    stay and push out new ones, or, if not ``earlier_stay``, compete by ``order`` like all others. Those that lose are
    listed in ``removals/<index>/<part>.removals.parquet`` for the older corpus. ``group_claims`` bounds what one worker
    holds. Returns the paths written. Raises `RequestError` for an index made with other settings.
    """
    indexes = [open_band_index(index, parameters, order) for index in earlier]
    documents = documents_in(judged, indexes, staying)
    key_bits = key_bits_for(documents.rows, group_claims)

    parts = (
        pipeline | "parts" >> beam.Create(range(documents.judged), reshuffle=False) | "spread parts" >> beam.Reshuffle()
    )
    claims, edges_within = parts | "claims" >> beam.FlatMap(
        partial(claims_of_part, documents, parameters, order, key_bits)
    ).with_outputs(CLAIMS, EDGES)
    edges_across = (
        claims
        | "buckets" >> beam.GroupByKey()
        | "first of each bucket" >> beam.FlatMapTuple(partial(edges_across_parts, documents, earlier_stay))
    )
    edges = (
        (edges_within, edges_across)
        | "all edges" >> beam.Flatten()
        | "edges of a part" >> beam.GroupByKey()
        | "to bucket firsts" >> beam.MapTuple(edges_of_part)
    )
    if verify_similarity is not None:
        edges = (
            edges
            | "compare candidates" >> Compare(documents)
            | "verify" >> beam.MapTuple(partial(verified, verify_similarity))
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
