"""Chains of duplicates followed to their ends, over pairs of document numbers only and without one worker for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from tesuki.dedup.chains import follow, step
from tesuki.dedup.claims import EDGE
from tesuki.dedup.mixing import mix64
from tesuki.pipelines.storage.key_ranges import runs

HOPS = 3
"""Hops before what is left goes to one worker: each doubles the reach, so 3 bring chains of 8 to their end."""

POINTER = np.dtype([*EDGE.descr, ("ended", "?")])
"""An edge on its way: ``first`` is the document reached so far, ``ended`` whether that one is kept."""

ANSWER = np.dtype([("asked", "<u8"), ("next", "<u8"), ("moved", "?")])
"""Where the document asked for points, and whether it points anywhere."""

Pointers = NDArray[np.void]


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
            return pointers
        for number in range(1, HOPS + 1):
            pointers |= f"hop {number}" >> Hop(self._buckets)
        long_chains = (
            pointers
            | "long chains" >> beam.MapTuple(partial(select, False, 0))
            | "gather long chains" >> beam.GroupByKey()
            | "follow long chains" >> beam.MapTuple(follow_within)
            | "back to buckets" >> beam.FlatMapTuple(partial(spread, self._buckets))
        )
        ended = pointers | "ended" >> beam.MapTuple(partial(select, True, None))
        return (ended, long_chains) | "all chains" >> beam.Flatten() | "last hop" >> Hop(self._buckets)


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


def spread(buckets: int, _: object, edges: NDArray[np.void]) -> Iterator[tuple[int, Pointers]]:
    """``edges`` as pointers, by the bucket of the loser."""
    pointers = np.zeros(len(edges), dtype=POINTER)
    for name in EDGE.names or ():
        pointers[name] = edges[name]
    for bucket, rows in _buckets_of(pointers["loser"], buckets):
        yield bucket, pointers[rows]


def follow_within(bucket: int, blocks: Iterable[Pointers]) -> tuple[int, Pointers]:
    """Pointers of one bucket followed as far as the bucket itself knows."""
    pointers = np.concatenate(list(blocks))
    pointers["first"] = follow(pointers["loser"], pointers["first"])
    return bucket, pointers


def select(ended: bool, key: int | None, bucket: int, pointers: Pointers) -> tuple[int, Pointers]:
    """The pointers that have ``ended`` or not, under ``key`` or where they were."""
    return bucket if key is None else key, pointers[pointers["ended"] == ended]


def ask(buckets: int, bucket: int, pointers: Pointers) -> Iterator[tuple[int, tuple[int, NDArray[np.uint64]]]]:
    """By the bucket that can answer: who asks, and for which documents."""
    targets = np.unique(pointers["first"][~pointers["ended"]])
    for other, rows in _buckets_of(targets, buckets):
        yield other, (bucket, targets[rows])


def answer(_: int, met: Mapping[str, Iterable[Any]]) -> Iterator[tuple[int, NDArray[np.void]]]:
    """To each bucket that asked: where the documents it asked for point."""
    known = _joined(met["pointers"], POINTER)
    order = np.argsort(known["loser"])
    losers, firsts = known["loser"][order], known["first"][order]
    for asker, targets in met["asked"]:
        answers = np.empty(len(targets), dtype=ANSWER)
        answers["asked"] = targets
        answers["next"], answers["moved"] = step(targets, losers, firsts)
        yield asker, answers


def move(bucket: int, met: Mapping[str, Iterable[Any]]) -> tuple[int, Pointers]:
    """The pointers of one bucket after the answers: one whose document points nowhere has ended."""
    pointers = _joined(met["pointers"], POINTER)
    answers = np.sort(_joined(met["answers"], ANSWER), order="asked")
    underway = np.flatnonzero(~pointers["ended"])
    places = np.searchsorted(answers["asked"], pointers["first"][underway])
    pointers["first"][underway] = answers["next"][places]
    pointers["ended"][underway] = ~answers["moved"][places]
    return bucket, pointers


def _joined(blocks: Iterable[NDArray[np.void]], dtype: np.dtype[np.void]) -> NDArray[np.void]:
    return np.concatenate([np.empty(0, dtype=dtype), *blocks])


def _buckets_of(documents: NDArray[np.uint64], buckets: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Each bucket that some of ``documents`` fall in, and the rows that do."""
    numbers = (mix64(documents) % np.uint64(buckets)).astype(np.int64)
    order = np.argsort(numbers, kind="stable")
    for bucket, start, stop in runs(numbers[order]):
        yield bucket, order[start:stop]
