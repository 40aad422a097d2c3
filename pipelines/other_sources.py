"""Sources that are text already: JSON Lines and Parquet documents. They join the pages of archives at station 6.

Every line or row becomes one page or one fate, as every record of an archive does.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tesuki.pipelines.page import Fate, Page
from tesuki.pipelines.warc_ranges import Range

LONGEST_LINE = 64 << 20
"""Bytes of the longest line that is read; what is longer is one dead record, not a full memory."""

COLUMNS = ("text", "url", "date", "title", "id")
"""What a document may say; only ``text`` must be there. ``id`` becomes the record id."""

Columns = Mapping[str, str]
"""The name a source gives to a column of `COLUMNS`, where it is another."""


def read_json_lines(part: Range, columns: Columns) -> Iterator[Page | Fate]:
    """The documents of a ``.jsonl`` file, plain, ``.gz`` or ``.zst``. Offsets count decompressed bytes."""
    with _open(Path(part.path)) as source:
        offset = 0
        while line := source.readline(LONGEST_LINE):
            length = len(line)
            ended = line.endswith(b"\n")
            while not ended and (rest := source.readline(LONGEST_LINE)):
                length += len(rest)
                ended = rest.endswith(b"\n")
            if line.strip():
                yield _from_line(part, columns, line, offset, length)
            offset += length


def read_parquet(part: Range, columns: Columns) -> Iterator[Page | Fate]:
    """The documents of a Parquet file. Offsets count rows."""
    with pq.ParquetFile(part.path) as source:
        row = 0
        there = set(source.schema_arrow.names)
        wanted = [name for name in (_name(columns, column) for column in COLUMNS) if name in there]
        for batch in source.iter_batches(batch_size=256, columns=wanted):
            for value in batch.to_pylist():
                yield _document(part, columns, value, row, 1)
                row += 1


def _open(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    if path.suffix == ".zst":
        return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(path.open("rb"), closefd=True))
    return path.open("rb")


def _from_line(part: Range, columns: Columns, line: bytes, offset: int, length: int) -> Page | Fate:
    if length > len(line):
        return _fate(part, offset, length, "dead", "read.too-long", f"a line of {length} bytes")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return _fate(part, offset, length, "dead", "read.malformed", "the line is not JSON in UTF-8")
    if not isinstance(value, dict):
        return _fate(part, offset, length, "dead", "read.malformed", "the line is not a JSON object")
    return _document(part, columns, value, offset, length)


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
        moment = value if isinstance(value, (datetime, date)) else datetime.fromisoformat(_string(value))
    except ValueError:
        return _string(value)
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def check_columns(path: Path, columns: Columns) -> str | None:
    """What is wrong with the schema of a Parquet file for these columns, or None."""
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowInvalid, OSError):
        return f"{path.name}: not a Parquet file"
    text = _name(columns, "text")
    return None if text in names else f"{path.name}: has no column {text!r}, only {', '.join(names)}"
