"""The records of a corpus in pieces that fit into memory: which rows of its tables lie where in which archive.

Nothing but the footers of Parquet files is read to know it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.reading.gathered import GATHERED
from tesuki.pipelines.storage.corpus_folder import LEDGER, CorpusFolder

WINDOW_ROWS = 16_384
"""Records, of both corpora, that are compared at a time: 100 MB of text where all of them are documents of 2,000
characters."""

KEPT = "kept"
"""The fate of what lies in ``documents/``."""

SHARED = ("offset", "record_id", "subset", "characters")
"""Columns that documents and ledger share, and that are read of every record."""

OF_DOCUMENTS = ("level", "text_hash", "text")
OF_LEDGER = ("fate", "station", "rule", "duplicate_of")
"""What else is read of every record, by the table it lies in."""

SIDE = pa.schema(
    [
        *(("offset", pa.int64()), ("record_id", pa.string()), ("subset", pa.string()), ("characters", pa.int64())),
        *(("level", pa.string()), ("text_hash", pa.string()), ("text", pa.large_string())),
        *(("fate", pa.string()), ("station", pa.string()), ("rule", pa.string()), ("duplicate_of", pa.string())),
        *(("piece", pa.int32()), ("row", pa.int64())),
    ]
)
"""What one corpus says of records: ``piece`` and ``row`` say where all its columns are found."""


@dataclass(frozen=True, slots=True)
class Block:
    """One row group of a table: its rows are of records of ``archive`` between two offsets, both included."""

    path: Path
    group: int
    rows: int
    archive: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Some row groups of one table, read together."""

    path: Path
    blocks: tuple[Block, ...]

    def read(self, columns: Sequence[str]) -> pa.Table:
        """Their rows."""
        with pq.ParquetFile(self.path) as file:
            return file.read_row_groups([block.group for block in self.blocks], columns=list(columns))

    def row(self, number: int, unread: Collection[str]) -> dict[str, Any]:
        """All columns of one of these rows, but those ``unread``."""
        for block in self.blocks:
            if number < block.rows:
                with pq.ParquetFile(self.path) as file:
                    columns = [name for name in file.schema_arrow.names if name not in unread]
                    table = file.read_row_group(block.group, columns=columns)
                (found,) = table.slice(number, 1).to_pylist()
                return dict(found)
            number -= block.rows
        raise IndexError(f"{self.path}: no such row")


def blocks_by_archive(corpus: Path, unread: Collection[str] = ()) -> dict[str, list[Block]]:
    """The row groups of the tables of ``corpus`` by archive, but those of the tables ``unread``.

    A row group that holds records of several archives stands under each, with all offsets.
    """
    folder = CorpusFolder(corpus)
    found: defaultdict[str, list[Block]] = defaultdict(list)
    for path in (*folder.document_paths(), *folder.ledger()):
        if folder.name_of(path) not in unread:
            for block in _blocks_of(path):
                found[block.archive].append(block)
    return dict(found)


def records_in(path: Path) -> int:
    """How many rows of the table at ``path`` stand for one record each."""
    with pq.ParquetFile(path) as file:
        if path.parent.name != LEDGER:
            return int(file.metadata.num_rows)
        return int(pc.sum(_of_one_record(file.read(columns=["rule"])["rule"])).as_py() or 0)


def windows(blocks: Iterable[Block]) -> Iterator[tuple[int, int]]:
    """Ranges of offsets (first, one after the last) that together hold all of ``blocks``, of an archive.

    `WINDOW_ROWS` begin in each at most, and what begins where that many are reached.
    """
    ordered = sorted(blocks, key=attrgetter("first", "last"))
    if not ordered:
        return
    start, held = ordered[0].first, 0
    for first, some in groupby(ordered, key=attrgetter("first")):
        if held >= WINDOW_ROWS:
            yield start, first
            start, held = first, 0
        held += sum(block.rows for block in some)
    yield start, max(block.last for block in ordered) + 1


def read_side(blocks: Sequence[Block], start: int, stop: int) -> tuple[pa.Table, list[Piece]]:
    """What a corpus says of the records of its ``blocks`` (of one archive) at offsets from ``start`` to before
    ``stop``, as `SIDE`, and the pieces that its column ``piece`` counts.
    """
    wanted = [block for block in blocks if block.last >= start and block.first < stop]
    pieces: list[Piece] = []
    tables: list[pa.Table] = []
    for path, group in groupby(wanted, key=attrgetter("path")):
        some = list(group)
        piece = Piece(path, tuple(some))
        inside = all(start <= block.first and block.last < stop for block in some)
        tables.append(_side_rows(piece, len(pieces), some[0].archive, None if inside else (start, stop)))
        pieces.append(piece)
    return pa.concat_tables(tables).combine_chunks() if tables else SIDE.empty_table(), pieces


def _blocks_of(path: Path) -> Iterator[Block]:
    with pq.ParquetFile(path) as file:
        columns = {name: number for number, name in enumerate(_leaf_names(file)) if name in ("archive", "offset")}
        for number in range(file.num_row_groups):
            group = file.metadata.row_group(number)
            if not group.num_rows:
                continue
            archives, offsets = (group.column(columns[name]).statistics for name in ("archive", "offset"))
            known = archives is not None and offsets is not None and archives.has_min_max and offsets.has_min_max
            if known and archives.min == archives.max:
                yield Block(path, number, group.num_rows, archives.min, offsets.min, offsets.max)
                continue
            table = file.read_row_group(number, columns=["archive", "offset"])
            extent = pc.min_max(table["offset"]).as_py()
            for archive in sorted(pc.unique(table["archive"]).to_pylist()):
                yield Block(path, number, group.num_rows, archive, extent["min"], extent["max"])


def _of_one_record(rules: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which rows stand for one record: how many requests share a row depends on where parts are cut."""
    return pc.invert(pc.is_in(rules, pa.array(sorted(GATHERED))))


def _leaf_names(file: pq.ParquetFile) -> list[str]:
    return [file.schema.column(number).path for number in range(len(file.schema))]


def _side_rows(piece: Piece, number: int, archive: str, offsets: tuple[int, int] | None) -> pa.Table:
    kept = piece.path.parent.name != LEDGER
    table = piece.read(["archive", *SHARED, *(OF_DOCUMENTS if kept else OF_LEDGER)])
    table = table.append_column("row", pa.array(np.arange(table.num_rows)))
    mask = pc.equal(table["archive"], archive)
    if not kept:
        mask = pc.and_(mask, _of_one_record(table["rule"]))
    if offsets is not None:
        inside = pc.and_(pc.greater_equal(table["offset"], offsets[0]), pc.less(table["offset"], offsets[1]))
        mask = pc.and_(mask, inside)
    if not pc.all(mask).as_py():
        table = table.filter(mask)
    rows = table.num_rows
    given = {name: table[name] for name in table.column_names}
    given |= {"piece": pa.array(np.full(rows, number, dtype=np.int32))}
    if kept:
        given |= {"fate": pa.array([KEPT]).take(pa.array(np.zeros(rows, dtype=np.int32)))}
    return pa.table([given.get(field.name, pa.nulls(rows, field.type)) for field in SIDE], schema=SIDE)
