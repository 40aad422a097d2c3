"""The first pipeline: archive ranges to parts. Stations 1 to 6, and the keys by which station 7 will compare.

It has two halves with a border on disk between them, because extraction costs ten times all the rest: a change of the
rules judges the extracted pages again and extracts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import apache_beam as beam
import pyarrow as pa

from tesuki.dedup.presets import DedupParameters
from tesuki.filters.presets import Preset
from tesuki.pipelines.decoding.detect import detect
from tesuki.pipelines.deduplication.step import add_keys
from tesuki.pipelines.journey.chunk import Chunk, chunks
from tesuki.pipelines.journey.station import Station, except_for, plain
from tesuki.pipelines.judging.language import identify
from tesuki.pipelines.judging.step import COMPARED, marked, measure
from tesuki.pipelines.reading.sources import FORMATS, Source
from tesuki.pipelines.reading.stored_pages import PageStore
from tesuki.pipelines.storage.judged_part import Part
from tesuki.pipelines.storage.part_writer import Seal, WriteParts
from tesuki.pipelines.storage.rows import fate_rows, judged_rows, page_rows


@dataclass(frozen=True, slots=True)
class Judging:
    """What station 6 judges by, and the numbers by which station 7 will compare.

    Pages of the subsets in ``unjudged`` are measured and all pass. ``order`` is the recipe's ``rules.order``.
    """

    preset: Preset
    unjudged: frozenset[str]
    dedup: DedupParameters
    order: str


def extract(
    pipeline: beam.Pipeline,
    parts: Sequence[Part],
    folder: Path,
    detection: str,
    store: PageStore,
    judging: Judging,
) -> None:
    """Add to ``pipeline`` all that brings ``parts`` to their judged form below ``folder``; what is there stays."""
    to_read = [part for part in parts if not _sealed(folder / "pages", part.pages)]
    unread = frozenset(part.pages for part in to_read)
    texts = frozenset(name for name, source in store.sources.items() if not FORMATS[source.format].html)
    known = frozenset(name for name, source in store.sources.items() if not FORMATS[source.format].any_language)
    to_judge = [part for part in parts if part.pages not in unread and not _sealed(folder / "judged", part.judged)]

    keys = partial(add_keys, judging.dedup, COMPARED[judging.order])

    extracted = (
        pipeline
        | "ranges" >> beam.Create(to_read, reshuffle=False)
        | "spread ranges" >> beam.Reshuffle()
        | "read" >> beam.FlatMap(partial(read_part, store.sources))
        | Station("detect", except_for(texts, plain(detect(detection))))
        | Station("decode", except_for(texts, plain(store.decode)))
        | Station("extract", except_for(texts, store.open_extraction))
        | Station("identify", except_for(known, plain(identify)))
        | WriteParts("write pages", folder / "pages", page_tables)
        | "parts read" >> beam.Map(partial(part_of_seal, {part.pages: part for part in to_read}))
    )
    _ = (
        (extracted, pipeline | "parts there" >> beam.Create(to_judge, reshuffle=False))
        | beam.Flatten()
        | "spread parts" >> beam.Reshuffle()
        | "read pages" >> beam.FlatMap(partial(read_pages, store, folder / "pages"))
        | Station("measure", plain(partial(marked, "measure", partial(measure, judging.preset, judging.unjudged))))
        | Station("fingerprint", plain(partial(marked, "fingerprint", keys)))
        | WriteParts("write judged", folder / "judged", judged_tables)
    )


def read_part(sources: Mapping[str, Source], part: Part) -> Iterator[Chunk]:
    """Station 1: the records that begin in the part's range, one page or fate for each."""
    return chunks(part.pages, sources[part.range.subset].read(part.range), "read")


def read_pages(store: PageStore, folder: Path, part: Part) -> Iterator[Chunk]:
    """The pages that stations 1-5 left in a part, as they were."""
    path = folder / f"{part.pages}.pages.parquet"
    return chunks(part.judged, store.pages(path, part.range.subset), "read pages")


def page_tables(chunk: Chunk) -> Mapping[str, pa.Table]:
    """What stations 1-5 leave of a chunk."""
    return {"{part}.pages.parquet": page_rows(chunk.pages), "{part}.fates.parquet": fate_rows(chunk.fates)}


def judged_tables(chunk: Chunk) -> Mapping[str, pa.Table]:
    """What station 6 leaves of a chunk."""
    return {"{part}.judged.parquet": judged_rows(chunk.pages)}


def part_of_seal(parts: Mapping[str, Part], seal: Seal) -> Part:
    """The part that ``seal`` says is written."""
    return parts[seal.part]


def _sealed(folder: Path, part: str) -> bool:
    return (folder / "seals" / f"{part}.json").exists()
