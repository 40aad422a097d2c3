"""Parquet files of documents. Every row becomes one page or one fate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

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
                values = [_plain(column) for column in batch.columns]
                for found in zip(*values, strict=True):
                    yield page_of(part, columns, dict(zip(batch.schema.names, found, strict=True)), row, 1)
                    row += 1
    except (pa.ArrowException, OSError, UnicodeDecodeError) as failure:
        if isinstance(failure, OSError) and failure.errno:
            raise  # the disk's fault; what is wrong inside the file has no number
        yield fate_of(part, row, 0, "dead", "read.damaged", f"not Parquet ({type(failure).__name__})")


def _there(columns: Columns, schema: pa.Schema) -> list[str]:
    """What to read: the columns that are there, or any one, so that rows without a text are counted, too."""
    names = [name for name in (source_name(columns, column) for column in COLUMNS) if name in schema.names]
    return names or schema.names[:1]


def _plain(column: pa.Array) -> list[Any]:
    """The values of a column. Writers that do not look at what they write leave strings that are not UTF-8: each is
    read as far as it goes. Times are given as they are written: Arrow's reach further than Python's.
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.string())
    if pa.types.is_nested(column.type):
        return [{} if there else None for there in column.is_valid().to_pylist()]
    for is_text, raw in _RAW.items():
        if is_text(column.type):
            found = column.cast(raw).to_pylist()
            return [None if value is None else value.decode("utf-8", "replace") for value in found]
    return list(column.to_pylist())


_RAW: Mapping[Callable[[pa.DataType], bool], pa.DataType] = {
    pa.types.is_string: pa.binary(),
    pa.types.is_large_string: pa.large_binary(),
}


def check_columns(path: Path, columns: Columns) -> str | None:
    """What is wrong with the schema of a Parquet file for these columns, or None."""
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        return f"{path.name}: not a Parquet file"
    text = source_name(columns, "text")
    return None if text in names else f"{path.name}: has no column {text!r}, only {', '.join(names)}"
