"""What station 7 leaves on disk: for each part the rows that go, and for which document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from tesuki.dedup.claims import EDGE
from tesuki.pipelines.deduplication.descriptions import SIMILARITY, Compared
from tesuki.pipelines.deduplication.numbering import Documents, parts_of, rows_of
from tesuki.pipelines.deduplication.packing import packed, unpacked
from tesuki.pipelines.storage.files import parquet_file
from tesuki.pipelines.storage.schemas import DROPS

REMOVED = "removals"
"""Where the lists of removals lie beside the drops."""

REMOVALS = pa.schema([("id", pa.string()), ("url", pa.string()), ("level", pa.string()), *DROPS])
"""Rows of an earlier index that a newer document displaces: id, URL and level of the one to remove, then as `DROPS`."""


def nothing_dropped(part: int) -> tuple[int, Compared]:
    """The comparison of a part without duplicates: each part gets a file."""
    return part, (packed(np.empty(0, dtype=EDGE)), [], packed(np.empty(0, dtype=SIMILARITY)))


def write_drops(documents: Documents, folder: Path, part: int, compared: Iterable[Compared]) -> Iterator[Path]:
    """Write ``<part>.drops.parquet``: every row of a judged ``part`` that goes; an empty table for none."""
    if part < documents.judged:
        path = folder / f"{documents.name(part)}.drops.parquet"
        _write(path, _drops(documents, compared))
        yield path


def write_removals(documents: Documents, folder: Path, part: int, compared: Iterable[Compared]) -> Iterator[Path]:
    """Write ``<index>/<part>.removals.parquet`` where ``part`` is of an earlier index: what that corpus loses."""
    if part >= documents.judged:
        drops = _drops(documents, compared)
        known = documents.columns(part, ("id", "url", "level")).take(drops["row"])
        path = folder / f"{documents.name(part)}.removals.parquet"
        _write(path, pa.table([*known.columns, *drops.columns], schema=REMOVALS).combine_chunks())
        yield path


def _drops(documents: Documents, compared: Iterable[Compared]) -> pa.Table:
    blocks = list(compared)
    edges = unpacked((block for block, _, _ in blocks), EDGE)
    names = [documents.name(part) for part in parts_of(edges["first"]).tolist()]
    table = pa.table(
        [
            pa.array(rows_of(edges["loser"]), pa.uint32()),
            pa.array([name for _, ids, _ in blocks for name in ids], pa.string()),
            pa.array(names, pa.string()),
            pa.array(rows_of(edges["first"]), pa.uint32()),
            pa.array(edges["band"]),
            pa.array(unpacked((similarities for _, _, similarities in blocks), SIMILARITY)),
        ],
        schema=DROPS,
    )
    return table.sort_by("row").combine_chunks()


def _write(path: Path, table: pa.Table) -> None:
    with parquet_file(path, table.schema) as writer:
        writer.write_table(table)
