"""Tables with a row for each part or input of a run, looked up by number.

A corpus of a crawl has a million parts. What is said of them lies in one Arrow file, which every process maps; what
travels to workers is the path of the file, so that neither the pipeline that is submitted nor a worker grows with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from tesuki.pipelines.storage.files import atomic_file

ROWS_AT_ONCE = 1 << 16
"""Rows that are held as Python values while a table is made."""


class Rows:
    """A table by row number: in memory until it is stored, then mapped, and pickled as the path it lies at."""

    def __init__(self, table: pa.Table, path: Path | None = None) -> None:
        self.table = table
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (open_rows, (self.path,)) if self.path is not None else (Rows, (self.table,))

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for batch in self.table.to_batches(ROWS_AT_ONCE):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    def row(self, number: int) -> tuple[Any, ...]:
        """The values of a row, in the order of columns."""
        return tuple(column[number].as_py() for column in self.table.columns)

    def value(self, column: str, number: int) -> Any:
        """One value."""
        return self.table[column][number].as_py()

    def place(self, values: Sequence[Any], columns: Sequence[str]) -> int | None:
        """The row whose ``columns``, by which the table is sorted, hold ``values``, if there is one."""
        low, high, wanted = 0, len(self), tuple(values)
        while low < high:
            middle = (low + high) // 2
            if self._values(columns, middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and self._values(columns, low) == wanted else None

    def stored(self, path: Path) -> Rows:
        """The same rows in a file at ``path``."""
        return _write(path, self.table.schema, self.table.to_batches(ROWS_AT_ONCE))

    def _values(self, columns: Sequence[str], number: int) -> tuple[Any, ...]:
        return tuple(self.value(column, number) for column in columns)


def numbered(schema: pa.Schema, rows: Iterable[Sequence[Any]]) -> Rows:
    """A table in memory."""
    return Rows(pa.Table.from_batches(list(_batches(schema, rows)), schema))


def write_rows(path: Path, schema: pa.Schema, rows: Iterable[Sequence[Any]]) -> Rows:
    """A table at ``path``, written as its rows come."""
    return _write(path, schema, _batches(schema, rows))


def open_rows(path: Path) -> Rows:
    """The table at ``path``, mapped."""
    with pa.memory_map(str(path)) as source:
        return Rows(pa.ipc.open_file(source).read_all(), path)


def _write(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Rows:
    with atomic_file(path) as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return open_rows(path)


def _batches(schema: pa.Schema, rows: Iterable[Sequence[Any]]) -> Iterator[pa.RecordBatch]:
    left = iter(rows)
    while held := list(islice(left, ROWS_AT_ONCE)):
        columns = [pa.array(values, field.type) for values, field in zip(zip(*held, strict=True), schema, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)
