"""The pages on either side of each bound: kept ones whose value nearly failed, rejected ones that nearly passed."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from tesuki.filters.rules import Rule
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.storage.measures import measure_columns
from tesuki.release_levels.levels import Level, parse_level


@dataclass(frozen=True, slots=True, order=True)
class Near:
    """A page and how far its value lies from the bound of a rule."""

    distance: float
    id: str
    url: str
    subset: str
    value: float


class _Nearest:
    """The ``most`` nearest pages of each rule."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heaps: defaultdict[str, list[tuple[float, str, Near]]] = defaultdict(list)

    def add(self, rule: str, near: Near) -> None:
        # A heap of the negated distance: the farthest goes first.
        heap, item = self._heaps[rule], (-near.distance, near.id, near)
        if len(heap) < self._most:
            heapq.heappush(heap, item)
        elif item[:2] > heap[0][:2]:
            heapq.heapreplace(heap, item)

    def found(self) -> dict[str, list[Near]]:
        return {rule: sorted(near for *_, near in heap) for rule, heap in self._heaps.items()}


def kept_near(output: Path, rules: Sequence[Rule], shown: Collection[Level], most: int) -> Mapping[str, list[Near]]:
    """The documents of levels that are ``shown`` nearest to the bound of each of ``rules``, by its name."""
    nearest = _Nearest(most)
    for file in CorpusFolder(output).documents():
        if parse_level(file.level) not in shown:
            continue
        with pq.ParquetFile(file.path) as table:
            for batch in table.iter_batches(batch_size=20_000, columns=["id", "url", "measures"]):
                columns = dict(measure_columns(batch["measures"]))
                for rule in rules:
                    values = columns.get(rule.measure, np.empty(0))
                    distances = np.abs(values - rule.threshold)
                    # NaN, a measure that was not taken, sorts last.
                    for row in np.argsort(distances, kind="stable")[:most]:
                        if not np.isnan(distances[row]):
                            page, url = batch["id"][row].as_py(), batch["url"][row].as_py()
                            near = Near(float(distances[row]), page, url, file.subset, float(values[row]))
                            nearest.add(rule.name, near)
    return nearest.found()


def rejected_near(output: Path, rules: Sequence[Rule], most: int) -> Mapping[str, list[Near]]:
    """The pages nearest to the bound of the rule by which they left, by its name. Their texts need asking for."""
    bounds = {f"quality.{rule.name}": rule.name for rule in rules}
    nearest = _Nearest(most)
    for row in _rejected(CorpusFolder(output).ledger()):
        name = bounds.get(row["rule"])
        if name is not None and row["id"] and None not in (row["value"], row["threshold"]):
            distance = abs(row["value"] - row["threshold"])
            nearest.add(name, Near(distance, row["id"], row["url"] or "", row["subset"], row["value"]))
    return nearest.found()


def _rejected(ledger: Collection[Path]) -> Iterator[dict[str, Any]]:
    columns = ["id", "url", "rule", "value", "threshold", "subset"]
    for path in ledger:
        yield from pq.read_table(path, columns=columns, filters=[("fate", "=", "rejected")]).to_pylist()
