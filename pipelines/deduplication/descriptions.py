"""What a part must know of the documents its own rows duplicate: their ids, and how similar they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tesuki.dedup.band_keys import estimate_similarities
from tesuki.dedup.claims import EDGE
from tesuki.pipelines.deduplication.numbering import Documents, parts_of, rows_of
from tesuki.pipelines.storage.key_ranges import runs

DESCRIPTION = pa.schema([("document", pa.uint64()), ("id", pa.string()), ("sketch", pa.binary())])
"""A document as others must know it."""

Compared = tuple[NDArray[np.void], pa.Array, NDArray[np.float64]]
"""Edges of one part, and row for row the id of each edge's ``first`` and the estimated similarity to it."""


class Compare(beam.PTransform):
    """(part of the losers, edges) to (part, `Compared`), each file read once for all who ask."""

    def __init__(self, documents: Documents) -> None:
        super().__init__()
        self._documents = documents

    def expand(self, edges: beam.PCollection) -> beam.PCollection:
        """Ask, answer, compare."""
        described = (
            edges
            | "ask" >> beam.FlatMapTuple(ask_for)
            | "asked of a part" >> beam.GroupByKey()
            | "describe" >> beam.FlatMapTuple(partial(describe, self._documents))
        )
        return (
            {"edges": edges, "described": described}
            | "meet" >> beam.CoGroupByKey()
            | "compare" >> beam.MapTuple(partial(compare, self._documents))
        )


def ask_for(part: int, edges: NDArray[np.void]) -> Iterator[tuple[int, tuple[int, NDArray[np.uint64]]]]:
    """By the part that can answer: who asks, and which documents it must know, each once."""
    wanted = np.unique(edges["first"])
    for other, start, stop in runs(parts_of(wanted)):
        yield other, (part, wanted[start:stop])


def describe(
    documents: Documents, part: int, asked: Iterable[tuple[int, NDArray[np.uint64]]]
) -> Iterator[tuple[int, pa.Table]]:
    """The descriptions of the documents of ``part`` that others asked for."""
    table = documents.columns(part, ("id", "sketch"))
    for asker, wanted in asked:
        rows = table.take(pa.array(rows_of(wanted)))
        yield asker, pa.table([pa.array(wanted), rows["id"], rows["sketch"]], schema=DESCRIPTION)


def compare(documents: Documents, part: int, met: Mapping[str, Iterable[Any]]) -> tuple[int, Compared]:
    """The edges of ``part`` in the order of losers, with ids and similarities.

    The similarity is 1 where a document has no sketch: shorter than an n-gram, it can only be an exact duplicate.
    """
    edges = np.concatenate([np.empty(0, dtype=EDGE), *(block[list(EDGE.names or ())] for block in met["edges"])])
    edges = np.sort(edges, order=["loser", "band", "first"])
    described = pa.concat_tables([DESCRIPTION.empty_table(), *met["described"]]).sort_by("document")
    others = described.take(pa.array(np.searchsorted(np.asarray(described["document"]), edges["first"])))
    own = documents.columns(part, ("sketch",)).take(pa.array(rows_of(edges["loser"])))
    both = np.flatnonzero(np.asarray(own["sketch"].is_valid()) & np.asarray(others["sketch"].is_valid()))
    similarities = np.ones(len(edges), dtype=np.float64)
    if len(both):
        similarities[both] = estimate_similarities(_bytes(own["sketch"], both), _bytes(others["sketch"], both))
    return part, (edges, others["id"].combine_chunks(), similarities)


def verified(threshold: float, part: int, compared: Compared) -> tuple[int, NDArray[np.void]]:
    """The edges of ``part`` whose documents are estimated to be at least so similar."""
    edges, _, similarities = compared
    return part, edges[similarities >= threshold]


def _bytes(sketches: pa.ChunkedArray, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    joined = b"".join(sketches.take(pa.array(rows)).to_pylist())
    return np.frombuffer(joined, dtype=np.uint8).reshape(len(rows), -1)
