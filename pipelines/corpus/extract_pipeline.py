"""The first pipeline: archive ranges to parts. Stations 1 to 6, and the keys by which station 7 will compare.

It has two halves with a border on disk between them, because extraction costs ten times all the rest: a change of the
rules judges the extracted pages again and extracts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import TaggedOutput

from tesuki.dedup.presets import DedupParameters
from tesuki.filters.presets import Preset
from tesuki.pipelines.decoding.detect import detect
from tesuki.pipelines.deduplication.step import add_keys
from tesuki.pipelines.engine.numbers import Numbers
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.chunk import Chunk, chunks
from tesuki.pipelines.journey.station import Station, except_for, plain
from tesuki.pipelines.judging.language import identify
from tesuki.pipelines.judging.step import COMPARED, marked, measure
from tesuki.pipelines.reading.sources import FORMATS, Source
from tesuki.pipelines.reading.stored_pages import PageStore
from tesuki.pipelines.storage.part_writer import Seal, WriteParts, seal_path
from tesuki.pipelines.storage.parts import Parts
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
    parts: Parts,
    folder: Path,
    detection: str,
    store: PageStore,
    judging: Judging,
) -> None:
    """Add to ``pipeline`` all that brings ``parts`` to their judged form below ``folder``; what is there stays."""
    texts = frozenset(name for name, source in store.sources.items() if not FORMATS[source.format].html)
    known = frozenset(name for name, source in store.sources.items() if not FORMATS[source.format].any_language)
    keys = partial(add_keys, judging.dedup, COMPARED[judging.order])

    find = beam.FlatMap(partial(to_do, parts, folder))
    # Left to Beam, the name of a transform with several outputs is the text of all that was given to it.
    find.label = "to do"
    to_read, to_judge = pipeline | "parts" >> Numbers(len(parts)) | find.with_outputs(READ, JUDGE)
    extracted = (
        to_read
        | "read" >> beam.FlatMap(partial(read_part, store.sources, parts))
        | Station("detect", except_for(texts, plain(detect(detection))))
        | Station("decode", except_for(texts, plain(store.decode)))
        | Station("extract", except_for(texts, store.open_extraction))
        | Station("identify", except_for(known, plain(identify)))
        | WriteParts("write pages", folder / "pages", page_tables)
        | "parts read" >> beam.Map(partial(number_of_seal, parts))
    )
    _ = (
        (extracted, to_judge)
        | beam.Flatten()
        | "spread parts" >> beam.Reshuffle()
        | "read pages" >> beam.FlatMap(partial(read_pages, store, parts, folder / "pages"))
        | Station("measure", plain(partial(marked, "measure", partial(measure, judging.preset, judging.unjudged))))
        | Station("fingerprint", plain(partial(marked, "fingerprint", keys)))
        | WriteParts("write judged", folder / "judged", judged_tables)
    )


READ, JUDGE = "read", "judge"


def to_do(parts: Parts, folder: Path, number: int) -> Iterator[TaggedOutput]:
    """The number of a part where it is to be read, or only to be judged; nothing where it is there."""
    part = parts[number]
    if not seal_path(folder / "pages", part.pages).exists():
        yield TaggedOutput(READ, number)
    elif not seal_path(folder / "judged", part.judged).exists():
        yield TaggedOutput(JUDGE, number)


def read_part(sources: Mapping[str, Source], parts: Parts, number: int) -> Iterator[Chunk]:
    """Station 1: the records that begin in the part's range, one page or fate for each."""
    part = parts[number]
    return chunks(part.pages, sources[part.range.subset].read(part.range), "read")


def read_pages(store: PageStore, parts: Parts, folder: Path, number: int) -> Iterator[Chunk]:
    """The pages that stations 1-5 left in a part, as they were."""
    part = parts[number]
    path = folder / f"{part.pages}.pages.parquet"
    return chunks(part.judged, store.pages(path, part.range.subset), "read pages")


def page_tables(chunk: Chunk) -> Mapping[str, pa.Table]:
    """What stations 1-5 leave of a chunk."""
    return {"{part}.pages.parquet": page_rows(chunk.pages), "{part}.fates.parquet": fate_rows(chunk.fates)}


def judged_tables(chunk: Chunk) -> Mapping[str, pa.Table]:
    """What station 6 leaves of a chunk."""
    return {"{part}.judged.parquet": judged_rows(chunk.pages)}


def number_of_seal(parts: Parts, seal: Seal) -> int:
    """The number of the part whose pages ``seal`` says are written."""
    number = parts.number_of_pages(seal.part)
    if number is None:
        raise WorkError(f"part {seal.part} was sealed, which this run does not have; run the same command again")
    return number
