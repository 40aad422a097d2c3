"""Rows of Common Crawl's columnar index: where the records lie that a corpus wants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.errors import RequestError

PLACE = ("warc_filename", "warc_record_offset", "warc_record_length")
"""Columns that must be there."""

_CHECKS = ("url", "content_digest")


@dataclass(frozen=True, slots=True)
class Where:
    """Which rows are wanted; an empty tuple wants all.

    ``languages``: any of them is among ``content_languages``; ``hosts``: these and their subdomains; ``tlds``,
    ``statuses`` and ``mimes`` (as detected): one of them.
    """

    languages: tuple[str, ...] = ("jpn",)
    hosts: tuple[str, ...] = ()
    tlds: tuple[str, ...] = ()
    statuses: tuple[int, ...] = (200,)
    mimes: tuple[str, ...] = ()

    def columns(self) -> tuple[str, ...]:
        """Columns of the index that are asked."""
        asked = {
            "content_languages": self.languages,
            "url_host_name": self.hosts,
            "url_host_tld": self.tlds,
            "fetch_status": self.statuses,
            "content_mime_detected": self.mimes,
        }
        return tuple(name for name, values in asked.items() if values)


@dataclass(frozen=True, slots=True, order=True)
class IndexRow:
    """A record's place: ``archive`` is the path below the crawl's base. ``url`` and ``digest`` are ``""`` where the
    index has none.
    """

    archive: str
    offset: int
    length: int
    url: str
    digest: str


def rows_of(source: Path | BinaryIO, name: str, where: Where) -> list[IndexRow]:
    """The rows of one Parquet file that ``where`` wants, by archive and offset, each place once.

    One file's rows are held in memory, some 300 bytes each. Raises `RequestError` where the columns that are asked are
    not there.
    """
    found: dict[tuple[str, int], IndexRow] = {}
    try:
        with pq.ParquetFile(source) as file:
            missing = {*PLACE, *where.columns()}.difference(file.schema_arrow.names)
            if missing:
                raise RequestError(f"{name}: no columnar index of a crawl: has no column {', '.join(sorted(missing))}")
            columns = [*PLACE, *where.columns(), *(each for each in _CHECKS if each in file.schema_arrow.names)]
            for batch in file.iter_batches(columns=list(dict.fromkeys(columns))):
                for row in _wanted(batch, where):
                    found[row.archive, row.offset] = row
    except pa.ArrowInvalid:
        raise RequestError(f"{name}: not a Parquet file") from None
    return sorted(found.values())


def _wanted(batch: pa.RecordBatch, where: Where) -> Iterator[IndexRow]:
    keep = pc.is_valid(batch["warc_filename"])
    for mask in _masks(batch, where):
        keep = pc.and_(keep, pc.fill_null(mask, False))
    for row in batch.filter(keep).to_pylist():
        archive, offset, length = (row[name] for name in PLACE)
        yield IndexRow(archive, offset, length, row.get("url") or "", row.get("content_digest") or "")


def _masks(batch: pa.RecordBatch, where: Where) -> Iterator[Any]:
    if where.languages:
        yield _has_any(batch["content_languages"], where.languages)
    if where.hosts:
        yield pc.match_substring_regex(batch["url_host_name"], _hosts(where.hosts))
    if where.tlds:
        yield pc.is_in(batch["url_host_tld"], pa.array(where.tlds))
    if where.statuses:
        yield pc.is_in(pc.cast(batch["fetch_status"], pa.int64()), pa.array(where.statuses))
    if where.mimes:
        yield pc.is_in(batch["content_mime_detected"], pa.array(where.mimes))


def _has_any(column: Any, languages: tuple[str, ...]) -> Any:
    """``content_languages`` names up to three, joined by commas, the strongest first."""
    return pc.match_substring_regex(column, f"(^|,)({'|'.join(languages)})(,|$)")


def _hosts(hosts: tuple[str, ...]) -> str:
    return rf"(^|\.)({'|'.join(host.replace('.', '[.]') for host in hosts)})$"
