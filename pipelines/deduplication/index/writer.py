"""Writing a band index of what a deduplicated corpus keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import DedupParameters
from tesuki.pipelines.deduplication.claims import Group, bands_of, check_keys
from tesuki.pipelines.deduplication.index.band_index import (
    INDEXED,
    RANGE_ENTRIES,
    entry_type,
    seal_band_index,
    write_entries,
)
from tesuki.pipelines.deduplication.numbering import order_columns, priorities, references
from tesuki.pipelines.engine.numbers import Numbers
from tesuki.pipelines.storage.files import parquet_file
from tesuki.pipelines.storage.judged_part import JudgedPart
from tesuki.pipelines.storage.key_ranges import key_bits_for, key_ranges, runs

LevelsOf = Callable[[JudgedPart], Sequence[str | None]]
"""The release level of each row of a part that became a document, None of each that left."""


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """How an index is made. ``staying`` names the subsets that are test sets, whose documents give way to no other.

    ``range_entries`` is how many entries a band file should hold.
    """

    folder: Path
    parameters: DedupParameters
    order: KeepOrder
    staying: frozenset[str] = frozenset()
    range_entries: int = RANGE_ENTRIES


def write_band_index(
    pipeline: beam.Pipeline, parts: Sequence[JudgedPart], levels_of: LevelsOf, settings: IndexSettings
) -> beam.PCollection:
    """Add to ``pipeline`` all that writes the band index of the rows of ``parts`` that ``levels_of`` has a level for.

    The parts are sorted by name. Once the pipeline has run, `finish_band_index` makes an index of it. Returns the band
    files written.
    """
    return (
        pipeline
        | "parts to index" >> Numbers(len(parts))
        | "entries" >> beam.FlatMap(partial(entries_of_part, levels_of, settings, _key_bits(parts, settings), parts))
        | "band ranges" >> beam.GroupByKey()
        | "write entries" >> beam.MapTuple(partial(write_range, settings.folder))
    )


def finish_band_index(parts: Sequence[JudgedPart], settings: IndexSettings) -> None:
    """Seal what `write_band_index` wrote for the same ``parts``: from now on it can be opened."""
    names = [part.part for part in parts]
    seal_band_index(settings.folder, names, _key_bits(parts, settings), settings.parameters, settings.order)


def entries_of_part(
    levels_of: LevelsOf, settings: IndexSettings, key_bits: int, parts: Sequence[JudgedPart], position: int
) -> Iterator[tuple[Group, NDArray[np.void]]]:
    """Write the kept documents of a part, and give its entries by band and range of keys."""
    part = parts[position]
    columns = ("id", "url", "date", "fingerprint", "band_keys", "sketch", *order_columns(settings.order))
    table = pq.ParquetFile(part.judged).read(columns=sorted(set(columns)))
    table = table.append_column("level", pa.array(levels_of(part), pa.string()))
    table = table.filter(table["level"].is_valid())
    check_keys(table, settings.parameters, part.judged.name)
    table = table.append_column("priority", pa.array(priorities(settings.order, table)))
    table = table.append_column("staying", pa.array(np.full(table.num_rows, part.subset in settings.staying)))
    with parquet_file(settings.folder / "documents" / f"{part.part}.parquet", INDEXED) as writer:
        # In one piece: where the pieces of a table end shows in the bytes of the file.
        writer.write_table(table.select(INDEXED.names).cast(INDEXED).combine_chunks())
    for band, rows, keys in bands_of(table, settings.parameters):
        entries = np.empty(len(keys), dtype=entry_type(band))
        entries["key"] = keys
        entries["document"] = references(position, rows)
        ranges = key_ranges(keys[:, 0], key_bits)
        ranked = np.argsort(ranges, kind="stable")
        for number, start, stop in runs(ranges[ranked]):
            yield (band, number), entries[ranked[start:stop]]


def write_range(folder: Path, group: Group, blocks: Iterable[NDArray[np.void]]) -> Path:
    """Write one range of one band."""
    band, key_range = group
    return write_entries(folder, band, key_range, list(blocks))


def _key_bits(parts: Sequence[JudgedPart], settings: IndexSettings) -> int:
    return key_bits_for(sum(pq.read_metadata(part.judged).num_rows for part in parts), settings.range_entries)
