"""Writing a band index of what a deduplicated corpus keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import DedupParameters
from tesuki.pipelines.deduplication.claims import Group, bands_of
from tesuki.pipelines.deduplication.index.band_index import (
    INDEXED,
    RANGE_ENTRIES,
    entry_type,
    seal_band_index,
    write_entries,
)
from tesuki.pipelines.deduplication.numbering import Documents, documents_in, order_columns, priorities, references
from tesuki.pipelines.storage.files import parquet_file
from tesuki.pipelines.storage.key_ranges import key_bits_for, key_ranges, runs


def write_band_index(
    pipeline: beam.Pipeline,
    judged: Sequence[Path],
    drops: Path,
    folder: Path,
    parameters: DedupParameters,
    order: KeepOrder,
    range_entries: int = RANGE_ENTRIES,
) -> beam.PCollection:
    """Add to ``pipeline`` all that writes the band index of the ``judged`` parts less their ``drops``.

    Once the pipeline has run, `finish_band_index` makes an index of it. Returns the band files written.
    """
    documents = documents_in(judged)
    return (
        pipeline
        | "parts to index" >> beam.Create(range(documents.judged), reshuffle=False)
        | "spread parts to index" >> beam.Reshuffle()
        | "entries"
        >> beam.FlatMap(
            partial(
                entries_of_part,
                documents,
                drops,
                folder,
                parameters,
                order,
                key_bits_for(documents.rows, range_entries),
            )
        )
        | "band ranges" >> beam.GroupByKey()
        | "write entries" >> beam.MapTuple(partial(write_range, folder))
    )


def finish_band_index(
    judged: Sequence[Path],
    folder: Path,
    parameters: DedupParameters,
    order: KeepOrder,
    range_entries: int = RANGE_ENTRIES,
) -> None:
    """Seal what `write_band_index` wrote for the same ``judged`` parts: from now on it can be opened."""
    documents = documents_in(judged)
    seal_band_index(folder, documents.names, key_bits_for(documents.rows, range_entries), parameters, order)


def entries_of_part(
    documents: Documents,
    drops: Path,
    folder: Path,
    parameters: DedupParameters,
    order: KeepOrder,
    key_bits: int,
    part: int,
) -> Iterator[tuple[Group, NDArray[np.void]]]:
    """Write the kept documents of a part, and give its entries by band and range of keys."""
    name = documents.names[part]
    columns = ("keep", "id", "url", "date", "fingerprint", "band_keys", "sketch", *order_columns(order))
    table = documents.columns(part, sorted(set(columns)))
    kept = np.asarray(table["keep"]).copy()
    kept[np.asarray(pq.read_table(drops / f"{name}.drops.parquet", columns=["row"])["row"])] = False
    table = table.filter(pa.array(kept))
    table = table.append_column("priority", pa.array(priorities(order, table)))
    with parquet_file(folder / "documents" / f"{name}.parquet", INDEXED) as writer:
        # In one piece: where the pieces of a table end shows in the bytes of the file.
        writer.write_table(table.select(INDEXED.names).cast(INDEXED).combine_chunks())
    for band, rows, keys in bands_of(table, parameters, documents.paths[part].name):
        entries = np.empty(len(keys), dtype=entry_type(band))
        entries["key"] = keys
        entries["document"] = references(part, rows)
        ranges = key_ranges(keys[:, 0], key_bits)
        ranked = np.argsort(ranges, kind="stable")
        for number, start, stop in runs(ranges[ranked]):
            yield (band, number), entries[ranked[start:stop]]


def write_range(folder: Path, group: Group, blocks: Iterable[NDArray[np.void]]) -> Path:
    """Write one range of one band."""
    band, key_range = group
    return write_entries(folder, band, key_range, list(blocks))
