"""From a crawl's index to lists of the records that are wanted, on this machine, and these in parts.

A list is made once for each file of the index and lies under a name made of that file's version and the filter. What a
run knows of a crawl afterwards is these lists: their hashes stand in the manifest, and each row is a record's place and
the digest its bytes are held against.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.inputs import Input, identify_inputs, remember_inputs
from tesuki.pipelines.reading.remote.address import remote_of
from tesuki.pipelines.reading.remote.file import RemoteFile
from tesuki.pipelines.reading.remote.index_rows import (
    LISTED,
    RECORD_BYTES,
    IndexRow,
    Where,
    index_rows,
    wanted_rows,
    without_addresses,
)
from tesuki.pipelines.reading.remote.manners import Manners
from tesuki.pipelines.storage.files import parquet_file
from tesuki.pipelines.storage.names import digest

COMMON_CRAWL = "https://data.commoncrawl.org/"
"""Below this lie the archives that Common Crawl's index names."""

_CRAWL = re.compile(r"CC-MAIN-\d{4}-\d{2}")
_SUBSET = re.compile(r"/subset=([^/]+)/")

ROWS_A_GROUP = 1 << 16
"""Rows of a row group of a list: what a part reads more than it needs."""

ROWS_A_PART = 1 << 16
"""Most rows of a part, some 26 MB in memory, however short their records."""


def crawl_base(base: str | None) -> str:
    """Below which address the archives lie that an index names, in one spelling."""
    return (base or COMMON_CRAWL).rstrip("/")


def index_word(word: str, base: str | None) -> str:
    """``word`` of a recipe or a command line; where it is the name of a crawl, the list of its index."""
    if not _CRAWL.fullmatch(word):
        return word
    return f"{crawl_base(base)}/crawl-data/{word}/cc-index-table.paths.gz"


def index_files(names: Sequence[Path | str], field: str, subset: str = "warc") -> tuple[Path | str, ...]:
    """Those of ``names`` that are the index of a ``subset`` of a crawl: of its pages, or of robots.txt (``robotstxt``).
    A crawl's list names the files of all; a file whose path says nothing of it is taken.

    Raises `RequestError` that begins with ``field`` where there are none.
    """
    found = tuple(name for name in names if (named := _SUBSET.search(str(name))) is None or named[1] == subset)
    if not found:
        raise RequestError(f"{field}: none of the {len(names)} files is of subset={subset}")
    return found


def plan_rows(names: Sequence[Path | str], where: Where, folder: Path, manners: Manners, first: int = 0) -> list[Path]:
    """The lists, below ``folder``, of the rows of the index files ``names`` that ``where`` wants, without empty ones.

    What is there is not made again. Of several runs that plan at once each file is read by one, the others wait for it;
    they begin at different files where ``first`` differs. Raises `RequestError` for what is no index.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / "index.json"
    with _alone(folder / "index.lock"):
        inputs = identify_inputs({"index": names}, known, manners)
        remember_inputs(inputs, known)
    order = [inputs[(first + number) % len(inputs)] for number in range(len(inputs))]
    lists = [_listed(entry, where, folder, manners) for entry in order]
    return sorted(path for path in lists if pq.read_metadata(path).num_rows)


def _listed(entry: Input, where: Where, folder: Path, manners: Manners) -> Path:
    name = digest({"index": entry.identity(), "where": where.value(), "columns": LISTED.names})[:16]
    target = folder / f"{Path(entry.archive).stem}-{name}.rows.parquet"
    if target.is_file():
        return target
    with _alone(folder / f"{name}.lock"):
        if target.is_file():
            return target
        with opened_index(entry, manners) as source:
            rows = wanted_rows(source, entry.archive, where)
        with parquet_file(target, LISTED) as writer:
            writer.write_table(without_addresses(rows).combine_chunks(), row_group_size=ROWS_A_GROUP)
    return target


@contextmanager
def opened_index(entry: Input, manners: Manners) -> Iterator[Path | BinaryIO]:
    """A file of the index, here or elsewhere, as Parquet can be read from it."""
    if isinstance(entry.path, Path):
        yield entry.path
    else:
        with RemoteFile(remote_of(entry.path), manners) as source:
            yield cast("BinaryIO", source)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time; the others wait."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def row_ranges(path: str | Path, subset: str, range_bytes: int) -> tuple[Range, ...]:
    """The rows of the list at ``path`` in ranges, numbers of rows, whose records have ``range_bytes`` at least, but
    the last and those of `ROWS_A_PART` rows."""
    path = Path(path)
    lengths = _lengths(path)
    borders, ends, start = [0], np.cumsum(lengths), 0
    while start < len(lengths):
        before = int(ends[start - 1]) if start else 0
        start = min(int(np.searchsorted(ends, before + range_bytes)) + 1, start + ROWS_A_PART, len(lengths))
        borders.append(start)
    return tuple(Range(subset, str(path), path.name, start, end) for start, end in pairwise(borders))


def record_bytes(path: str | Path) -> int:
    """The bytes of all records that the list at ``path`` names."""
    return int(_lengths(path).sum())


def row_extent(path: str | Path) -> tuple[int, float]:
    """How many rows the list at ``path`` has, and what one has to be fetched in bytes, on average."""
    lengths = _lengths(path)
    return len(lengths), float(lengths.mean()) if len(lengths) else 0.0


def _lengths(path: str | Path) -> npt.NDArray[np.int64]:
    """What each row of the list at ``path`` has to be fetched: nothing of one whose length can't be."""
    lengths = np.asarray(pq.read_table(path, columns=["warc_record_length"])["warc_record_length"])
    return np.where((lengths > 0) & (lengths <= RECORD_BYTES), lengths, 0)


def rows_between(path: Path, start: int, end: int) -> list[IndexRow]:
    """The rows ``[start, end)`` of the list at ``path``."""
    found: list[IndexRow] = []
    with pq.ParquetFile(path) as file:
        first = 0
        for number in range(file.num_row_groups):
            count = file.metadata.row_group(number).num_rows
            if start < first + count and first < end:
                table = file.read_row_group(number)
                found += index_rows(table.slice(max(0, start - first), min(end, first + count) - max(start, first)))
            first += count
    return found


def row_at(path: Path, archive: str, offset: int) -> IndexRow | None:
    """The row of the record at ``offset`` of the archive whose file is called ``archive``."""
    table = pq.read_table(path, filters=[("warc_record_offset", "=", offset)], schema=LISTED)
    return next((row for row in index_rows(table) if row.archive.rpartition("/")[2] == archive), None)
