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
from tesuki.pipelines.deduplication.chains import NUMBER
from tesuki.pipelines.deduplication.numbering import Documents, parts_of, rows_of
from tesuki.pipelines.deduplication.packing import packed, unpacked
from tesuki.pipelines.storage.key_ranges import runs

Description = tuple[bytes, list[str], list[bytes | None]]
"""Documents (packed, ascending) as others must know them: their numbers, ids and sketches."""

Compared = tuple[bytes, list[str], bytes]
"""Edges of one part (packed), and row for row the id of each edge's ``first`` and the estimated similarity to it."""

SIMILARITY = np.dtype("<f8")


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


def ask_for(part: int, edges: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """By the part that can answer: who asks, and which documents it must know, each once."""
    wanted = np.unique(unpacked([edges], EDGE)["first"])
    for other, start, stop in runs(parts_of(wanted)):
        yield other, (part, packed(wanted[start:stop]))


def describe(documents: Documents, part: int, asked: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, Description]]:
    """The descriptions of the documents of ``part`` that others asked for."""
    table = documents.columns(part, ("id", "sketch"))
    for asker, wanted in asked:
        rows = table.take(pa.array(rows_of(unpacked([wanted], NUMBER))))
        yield asker, (wanted, rows["id"].to_pylist(), rows["sketch"].to_pylist())


def compare(documents: Documents, part: int, met: Mapping[str, Iterable[Any]]) -> tuple[int, Compared]:
    """The edges of ``part`` in the order of losers, with ids and similarities.

    The similarity is 1 where a document has no sketch: shorter than an n-gram, it can only be an exact
    duplicate.
    """
    edges = np.sort(unpacked(met["edges"], EDGE), order=["loser", "band", "first"])
    described = list(met["described"])
    numbers = unpacked((block for block, _, _ in described), NUMBER)
    ids = [name for _, names, _ in described for name in names]
    sketches = [sketch for _, _, some in described for sketch in some]
    order = np.argsort(numbers)
    places = order[np.searchsorted(numbers, edges["first"], sorter=order)].tolist()
    own = documents.columns(part, ("sketch",))["sketch"].take(pa.array(rows_of(edges["loser"]))).to_pylist()
    pairs = [(row, mine, sketches[place]) for row, (mine, place) in enumerate(zip(own, places, strict=True))]
    both = [pair for pair in pairs if pair[1] is not None and pair[2] is not None]
    similarities = np.ones(len(edges), dtype=SIMILARITY)
    if both:
        similarities[[row for row, _, _ in both]] = estimate_similarities(
            _bytes([mine for _, mine, _ in both]), _bytes([other for _, _, other in both])
        )
    return part, (packed(edges), [ids[place] for place in places], packed(similarities))


def verified(threshold: float, part: int, compared: Compared) -> tuple[int, bytes]:
    """The edges of ``part`` whose documents are estimated to be at least so similar."""
    edges, _, similarities = compared
    return part, packed(unpacked([edges], EDGE)[unpacked([similarities], SIMILARITY) >= threshold])


def _bytes(sketches: list[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(sketches), dtype=np.uint8).reshape(len(sketches), -1)
