"""Sources that are text already: JSON Lines and Parquet documents. They join the pages of archives at station 6.

Every line or row becomes one page or one fate, as every record of an archive does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.reading.lines import read_lines
from tesuki.pipelines.reading.ranges import Range

COLUMNS = ("text", "url", "date", "title", "id")
"""What a document may say; only ``text`` must be there. ``id`` becomes the record id."""

Columns = Mapping[str, str]
"""The name a source gives to a column of `COLUMNS`, where it is another."""


def read_json_lines(part: Range, columns: Columns) -> Iterator[Page | Fate]:
    """The documents of a ``.jsonl`` file, plain, ``.gz``, ``.zst`` or ``.bz2``. Offsets count decompressed bytes.

    What can't be unpacked any more ends the reading with one dead record.
    """
    for line in read_lines(Path(part.path)):
        if line.content is None:
            yield _fate(part, line.offset, 0, "dead", "read.damaged", "cut off, or not packed as its name says")
        elif line.is_cut:
            yield _fate(part, line.offset, line.length, "dead", "read.too-long", f"a line of {line.length} bytes")
        elif line.content.strip():
            yield _from_line(part, columns, line.content, line.offset)


def read_parquet(part: Range, columns: Columns) -> Iterator[Page | Fate]:
    """The documents of a Parquet file. Offsets count rows; damage ends the reading with one dead record."""
    row = 0
    try:
        with pq.ParquetFile(part.path) as source:
            for batch in source.iter_batches(batch_size=256, columns=_there(columns, source.schema_arrow)):
                for value in _with_written_times(batch).to_pylist():
                    yield _document(part, columns, value, row, 1)
                    row += 1
    except (pa.ArrowException, OSError) as failure:
        yield _fate(part, row, 0, "dead", "read.damaged", f"not Parquet ({type(failure).__name__})")


def _there(columns: Columns, schema: pa.Schema) -> list[str]:
    """What to read: the columns that are there, or any one, so that rows without a text are counted, too."""
    names = [name for name in (_name(columns, column) for column in COLUMNS) if name in schema.names]
    return names or schema.names[:1]


def _with_written_times(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Times as they are written: Arrow's reach further than Python's."""
    columns = [column.cast(pa.string()) if pa.types.is_temporal(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _from_line(part: Range, columns: Columns, line: bytes, offset: int) -> Page | Fate:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return _fate(part, offset, len(line), "dead", "read.malformed", "the line is not JSON in UTF-8")
    if not isinstance(value, dict):
        return _fate(part, offset, len(line), "dead", "read.malformed", "the line is not a JSON object")
    return _document(part, columns, value, offset, len(line))


def _document(part: Range, columns: Columns, value: Mapping[str, Any], offset: int, length: int) -> Page | Fate:
    text = value.get(_name(columns, "text"))
    if not isinstance(text, str):
        found = "nothing" if text is None else type(text).__name__
        return _fate(part, offset, length, "dead", "read.no-text", f"found {found} as {_name(columns, 'text')!r}")
    if not text.strip():
        return _fate(part, offset, length, "rejected", "read.empty", "")
    return Page(
        subset=part.subset,
        archive=part.archive,
        offset=offset,
        length=length,
        record_id=_string(value.get(_name(columns, "id"))) or f"{part.archive}#{offset}",
        url=_string(value.get(_name(columns, "url"))),
        date=_time(value.get(_name(columns, "date"))),
        encoding="utf-8",
        encoding_evidence="the format",
        text=text.encode("utf-8", "replace").decode("utf-8"),
        title=_string(value.get(_name(columns, "title"))),
    )


def _fate(part: Range, offset: int, length: int, fate: Any, rule: str, detail: str) -> Fate:
    return Fate(
        subset=part.subset,
        archive=part.archive,
        offset=offset,
        length=length,
        record_id=f"{part.archive}#{offset}",
        url="",
        fate=fate,
        station="read",
        rule=rule,
        detail=detail,
    )


def _name(columns: Columns, column: str) -> str:
    return columns.get(column, column)


def _string(value: object) -> str:
    return "" if value is None else str(value).encode("utf-8", "replace").decode("utf-8")


def _time(value: object) -> str:
    """A date or time in the form of `Page.date`; what cannot be read as one is given as it is written."""
    try:
        moment = datetime.fromisoformat(_string(value))
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return _string(value)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def check_columns(path: Path, columns: Columns) -> str | None:
    """What is wrong with the schema of a Parquet file for these columns, or None."""
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowInvalid, OSError):
        return f"{path.name}: not a Parquet file"
    text = _name(columns, "text")
    return None if text in names else f"{path.name}: has no column {text!r}, only {', '.join(names)}"
