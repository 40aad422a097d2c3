"""The release levels that a file of documents names, in its column ``level``."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.reading.lines import read_lines

COLUMN = "level"


def levels_in(path: Path) -> frozenset[str]:
    """What stands in the column ``level`` of a Parquet or JSON Lines file; nothing where there is no such column.

    What is damaged says nothing here: who reads the documents says so of it.
    """
    return _of_parquet(path) if path.suffix.lower() == ".parquet" else _of_lines(path)


def _of_parquet(path: Path) -> frozenset[str]:
    found: set[str] = set()
    try:
        with pq.ParquetFile(path) as table:
            if COLUMN in table.schema_arrow.names:
                for batch in table.iter_batches(columns=[COLUMN]):
                    found.update(map(str, pc.unique(batch[COLUMN]).to_pylist()))
    except (pa.ArrowException, OSError):
        pass
    return frozenset(found)


def _of_lines(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for line in read_lines(path):
        # Most files have no levels: a line without the word needs no parsing.
        if line.content is not None and not line.is_cut and b'"level"' in line.content:
            try:
                value = json.loads(line.content)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                found.add(str(value.get(COLUMN)))
    return frozenset(found)
