"""The documents that station 7 compares, by number: which files there are and what stands in their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
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

JUDGED_SUFFIX = ".judged.parquet"
ROW_BITS = 32
ROW_MASK = (1 << ROW_BITS) - 1


@dataclass(frozen=True, slots=True)
class Documents:
    """Judged files in the order of their names, whatever order they were given in; then those of earlier indexes.

    A document is referred to by a 64-bit number: the position of its file, then the row, 32 bits each. ``judged`` is
    the number of judged files, ``rows`` the number of rows of each file, ``earlier`` the indexes with the
    position of each one's first file, ``staying`` the names of files whose documents come before those of all others.
    """

    names: tuple[str, ...]
    paths: tuple[Path, ...]
    judged: int
    rows: tuple[int, ...]
    earlier: tuple[tuple[BandIndex, int], ...] = ()
    staying: frozenset[str] = frozenset()

    def columns(self, part: int, columns: Sequence[str]) -> pa.Table:
        """All rows of the file at position ``part``. Raises `WorkError` where a column is missing."""
        with pq.ParquetFile(self.paths[part]) as file:
            missing = sorted(set(columns) - set(file.schema_arrow.names))
            if missing:
                raise WorkError(f"{self.paths[part]}: found no column {', '.join(missing)}; judge the part again")
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


def units_of(rows: Sequence[int], least: int) -> list[tuple[int, int]]:
    """Runs of positions (first, and one after the last) of judged files that together hold ``least`` rows, or the rest.

    ``rows`` are the rows of each file. Small files that are read together cost fewer, larger arrays.
    """
    units, first, held = [], 0, 0
    for position, count in enumerate(rows, start=1):
        held += count
        if held >= least or position == len(rows):
            units.append((first, position))
            first, held = position, 0
    return units


def documents_in(
    judged: Sequence[Path], earlier: Sequence[BandIndex] = (), staying: frozenset[str] = frozenset()
) -> Documents:
    """The documents of the ``judged`` files and of ``earlier`` indexes; ``staying`` as in `Documents`.

    Raises `WorkError` where two files are of one part, or two indexes have one name.
    """
    paths = sorted(judged, key=lambda path: path.name)
    names = [path.name.removesuffix(JUDGED_SUFFIX) for path in paths]
    starts = []
    for index in sorted(earlier, key=lambda index: index.name):
        starts.append((index, len(paths)))
        paths += index.document_files
        names += [f"{index.name}/{name}" for name in index.names]
    for name, times in Counter(names).items():
        if times > 1:
            given = [str(path) for path, other in zip(paths, names, strict=True) if other == name]
            raise WorkError(f"{name}: found {times} files of one name ({', '.join(given)}); give each once")
    rows = tuple(pq.read_metadata(path).num_rows for path in paths)
    return Documents(tuple(names), tuple(paths), len(judged), rows, tuple(starts), staying)


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
