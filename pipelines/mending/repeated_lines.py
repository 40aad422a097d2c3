"""Finding the lines that many documents share, in memory that does not grow with the corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import apache_beam as beam
import numpy as np
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue
from numpy.typing import NDArray

from tesuki.dedup.lines import RepeatRule, count_documents, unit_keys
from tesuki.pipelines.storage.files import atomic_file
from tesuki.pipelines.storage.key_ranges import key_bits_for, key_ranges, runs

HELD_KEYS = 1 << 20
"""Keys a worker gathers before it counts and sends them on: 8 MB."""

LINES_A_DOCUMENT = 32
"""For choosing the number of ranges only: what an extracted page has in lines, generously."""

RANGE_KEYS = 1 << 22
"""Counts that the worker of one range should hold: 4 million of 16 bytes are 67 MB."""

COUNT = np.dtype([("key", "<u8"), ("documents", "<i8")])
"""On how many documents a key was seen."""


class FindRepeatedLines(beam.PTransform):
    """(host, text) of each document to the files, below ``folder``, of the keys that are repeated by ``rule``.

    Each worker counts what it reads before anything travels, so that a menu on a million pages travels as one
    count a worker and 2^20 lines. ``documents`` is about how many documents there are.
    """

    def __init__(self, folder: Path, rule: RepeatRule, documents: int) -> None:
        super().__init__()
        self._folder = folder
        self._rule = rule
        self._key_bits = key_bits_for(documents * LINES_A_DOCUMENT, RANGE_KEYS)

    def expand(self, texts: beam.PCollection) -> beam.PCollection:
        """Count where the texts are, bring counts together, keep what is repeated."""
        return (
            texts
            | "count lines" >> beam.ParDo(_CountLines(self._rule, self._key_bits))
            | "ranges of lines" >> beam.GroupByKey()
            | "repeated lines" >> beam.MapTuple(partial(write_repeated, self._folder, self._rule))
        )


class _CountLines(beam.DoFn):
    """Counts the lines of a bundle's documents, sending on and forgetting whenever it holds enough."""

    def __init__(self, rule: RepeatRule, key_bits: int) -> None:
        self._rule = rule
        self._key_bits = key_bits

    def start_bundle(self) -> None:
        self._documents: list[NDArray[np.uint64]] = []
        self._keys = 0

    def process(self, document: tuple[str, str]) -> Iterator[tuple[int, NDArray[np.void]]]:
        host, text = document
        keys = np.unique(unit_keys(text, host, self._rule))
        self._documents.append(keys)
        self._keys += len(keys)
        if self._keys >= HELD_KEYS:
            yield from self._counts()
            self.start_bundle()

    def finish_bundle(self) -> Iterator[WindowedValue]:
        for keyed in self._counts():
            yield WindowedValue(keyed, 0, [GlobalWindow()])

    def _counts(self) -> Iterator[tuple[int, NDArray[np.void]]]:
        keys, documents = count_documents(self._documents)
        counts = np.empty(len(keys), dtype=COUNT)
        counts["key"], counts["documents"] = keys, documents
        for number, start, stop in runs(key_ranges(keys, self._key_bits)):
            yield number, counts[start:stop]


def write_repeated(folder: Path, rule: RepeatRule, key_range: int, blocks: Iterable[NDArray[np.void]]) -> Path:
    """Add up the counts of one range, and write the keys above the rule's count, ascending."""
    counts = np.concatenate(list(blocks))
    keys, places = np.unique(counts["key"], return_inverse=True)
    documents = np.zeros(len(keys), dtype=np.int64)
    np.add.at(documents, places, counts["documents"])
    path = folder / f"{key_range:05d}.npy"
    with atomic_file(path) as sink:
        np.save(sink, keys[documents > rule.documents], allow_pickle=False)
    return path


@dataclass(frozen=True, slots=True)
class RepeatedLines:
    """The repeated keys on disk: mapped, ascending within and across ranges; ``firsts`` are the least of each."""

    ranges: tuple[NDArray[np.uint64], ...] = field(repr=False)
    firsts: NDArray[np.uint64] = field(repr=False)

    def contains(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which of ``keys`` are repeated. Each is looked for in the one range that can hold it."""
        found = np.zeros(len(keys), dtype=bool)
        ranges = np.searchsorted(self.firsts, keys, side="right") - 1
        for number in np.unique(ranges[ranges >= 0]).tolist():
            known, here = self.ranges[number], ranges == number
            places = np.minimum(np.searchsorted(known, keys[here]), len(known) - 1)
            found[here] = known[places] == keys[here]
        return found


def open_repeated_lines(folder: Path) -> RepeatedLines:
    """What `FindRepeatedLines` wrote to ``folder``; read in a worker's ``setup``, not sent to it."""
    mapped = [keys for path in sorted(folder.glob("*.npy")) if len(keys := np.load(path, mmap_mode="r"))]
    return RepeatedLines(tuple(mapped), np.array([keys[0] for keys in mapped], dtype=np.uint64))
