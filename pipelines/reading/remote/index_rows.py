"""Rows of Common Crawl's columnar index: where the records lie that a corpus wants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.reading.warc.records import CONTENT_BYTES
from tesuki.pipelines.storage.values import url_hash

PLACE = ("warc_filename", "warc_record_offset", "warc_record_length")
"""Columns that must be there."""

RECORD_BYTES = CONTENT_BYTES + (1 << 20)
"""Most bytes of a record that is asked for: the content that is kept of one, and a MiB for its heads and packing."""

ROWS = pa.schema(
    [
        ("warc_filename", pa.string()),
        ("warc_record_offset", pa.int64()),
        ("warc_record_length", pa.int64()),
        ("url", pa.string()),
        ("content_digest", pa.string()),
    ]
)
"""What is taken of a row. ``url`` and ``content_digest`` are null where the index has none."""

LISTED = pa.schema([field if field.name != "url" else ("url_hash", pa.string()) for field in ROWS])
"""What a corpus keeps of a row: no address, which a take-down would have to find again, but its hash."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which rows are wanted; an empty tuple wants all.

    ``languages``: any of them is among ``content_languages``; ``unlabelled``: or there is no language and the top-level
    domain is one of these; ``hosts``: these and their subdomains; ``tlds``, ``statuses`` and ``mimes`` (as detected):
    one of them.
    """

    languages: tuple[str, ...] = ("jpn",)
    unlabelled: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    tlds: tuple[str, ...] = ()
    statuses: tuple[int, ...] = (200,)
    mimes: tuple[str, ...] = ()

    def columns(self) -> tuple[str, ...]:
        """Columns of the index that are asked."""
        asked = {
            "content_languages": self.languages,
            "url_host_name": self.hosts,
            "url_host_tld": self.tlds or (self.languages and self.unlabelled),
            "fetch_status": self.statuses,
            "content_mime_detected": self.mimes,
        }
        return tuple(name for name, values in asked.items() if values)

    def value(self) -> dict[str, Any]:
        """As JSON, for names that are made from it."""
        return asdict(self)


@dataclass(frozen=True, slots=True, order=True)
class IndexRow:
    """A record's place: ``archive`` is the path below the crawl's base. ``url``, its hash and ``digest`` are ``""``
    where there are none, ``offset`` and ``length`` -1.
    """

    archive: str
    offset: int
    length: int
    url: str
    digest: str
    url_hash: str

    @property
    def sound(self) -> bool:
        """Whether there can be such a place: others are not asked for."""
        named = self.archive.isascii() and self.archive.isprintable() and " " not in self.archive
        return named and self.offset >= 0 and 0 < self.length <= RECORD_BYTES


@dataclass(frozen=True, slots=True)
class Only:
    """Rows whose ``column`` has one of ``values``, however many: hosts of a corpus, archives of an audit."""

    column: str
    values: pa.Array


def rows_of(source: Path | BinaryIO, name: str, where: Where, only: Only | None = None) -> list[IndexRow]:
    """As `wanted_rows`, some 400 bytes each."""
    return index_rows(wanted_rows(source, name, where, only))


def index_rows(table: pa.Table) -> list[IndexRow]:
    """The rows of a table of `ROWS` or `LISTED`."""
    if "url" in table.column_names:
        table = without_addresses(table).append_column("url", table["url"])
    else:
        table = table.append_column("url", pa.nulls(table.num_rows, pa.string()))
    return [
        IndexRow(archive, offset, length, url or "", digest or "", hashed or "")
        for archive, offset, length, hashed, digest, url in zip(
            *(table[column].to_pylist() for column in (*LISTED.names, "url")), strict=True
        )
    ]


def without_addresses(rows: pa.Table) -> pa.Table:
    """``rows`` of `ROWS` as `LISTED`."""
    hashes = [url_hash(url) if url else None for batch in rows["url"].chunks for url in batch.to_pylist()]
    columns = {**{name: rows[name] for name in rows.column_names}, "url_hash": pa.array(hashes, pa.string())}
    return pa.table({name: columns[name] for name in LISTED.names}, schema=LISTED)


def wanted_rows(
    source: Path | BinaryIO, name: str, where: Where, only: Only | None = None, schema: pa.Schema = ROWS
) -> pa.Table:
    """The rows of one Parquet file that ``where`` and ``only`` want, as `ROWS` or with more columns behind these, by
    archive and offset, each place once. An offset or length that is null is -1.

    Row groups whose statistics rule out every host that is wanted are not read. The rows that are wanted of one file
    are held in memory, some 250 bytes each. Raises `RequestError` where the columns that are asked are not there.
    """
    found = [schema.empty_table()]
    asked = {*where.columns(), *((only.column,) if only else ())}
    try:
        with pq.ParquetFile(source) as file:
            names = file.schema_arrow.names
            missing = {*PLACE, *asked}.difference(names)
            if missing:
                raise RequestError(f"{name}: no columnar index of a crawl: has no column {', '.join(sorted(missing))}")
            columns = list(dict.fromkeys([*(each for each in schema.names if each in names), *sorted(asked)]))
            groups = [number for number in range(file.num_row_groups) if _may_hold(file, number, where)]
            for batch in file.iter_batches(columns=columns, row_groups=groups):
                found.append(_wanted(batch, where, only, schema))
    except pa.ArrowInvalid:
        raise RequestError(f"{name}: not a Parquet file") from None
    return _each_once(pa.concat_tables(found))


def _may_hold(file: pq.ParquetFile, number: int, where: Where) -> bool:
    """Whether rows of a top-level domain that is wanted can lie in a row group: the index is sorted by host."""
    wanted = set(where.tlds) or {host.rpartition(".")[2] for host in where.hosts}
    names = file.schema_arrow.names
    if not wanted or "url_host_tld" not in names:
        return True
    statistics = file.metadata.row_group(number).column(names.index("url_host_tld")).statistics
    if statistics is None or not statistics.has_min_max:
        return True
    return any(statistics.min <= tld <= statistics.max for tld in wanted)


def _each_once(rows: pa.Table) -> pa.Table:
    rows = rows.sort_by([(column, "ascending") for column in ROWS.names])
    if rows.num_rows < 2:
        return rows
    same = np.ones(rows.num_rows - 1, dtype=bool)
    for column in ("warc_filename", "warc_record_offset"):
        values = rows[column].combine_chunks()
        same &= np.asarray(pc.equal(values[1:], values[:-1]))
    return rows.filter(pa.array(np.concatenate(([True], ~same))))


def _wanted(batch: pa.RecordBatch, where: Where, only: Only | None, schema: pa.Schema) -> pa.Table:
    keep = pc.is_valid(batch["warc_filename"])
    if only:
        keep = pc.and_(keep, pc.is_in(batch[only.column], only.values))
    for mask in _masks(batch, where):
        keep = pc.and_(keep, pc.fill_null(mask, False))
    rows = batch.filter(keep)
    return pa.table([_column(rows, field) for field in schema], schema=schema)


def _column(rows: pa.RecordBatch, field: pa.Field) -> pa.Array:
    if field.name not in rows.schema.names:
        return pa.nulls(rows.num_rows, field.type)
    values = pc.cast(rows[field.name], field.type)
    return pc.fill_null(values, -1) if field.name in PLACE[1:] else values


def _masks(batch: pa.RecordBatch, where: Where) -> Iterator[Any]:
    if where.languages:
        yield _of_language(batch, where)
    if where.hosts:
        yield pc.match_substring_regex(batch["url_host_name"], _hosts(where.hosts))
    if where.tlds:
        yield pc.is_in(batch["url_host_tld"], pa.array(where.tlds))
    if where.statuses:
        yield pc.is_in(pc.cast(batch["fetch_status"], pa.int64()), pa.array(where.statuses))
    if where.mimes:
        yield pc.is_in(batch["content_mime_detected"], pa.array(where.mimes))


def _of_language(batch: pa.RecordBatch, where: Where) -> Any:
    """``content_languages`` names up to three, joined by commas, the strongest first."""
    column = batch["content_languages"]
    labelled = pc.fill_null(pc.match_substring_regex(column, f"(^|,)({'|'.join(where.languages)})(,|$)"), False)
    if not where.unlabelled:
        return labelled
    bare = pc.equal(pc.fill_null(column, ""), "")
    return pc.or_(labelled, pc.and_(bare, pc.is_in(batch["url_host_tld"], pa.array(where.unlabelled))))


def _hosts(hosts: tuple[str, ...]) -> str:
    return rf"(^|\.)({'|'.join(host.replace('.', '[.]') for host in hosts)})$"
