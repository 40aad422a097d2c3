"""The second pipeline: which pages have been seen before. Keys and document numbers travel, never text.

Every part writes down who goes (`tesuki.pipelines.parts.DROPS`); the pages themselves stay where they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import apache_beam as beam
from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import DedupParameters
from tesuki.pipelines.dedup_chains import FollowChains
from tesuki.pipelines.dedup_claims import (
    CLAIMS,
    EDGES,
    by_part,
    claims_of_part,
    edges_across_parts,
    edges_of_part,
)
from tesuki.pipelines.dedup_documents import documents_in
from tesuki.pipelines.dedup_drops import ask_for, describe, write_drops

GROUP_CLAIMS = 1 << 21
"""Claims of one band that a worker should hold at a time: 2 million of 24 bytes are 50 MB, sorted in about
150 MB.
"""


def deduplicate(
    pipeline: beam.Pipeline,
    judged: Sequence[Path],
    folder: Path,
    parameters: DedupParameters,
    order: KeepOrder,
    group_claims: int = GROUP_CLAIMS,
) -> beam.PCollection:
    """Add to ``pipeline`` all that writes ``<part>.drops.parquet`` below ``folder`` for each ``judged`` part.

    Returns the paths written. Who stays depends on the documents alone: not on workers, bundles, the order of
    ``judged`` or how documents are spread over parts. ``group_claims`` bounds what one worker holds.
    """
    documents = documents_in(judged)
    key_bits = (max(0, documents.rows - 1) // group_claims).bit_length()

    parts = (
        pipeline
        | "parts" >> beam.Create(range(len(documents.paths)), reshuffle=False)
        | "spread parts" >> beam.Reshuffle()
    )
    read = parts | "claims" >> beam.FlatMap(
        partial(claims_of_part, documents, parameters, order, key_bits)
    ).with_outputs(CLAIMS, EDGES)
    across = (
        read[CLAIMS]
        | "buckets" >> beam.GroupByKey()
        | "first of each bucket" >> beam.FlatMapTuple(partial(edges_across_parts, documents))
    )
    edges = (
        (read[EDGES], across)
        | "all edges" >> beam.Flatten()
        | "edges of a part" >> beam.GroupByKey()
        | "one edge a duplicate" >> beam.MapTuple(edges_of_part)
    )
    kept = (
        edges
        | "follow chains" >> FollowChains(buckets=1 << key_bits)
        | "back to parts" >> beam.FlatMapTuple(by_part)
    )
    described = (
        kept
        | "ask" >> beam.FlatMapTuple(ask_for)
        | "asked of a part" >> beam.GroupByKey()
        | "describe" >> beam.FlatMapTuple(partial(describe, documents))
    )
    return (
        {"parts": parts | beam.Map(keyed), "edges": kept, "described": described}
        | "drops of a part" >> beam.CoGroupByKey()
        | "write drops" >> beam.MapTuple(partial(write_drops, documents, folder))
    )


def keyed(part: int) -> tuple[int, None]:
    """``part`` as a key, so that a part without duplicates is written too."""
    return part, None
