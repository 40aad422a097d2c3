"""Joining band indexes: the history of all crawls as one index, less what newer crawls displaced."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tesuki.dedup.claims import EXACT_BAND
from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import DedupParameters
from tesuki.pipelines.deduplication.index.band_index import (
    INDEXED,
    RANGE_ENTRIES,
    BandIndex,
    open_band_index,
    seal_band_index,
    write_entries,
)
from tesuki.pipelines.deduplication.numbering import ROW_BITS, ROW_MASK, references
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.files import parquet_file
from tesuki.pipelines.storage.key_ranges import key_bits_for


def merge_band_indexes(
    folders: Sequence[Path],
    target: Path,
    parameters: DedupParameters,
    order: KeepOrder,
    *,
    removals: Path | None = None,
    range_entries: int = RANGE_ENTRIES,
) -> None:
    """Write one index of all documents of the indexes in ``folders``, whatever their order, to ``target``.

    ``removals`` is the folder where `deduplicate` wrote removal lists for these indexes: what they name is
    left out. Memory is that of one range of one band, one document file and a number for each document left
    out. Raises `RequestError` for indexes made with other settings, or two of one name.
    """
    indexes = sorted((open_band_index(folder, parameters, order) for folder in folders), key=lambda index: index.name)
    if len({index.name for index in indexes}) < len(indexes):
        raise RequestError(f"{target}: two of the indexes to merge have one name; rename a folder")
    files = [(index, name) for index in indexes for name in index.names]
    names = [f"{index.name}-{name}" for index, name in files]
    gone = [_removed(removals, index, name) for index, name in files]
    documents = sum(
        _copy(path, target / "documents" / f"{name}.parquet", rows)
        for path, name, rows in zip(
            (path for index in indexes for path in index.document_files), names, gone, strict=True
        )
    )
    gone_numbers = np.concatenate(
        [np.empty(0, np.uint64), *(references(number, rows) for number, rows in enumerate(gone))]
    )
    key_bits = key_bits_for(documents, range_entries)
    firsts = np.cumsum([0, *(len(index.names) for index in indexes)]).tolist()
    for band in (EXACT_BAND, *range(parameters.r)):
        for key_range in range(1 << key_bits):
            lowest = key_range << (64 - key_bits)
            highest = lowest + (1 << (64 - key_bits)) - 1
            entries = [
                _renumbered(block, first, gone_numbers)
                for index, first in zip(indexes, firsts, strict=False)
                for block in index.entries(band, lowest, highest)
            ]
            if sum(map(len, entries)):
                write_entries(target, band, key_range, entries)
    seal_band_index(target, names, key_bits, parameters, order)


def _removed(removals: Path | None, index: BandIndex, name: str) -> NDArray[np.int64]:
    """The rows of one document file that a removal list names, ascending."""
    if removals is None or not (path := removals / index.name / f"{name}.removals.parquet").exists():
        return np.empty(0, np.int64)
    return np.sort(np.asarray(pq.read_table(path, columns=["row"])["row"], dtype=np.int64))


def _copy(source: Path, target: Path, without: NDArray[np.int64]) -> int:
    """Copy a document file without some rows; how many are left."""
    table = pq.read_table(source, schema=INDEXED)
    kept = np.ones(table.num_rows, dtype=bool)
    kept[without] = False
    table = table.filter(pa.array(kept))
    with parquet_file(target, INDEXED) as writer:
        writer.write_table(table)
    return int(table.num_rows)


def _renumbered(entries: NDArray[np.void], first_part: int, gone: NDArray[np.uint64]) -> NDArray[np.void]:
    """``entries`` with the numbers their documents have in the merged index, without those that are ``gone``."""
    numbers = entries["document"] + np.uint64(first_part << ROW_BITS)
    places = np.searchsorted(gone, numbers)
    kept = places == np.searchsorted(gone, numbers, side="right")
    earlier_in_file = places - np.searchsorted(gone, numbers & ~np.uint64(ROW_MASK))
    result: NDArray[np.void] = entries[kept]
    result["document"] = (numbers - earlier_in_file.astype(np.uint64))[kept]
    return result
