"""From chunks to parts on disk, without sending any text through a shuffle.

Each chunk is written as small Arrow files of its own; only a receipt travels. Where all receipts of a part have come
together, its chunk files are joined into the part's tables, in order, and the seal is written last: a part without a
seal does not exist. Whatever runs twice writes the same bytes under the same names.

Receipts come together in a GroupByKey, which every engine gets right, but which in a batch begins when the last part
is read. So a worker that sees a whole part pass seals it on the spot, and a run that is killed keeps what it has read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.chunk import Chunk, StationCount, add_counts
from tesuki.pipelines.journey.work import Work, add_work
from tesuki.pipelines.storage.files import atomic_file, parquet_file, sha256_of
from tesuki.pipelines.storage.sealed_json import DamagedError, read_sealed, write_sealed
from tesuki.pipelines.storage.work_files import write_work

ROWS_A_GROUP = 2_048
"""Rows of a row group, whatever the chunks were: the bytes of a table depend on its rows alone. Some 12 MB of text."""

Tables = Callable[[Chunk], Mapping[str, pa.Table]]
"""The rows of one chunk, by the name of the file they belong to; ``{part}`` in a name stands for the part's."""

Orders = Mapping[str, Sequence[str]]
"""Columns to sort a part's table by, for the names of `Tables` whose order is not that of the chunks."""

NO_ORDER: Orders = {}


@dataclass(frozen=True, slots=True)
class Receipt:
    """That one chunk is on disk: its place in the part, its counts and the files it has rows for. What it cost does
    not tell two receipts apart.
    """

    number: int
    last: bool
    counts: tuple[StationCount, ...]
    names: tuple[str, ...]
    work: tuple[Work, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One finished file of a part, ``path`` relative to the folder it was written to."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Seal:
    """That a part is finished: its files and the balance of the stations it went through."""

    part: str
    files: tuple[SealedFile, ...]
    counts: tuple[StationCount, ...]


class WriteParts(beam.PTransform):
    """PCollection of `Chunk` to PCollection of `Seal`, with the part's tables written below ``folder``.

    Rows stand in the order of the chunks; the tables that ``orders`` names are sorted by columns instead.
    """

    def __init__(self, label: str, folder: Path, tables: Tables, orders: Orders = NO_ORDER) -> None:
        super().__init__(label=label)
        self._folder = folder
        self._tables = tables
        self._orders = orders

    def expand(self, chunks: beam.PCollection) -> beam.PCollection:
        """Write chunk by chunk, bring receipts together, join."""
        return (
            chunks
            | "chunk files" >> beam.ParDo(_WriteChunk(self._folder, self._tables, self._orders))
            | "by part" >> beam.GroupByKey()
            | "seal" >> beam.MapTuple(partial(_seal_part, self._folder, self._orders))
        )


def seal_path(folder: Path, part: str) -> Path:
    """Where the seal of ``part`` lies."""
    return folder / "seals" / f"{part}.json"


def read_seal(folder: Path, part: str) -> Seal | None:
    """The seal of ``part``, or None where the part is not finished or its seal not as it was written."""
    try:
        return _seal_of(read_sealed(seal_path(folder, part)))
    except (DamagedError, FileNotFoundError):
        return None


def write_seal(folder: Path, seal: Seal) -> None:
    """Put ``seal`` in its place: from now on its part exists."""
    write_sealed(seal_path(folder, seal.part), asdict(seal))


def is_whole(folder: Path, seal: Seal) -> bool:
    """Whether the files of a part are what ``seal`` says, to the byte."""
    return all(_is_as_sealed(folder / file.path, file) for file in seal.files)


def _is_as_sealed(path: Path, file: SealedFile) -> bool:
    try:
        return path.stat().st_size == file.bytes and sha256_of(path) == file.sha256
    except FileNotFoundError:
        return False


class _WriteChunk(beam.DoFn):
    def __init__(self, folder: Path, tables: Tables, orders: Orders) -> None:
        self._folder = folder
        self._tables = tables
        self._orders = orders

    def start_bundle(self) -> None:
        self._passed: dict[str, list[Receipt]] = {}

    def process(self, chunk: Chunk) -> Iterator[tuple[str, Receipt]]:
        tables = self._tables(chunk)
        for name, table in tables.items():
            path = _chunk_path(self._folder, chunk.part, name, chunk.number)
            with atomic_file(path) as sink, pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
        receipt = Receipt(chunk.number, chunk.last, chunk.counts, tuple(sorted(tables)), chunk.work)
        self._passed.setdefault(chunk.part, []).append(receipt)
        if chunk.last and _is_whole(passed := self._passed.pop(chunk.part)):
            _seal_part(self._folder, self._orders, chunk.part, passed)
        yield chunk.part, receipt


def _is_whole(receipts: Sequence[Receipt]) -> bool:
    return [receipt.number for receipt in receipts] == list(range(len(receipts))) and receipts[-1].last


def _seal_part(folder: Path, orders: Orders, part: str, arrived: Iterable[Receipt]) -> Seal:
    receipts = sorted(set(arrived), key=lambda receipt: receipt.number)
    if not _is_whole(receipts):
        raise WorkError(
            f"part {part}: chunks are missing (have {[receipt.number for receipt in receipts]}); "
            "the runner lost records. Nothing was sealed: run the same command again."
        )
    seal = read_seal(folder, part)
    if seal is None or not is_whole(folder, seal):
        names = sorted({name for receipt in receipts for name in receipt.names})
        files = tuple(_join(folder, part, name, receipts, orders.get(name, ())) for name in names)
        seal = Seal(part, files, add_counts(count for receipt in receipts for count in receipt.counts))
        write_work(folder, part, add_work(work for receipt in receipts for work in receipt.work))
        write_seal(folder, seal)
    for receipt in receipts:
        for name in receipt.names:
            _chunk_path(folder, part, name, receipt.number).unlink(missing_ok=True)
    return seal


def _join(folder: Path, part: str, name: str, receipts: Iterable[Receipt], order: Sequence[str]) -> SealedFile:
    paths = [_chunk_path(folder, part, name, receipt.number) for receipt in receipts if name in receipt.names]
    target = folder / name.format(part=part)
    rows = 0
    with parquet_file(target, _schema_of(paths[0])) as writer:
        for table in row_groups(in_order(_tables(paths), order)):
            writer.write_table(table)
            rows += table.num_rows
    return SealedFile(str(target.relative_to(folder)), rows, target.stat().st_size, sha256_of(target))


def in_order(tables: Iterable[pa.Table], order: Sequence[str]) -> Iterable[pa.Table]:
    """``tables`` as they are, or as one that is sorted by the columns in ``order``; equal rows keep their order."""
    if not order:
        return tables
    return (pa.concat_tables(tables).sort_by([(column, "ascending") for column in order]),)


def row_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The rows of ``tables`` cut anew: `ROWS_A_GROUP` in each but the last.

    Each in one piece, for where a table's pieces end shows in the bytes of a Parquet file.
    """
    held: list[pa.Table] = []
    rows = 0
    for table in tables:
        held.append(table)
        rows += table.num_rows
        while rows >= ROWS_A_GROUP:
            joined = pa.concat_tables(held)
            yield joined.slice(0, ROWS_A_GROUP).combine_chunks()
            held, rows = [joined.slice(ROWS_A_GROUP)], rows - ROWS_A_GROUP
    if rows:
        yield pa.concat_tables(held).combine_chunks()


def _tables(paths: Iterable[Path]) -> Iterator[pa.Table]:
    for path in paths:
        with pa.OSFile(str(path)) as source:
            yield pa.ipc.open_stream(source).read_all()


def _schema_of(path: Path) -> pa.Schema:
    with pa.OSFile(str(path)) as source:
        return pa.ipc.open_stream(source).schema


def _chunk_path(folder: Path, part: str, name: str, number: int) -> Path:
    return folder / "chunks" / part / f"{name.replace('/', '~').format(part='')}.{number:06d}.arrow"


def _seal_of(value: Mapping[str, Any]) -> Seal:
    return Seal(
        part=value["part"],
        files=tuple(SealedFile(**entry) for entry in value["files"]),
        counts=tuple(
            StationCount(**{**entry, "fates": tuple((fate, pages) for fate, pages in entry["fates"])})
            for entry in value["counts"]
        ),
    )
