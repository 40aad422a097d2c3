"""Parquet files of documents. Every row becomes one page or one fate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.documents import COLUMNS, Columns, fate_of, page_of, source_name


def read_parquet(part: Range, columns: Columns) -> Iterator[Page | Fate]:
    """The documents of a Parquet file. Offsets count rows; damage ends the reading with one dead record."""
    row = 0
    try:
        with pq.ParquetFile(part.path) as source:
            for batch in source.iter_batches(batch_size=256, columns=_there(columns, source.schema_arrow)):
                for value in _with_written_times(batch).to_pylist():
                    yield page_of(part, columns, value, row, 1)
                    row += 1
    except (pa.ArrowException, OSError) as failure:
        yield fate_of(part, row, 0, "dead", "read.damaged", f"not Parquet ({type(failure).__name__})")


def _there(columns: Columns, schema: pa.Schema) -> list[str]:
    """What to read: the columns that are there, or any one, so that rows without a text are counted, too."""
    names = [name for name in (source_name(columns, column) for column in COLUMNS) if name in schema.names]
    return names or schema.names[:1]


def _with_written_times(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Times as they are written: Arrow's reach further than Python's."""
    columns = [column.cast(pa.string()) if pa.types.is_temporal(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def check_columns(path: Path, columns: Columns) -> str | None:
    """What is wrong with the schema of a Parquet file for these columns, or None."""
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowInvalid, OSError):
        return f"{path.name}: not a Parquet file"
    text = source_name(columns, "text")
    return None if text in names else f"{path.name}: has no column {text!r}, only {', '.join(names)}"
