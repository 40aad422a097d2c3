"""The numbers of many things as a pipeline begins with them, without a word about each in what is submitted."""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam

RANGES = 1_024
"""Ranges in a pipeline at most: what is submitted, which gRPC bounds, then does not grow with what is numbered."""


class Numbers(beam.PTransform):
    """The numbers from 0 to before ``count``, each once and spread over all workers.

    Workers look up what a number stands for (`tesuki.pipelines.storage.numbered.Rows`).
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def expand(self, begin: beam.pvalue.PBegin) -> beam.PCollection:
        """Ranges, their numbers, and these dealt out."""
        size = max(1, -(-self._count // RANGES))
        ranges = [(first, min(first + size, self._count)) for first in range(0, self._count, size)]
        return (
            begin
            | "ranges" >> beam.Create(ranges, reshuffle=False)
            | "numbers" >> beam.FlatMapTuple(_numbers)
            | "spread" >> beam.Reshuffle()
        )


def _numbers(first: int, stop: int) -> Iterator[int]:
    yield from range(first, stop)
