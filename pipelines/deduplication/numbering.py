"""The documents that station 7 compares, by number: which files there are and what stands in their rows."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tesuki.dedup.keep_order import KeepOrder, date_priorities, length_priorities, measure_priorities
from tesuki.pipelines.deduplication.index.band_index import BandIndex
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.storage.key_ranges import runs
from tesuki.pipelines.storage.numbered import Rows, numbered, write_rows

JUDGED_SUFFIX = ".judged.parquet"
ROW_BITS = 32
ROW_MASK = (1 << ROW_BITS) - 1


FILES = pa.schema([("name", pa.string()), ("path", pa.string()), ("rows", pa.int64()), ("staying", pa.bool_())])
"""The files that hold documents, in order: what each is called, where it lies, how many rows it has, and whether its
documents come before those of all others."""

UNITS = pa.schema([("first", pa.int64()), ("stop", pa.int64())])
"""Runs of positions of judged files that are read together: the first, and one after the last."""


@dataclass(frozen=True)
class Documents:
    """Judged files in the order of their names, whatever order they were given in; then those of earlier indexes.

    A document is referred to by a 64-bit number: the position of its file, then the row, 32 bits each. ``files`` is a
    table on disk (`FILES`): workers are sent where it lies. ``judged`` is the number of judged files, ``total`` that of
    all rows, ``earlier`` the indexes with the position of each one's first file.
    """

    files: Rows
    judged: int
    total: int
    earlier: tuple[tuple[BandIndex, int], ...] = ()

    def judged_rows(self) -> Iterator[int]:
        """The rows of each judged file."""
        for batch in self.files.table["rows"].slice(0, self.judged).iterchunks():
            yield from batch.to_pylist()

    def name(self, part: int) -> str:
        """What the file at position ``part`` is called."""
        return str(self.files.value("name", part))

    def path(self, part: int) -> Path:
        """Where it lies."""
        return Path(self.files.value("path", part))

    def stays(self, part: int) -> bool:
        """Whether its documents come before those of all others."""
        return bool(self.files.value("staying", part))

    def columns(self, part: int, columns: Sequence[str]) -> pa.Table:
        """All rows of the file at position ``part``. Raises `WorkError` where a column is missing."""
        with pq.ParquetFile(self.path(part)) as file:
            missing = sorted(set(columns) - set(file.schema_arrow.names))
            if missing:
                raise WorkError(f"{self.path(part)}: found no column {', '.join(missing)}; judge the part again")
            return file.read(columns=list(columns))

    def lookup(self, documents: NDArray[np.uint64], columns: Sequence[str]) -> pa.Table:
        """``columns`` of ``documents`` (at least one), in that order, each file read once."""
        ranked = np.argsort(documents)
        pieces = [
            self.columns(part, columns).take(pa.array(rows_of(documents[ranked[start:stop]])))
            for part, start, stop in runs(parts_of(documents[ranked]))
        ]
        back = np.empty(len(documents), dtype=np.int64)
        back[ranked] = np.arange(len(documents))
        return pa.concat_tables(pieces).take(pa.array(back))

    def name_ranks(self, documents: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Ranks of ``documents`` by URL and then id, by code point; equal names get equal ranks."""
        if len(documents) == 0:
            return np.empty(0, dtype=np.int64)
        table = self.lookup(documents, ("url", "id"))
        table = pa.table({name: pc.fill_null(table[name], "") for name in ("url", "id")})
        ranked = np.asarray(pc.sort_indices(table, sort_keys=[("url", "ascending"), ("id", "ascending")]))
        ordered = table.take(pa.array(ranked)).combine_chunks()
        changed = pc.or_(
            pc.not_equal(ordered["url"][1:], ordered["url"][:-1]),
            pc.not_equal(ordered["id"][1:], ordered["id"][:-1]),
        )
        ranks = np.empty(len(documents), dtype=np.int64)
        ranks[ranked] = np.concatenate(([0], np.cumsum(np.asarray(changed, dtype=np.int64))))
        return ranks


def units_of(rows: Iterable[int], least: int) -> Iterator[tuple[int, int]]:
    """Runs of positions (first, and one after the last) of judged files that together hold ``least`` rows, or the rest.

    ``rows`` are the rows of each file. Small files that are read together cost fewer, larger arrays.
    """
    first, held, position = 0, 0, 0
    for position, count in enumerate(rows, start=1):
        held += count
        if held >= least:
            yield first, position
            first, held = position, 0
    if first < position:
        yield first, position


def documents_in(
    judged: Iterable[Path], table: Path, earlier: Sequence[BandIndex] = (), staying: Container[str] = ()
) -> Documents:
    """The documents of the ``judged`` files and of ``earlier`` indexes; the table of files is written to ``table``.

    ``staying`` names parts whose documents come before those of all others. Raises `WorkError` where two files are of
    one part, or two indexes have one name.
    """
    indexes = sorted(earlier, key=lambda index: index.name)
    for index, other in pairwise(indexes):
        if index.name == other.name:
            raise WorkError(
                f"{index.name}: found 2 indexes of that name ({index.folder}, {other.folder}); give each once"
            )
    own = _in_order(write_rows(table, FILES, (_file_row(path, staying) for path in judged)).table)
    pieces, starts = [own], []
    for index in indexes:
        starts.append((replace(index, names=()), sum(piece.num_rows for piece in pieces)))
        named = zip(index.document_files, index.names, strict=True)
        pieces.append(numbered(FILES, (_row(path, f"{index.name}/{name}", False) for path, name in named)).table)
    files = Rows(pa.concat_tables(pieces)).stored(table)
    return Documents(files, own.num_rows, int(pc.sum(files.table["rows"]).as_py() or 0), tuple(starts))


def _file_row(path: Path, staying: Container[str]) -> tuple[str, str, int, bool]:
    name = path.name.removesuffix(JUDGED_SUFFIX)
    return _row(path, name, name in staying)


def _row(path: Path, name: str, stays: bool) -> tuple[str, str, int, bool]:
    return name, str(path), pq.read_metadata(path).num_rows, stays


def _in_order(files: pa.Table) -> pa.Table:
    """``files`` sorted by name, each of another."""
    files = files.sort_by("name")
    names = files["name"].combine_chunks()
    same = pc.equal(names[1:], names[:-1])
    if pc.any(same).as_py():
        name = names[1:].filter(same)[0].as_py()
        given = files.filter(pc.equal(files["name"], name))["path"].to_pylist()
        raise WorkError(f"{name}: found {len(given)} files of one name ({', '.join(given)}); give each once")
    return files


def references(part: int, rows: NDArray[np.integer]) -> NDArray[np.uint64]:
    """The numbers of ``rows`` of the file at position ``part``."""
    return np.uint64(part << ROW_BITS) | rows.astype(np.uint64)


def parts_of(documents: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The position of the file each document is in."""
    return (documents >> np.uint64(ROW_BITS)).astype(np.int64)


def rows_of(documents: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The row of each document in its file."""
    return (documents & np.uint64(ROW_MASK)).astype(np.int64)


def order_columns(order: KeepOrder) -> tuple[str, ...]:
    """The columns that `priorities` needs."""
    return ("measures",) if order.measure else ("characters",) if order.rule == "longest" else ("date",)


def priorities(order: KeepOrder, table: pa.Table) -> NDArray[np.uint64]:
    """The priority of each row of ``table``, the smaller the better."""
    if order.measure:
        found = pc.map_lookup(table["measures"], query_key=order.measure, occurrence="first")
        return measure_priorities(np.asarray(pc.fill_null(found, float("nan"))))
    if order.rule == "longest":
        return length_priorities(np.asarray(table["characters"]))
    return date_priorities(table["date"], newest_first=order.rule == "newest")
