"""Chains of duplicates followed to their ends, over pairs of document numbers only and without one worker for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from tesuki.dedup.chains import follow, step
from tesuki.dedup.claims import EDGE, make_edges
from tesuki.dedup.mixing import mix64
from tesuki.pipelines.deduplication.packing import packed, unpacked
from tesuki.pipelines.storage.key_ranges import runs

HOPS = 3
"""Hops before what is left goes to one worker: each doubles the reach, so 3 bring chains of 8 to their end."""

POINTER = np.dtype([*EDGE.descr, ("ended", "?")])
"""An edge on its way: ``first`` is the document reached so far, ``ended`` whether that one is kept."""

ANSWER = np.dtype([("asked", "<u8"), ("next", "<u8"), ("moved", "?")])
"""Where the document asked for points, and whether it points anywhere."""

NUMBER = np.dtype("<u8")
"""The number of a document."""


class FollowChains(beam.PTransform):
    """(any key, edges, one for each loser) to (bucket, the same edges pointing at documents that are kept).

    With one bucket the pointers are followed where they lie. With more, each bucket asks the others where
    they point (each target once, however many point there); what `HOPS` such hops leave open is rare enough
    to be followed in one place.
    """

    def __init__(self, buckets: int) -> None:
        super().__init__()
        self._buckets = buckets

    def expand(self, edges: beam.PCollection) -> beam.PCollection:
        """Bucket by loser, hop, finish."""
        pointers = (
            edges
            | "by loser" >> beam.FlatMapTuple(partial(spread, self._buckets))
            | "gather buckets" >> beam.GroupByKey()
            | "follow within" >> beam.MapTuple(follow_within)
        )
        if self._buckets == 1:
            return pointers | "as edges" >> beam.MapTuple(as_edges)
        for number in range(1, HOPS + 1):
            pointers |= f"hop {number}" >> Hop(self._buckets)
        long_chains = (
            pointers
            | "long chains" >> beam.FlatMapTuple(partial(select, False, 0))
            | "gather long chains" >> beam.GroupByKey()
            | "follow long chains" >> beam.MapTuple(follow_within)
            | "back to buckets" >> beam.FlatMapTuple(partial(spread_pointers, self._buckets))
        )
        ended = pointers | "ended" >> beam.FlatMapTuple(partial(select, True, None))
        return (
            (ended, long_chains)
            | "all chains" >> beam.Flatten()
            | "last hop" >> Hop(self._buckets)
            | "as edges" >> beam.MapTuple(as_edges)
        )


class Hop(beam.PTransform):
    """(bucket, pointers) to the same, each pointer moved to where its document points."""

    def __init__(self, buckets: int) -> None:
        super().__init__()
        self._buckets = buckets

    def expand(self, pointers: beam.PCollection) -> beam.PCollection:
        """Ask, answer, move."""
        asked = pointers | "ask" >> beam.FlatMapTuple(partial(ask, self._buckets))
        answered = (
            {"pointers": pointers, "asked": asked}
            | "meet" >> beam.CoGroupByKey()
            | "answer" >> beam.FlatMapTuple(answer)
        )
        return (
            {"pointers": pointers, "answers": answered}
            | "meet again" >> beam.CoGroupByKey()
            | "move" >> beam.MapTuple(move)
        )


def spread(buckets: int, _: object, edges: bytes) -> Iterator[tuple[int, bytes]]:
    """Edges as pointers, by the bucket of the loser."""
    rows = unpacked([edges], EDGE)
    pointers = np.zeros(len(rows), dtype=POINTER)
    for name in EDGE.names or ():
        pointers[name] = rows[name]
    yield from _by_bucket(buckets, pointers)


def spread_pointers(buckets: int, _: object, pointers: bytes) -> Iterator[tuple[int, bytes]]:
    """Pointers, by the bucket of the loser."""
    yield from _by_bucket(buckets, unpacked([pointers], POINTER))


def follow_within(bucket: int, blocks: Iterable[bytes]) -> tuple[int, bytes]:
    """Pointers of one bucket followed as far as the bucket itself knows."""
    pointers = unpacked(blocks, POINTER)
    pointers["first"] = follow(pointers["loser"], pointers["first"])
    return bucket, packed(pointers)


def select(ended: bool, key: int | None, bucket: int, pointers: bytes) -> Iterator[tuple[int, bytes]]:
    """The pointers that have ``ended`` or not, if any, under ``key`` or where they were."""
    rows = unpacked([pointers], POINTER)
    rows = rows[rows["ended"] == ended]
    if len(rows):
        yield bucket if key is None else key, packed(rows)


def as_edges(bucket: int, pointers: bytes) -> tuple[int, bytes]:
    """Pointers at their end, as the edges they have become."""
    rows = unpacked([pointers], POINTER)
    return bucket, packed(make_edges(rows["loser"], rows["first"], rows["band"]))


def ask(buckets: int, bucket: int, pointers: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """By the bucket that can answer: who asks, and for which documents."""
    rows = unpacked([pointers], POINTER)
    targets = np.unique(rows["first"][~rows["ended"]])
    for other, some in _buckets_of(targets, buckets):
        yield other, (bucket, packed(targets[some]))


def answer(_: int, met: Mapping[str, Iterable[Any]]) -> Iterator[tuple[int, bytes]]:
    """To each bucket that asked: where the documents it asked for point."""
    known = unpacked(met["pointers"], POINTER)
    order = np.argsort(known["loser"])
    losers, firsts = known["loser"][order], known["first"][order]
    for asker, block in met["asked"]:
        targets = unpacked([block], NUMBER)
        answers = np.empty(len(targets), dtype=ANSWER)
        answers["asked"] = targets
        answers["next"], answers["moved"] = step(targets, losers, firsts)
        yield asker, packed(answers)


def move(bucket: int, met: Mapping[str, Iterable[Any]]) -> tuple[int, bytes]:
    """The pointers of one bucket after the answers: one whose document points nowhere has ended."""
    pointers = unpacked(met["pointers"], POINTER)
    answers = np.sort(unpacked(met["answers"], ANSWER), order="asked")
    underway = np.flatnonzero(~pointers["ended"])
    places = np.searchsorted(answers["asked"], pointers["first"][underway])
    pointers["first"][underway] = answers["next"][places]
    pointers["ended"][underway] = ~answers["moved"][places]
    return bucket, packed(pointers)


def _by_bucket(buckets: int, pointers: NDArray[np.void]) -> Iterator[tuple[int, bytes]]:
    for bucket, some in _buckets_of(pointers["loser"], buckets):
        yield bucket, packed(pointers[some])


def _buckets_of(documents: NDArray[np.uint64], buckets: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Each bucket that some of ``documents`` fall in, and the rows that do."""
    numbers = (mix64(documents) % np.uint64(buckets)).astype(np.int64)
    order = np.argsort(numbers, kind="stable")
    for bucket, start, stop in runs(numbers[order]):
        yield bucket, order[start:stop]
