"""Near-duplicates that are least like the document that stayed in their place."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from tesuki.pipelines.storage.corpus_folder import CorpusFolder

NEAR = "duplicate.near"


@dataclass(frozen=True, slots=True, order=True)
class Doubtful:
    """A page that left as a duplicate of ``kept``, by an estimated ``similarity``."""

    similarity: float
    id: str
    url: str
    subset: str
    kept: str


def least_alike(output: Path, most: int) -> list[Doubtful]:
    """The ``most`` near-duplicates of lowest similarity in the corpus at ``output``."""
    return heapq.nsmallest(most, _near_duplicates(output))


def _near_duplicates(output: Path) -> Iterator[Doubtful]:
    columns = ["id", "url", "value", "subset", "duplicate_of"]
    for path in CorpusFolder(output).ledger():
        for row in pq.read_table(path, columns=columns, filters=[("rule", "=", NEAR)]).to_pylist():
            if row["id"] and row["duplicate_of"] and row["value"] is not None:
                yield Doubtful(row["value"], row["id"], row["url"] or "", row["subset"], row["duplicate_of"])
