"""Stations 11 and 12: documents to token parts, token parts to shards.

Token parts hold the ids of one document file, in document order, so that every shard finds its rows in each of them
as one slice. Only histograms travel between workers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa

from tesuki.pipelines.engine.numbers import Numbers
from tesuki.pipelines.storage.corpus_folder import DocumentFile
from tesuki.pipelines.storage.files import atomic_file, sha256_of, write_bytes
from tesuki.pipelines.storage.numbered import open_rows, write_rows
from tesuki.pipelines.tokens.placing import USE_OF_SPLIT, documents_by_row, split_for
from tesuki.pipelines.tokens.token_parts import read_token_part, write_token_part
from tesuki.release_levels.levels import Level, require
from tesuki.tokenize.buckets import Buckets
from tesuki.tokenize.document_contract import DocumentForm
from tesuki.tokenize.document_order import document_order, order_hashes
from tesuki.tokenize.repeats import format_repeats
from tesuki.tokenize.shard_metadata import ShardMetadata, stamp_of
from tesuki.tokenize.shard_plan import DEFAULT_BINS, Histogram, ShardRange, histogram, plan_shards
from tesuki.tokenize.shards import write_shard
from tesuki.tokenize.splits import Split, SplitFractions
from tesuki.tokenize.token_rows import (
    TokenRows,
    concatenate_rows,
    copied_rows,
    ordered_rows,
    rows_in_range,
    rows_of,
    take_rows,
)
from tesuki.tokenize.token_width import TokenArray
from tesuki.tokenize.tokenizers import Tokenizer, open_tokenizer

DOCUMENT_FILES = pa.schema([("path", pa.string()), ("subset", pa.string()), ("level", pa.string())])
"""The document files, as workers look them up by number."""


@dataclass(frozen=True, slots=True)
class ShardSettings:
    """What stations 11 and 12 need to know of the recipe. ``test_subsets`` are those the recipe calls LX.

    ``repeats`` are those of each row of the mixture; ``buckets`` are there for the subsets that have any.
    """

    tokenizer: Path
    document: DocumentForm
    splits: SplitFractions
    repeats: Mapping[str, Fraction]
    buckets: Mapping[str, Buckets]
    test_subsets: frozenset[str]
    shard_tokens: int
    tokens_folder: Path
    shards_folder: Path


@dataclass(frozen=True, slots=True)
class ShardJob:
    """One shard to be written: the ``number``-th of ``of`` for a row of the mixture and a split."""

    subset: str
    split: Split
    number: int
    of: int
    range: ShardRange


@dataclass(frozen=True, slots=True)
class ShardFile:
    """One finished shard; ``path`` is relative to the corpus' folder."""

    path: str
    subset: str
    split: Split
    number: int
    rows: int
    tokens: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class UniqueCounts:
    """What a row of the mixture, a subset or a bucket of one, holds in a split; its repeats may ask for none of it."""

    subset: str
    split: Split
    documents: int
    tokens: int


Counts = tuple[Histogram, Histogram]
"""Tokens and documents by bin of the order hash."""


def shards(pipeline: beam.Pipeline, files: Sequence[DocumentFile], settings: ShardSettings) -> None:
    """Add to ``pipeline`` the way from document files to token parts and shards."""
    table = settings.shards_folder / "document-files.rows"
    write_rows(table, DOCUMENT_FILES, ((str(file.path), file.subset, file.level) for file in files))
    _ = (
        pipeline
        | "document files" >> Numbers(len(files))
        | "tokenize" >> beam.ParDo(_Tokenize(settings, table))
        | "sum counts" >> beam.CombinePerKey(sum_counts)
        | "plan shards" >> beam.FlatMapTuple(partial(_shard_jobs, settings))
        | "spread shards" >> beam.Reshuffle()
        | "shard" >> beam.ParDo(_WriteShard(settings))
    )


def read_shard_files(folder: Path) -> tuple[ShardFile, ...]:
    """The shards that have been written below ``folder``, by path."""
    found = [ShardFile(**json.loads(path.read_bytes())) for path in folder.glob("seals/*.json")]
    return tuple(sorted(found, key=lambda file: file.path))


def read_unique_counts(folder: Path) -> tuple[UniqueCounts, ...]:
    """What each subset holds in each split, by subset and split."""
    found = [UniqueCounts(**json.loads(path.read_bytes())) for path in folder.glob("counts/*.json")]
    return tuple(sorted(found, key=lambda counts: (counts.subset, counts.split)))


def shard_path(subset: str, split: Split, number: int, of: int) -> str:
    """Where the ``number``-th of ``of`` shards lies in a corpus."""
    return f"shards/{split}/{subset}/shard-{number:05d}-of-{of:05d}.arrow"


def sum_counts(counts: Iterable[Counts]) -> Counts:
    """Histograms added up: associative and commutative, as a combiner must be."""
    tokens, documents = np.zeros(DEFAULT_BINS, np.int64), np.zeros(DEFAULT_BINS, np.int64)
    for more_tokens, more_documents in counts:
        tokens += more_tokens
        documents += more_documents
    return tokens, documents


class _Tokenize(beam.DoFn):
    def __init__(self, settings: ShardSettings, files: Path) -> None:
        self._settings = settings
        self._files = files

    def setup(self) -> None:
        self._tokenizer: Tokenizer = open_tokenizer(self._settings.tokenizer, self._settings.document)

    def process(self, number: int) -> Iterator[tuple[tuple[str, Split], Counts]]:
        # Mapped for the moment of looking: the shards that follow in this process need their maps for token parts.
        path, subset, of_level = open_rows(self._files).row(number)
        file = DocumentFile(Path(path), subset, of_level)
        level = Level[file.level]
        where = partial(split_for, self._settings.splits, self._settings.test_subsets)
        ids: dict[tuple[str, Split], list[str]] = {}
        documents: dict[tuple[str, Split], list[TokenArray]] = {}
        for name, row in documents_by_row(file, self._settings.buckets.get(file.subset)):
            split = where(file.subset, level, row["url"], row["id"])
            if split is not None:
                require(level, USE_OF_SPLIT[split])
                ids.setdefault((name, split), []).append(row["id"])
                documents.setdefault((name, split), []).append(self._tokenizer.encode_document(row["text"]))
        for key in sorted(ids):
            rows = ordered_rows(rows_of(ids[key], documents.pop(key), order_hashes(ids[key])))
            folder = self._settings.tokens_folder.joinpath(*key)
            write_token_part(folder / f"{file.path.stem}.{file.level}.arrow", rows)
            yield (
                key,
                (histogram(rows.hashes, rows.lengths), histogram(rows.hashes, np.ones_like(rows.lengths))),
            )


def _shard_jobs(settings: ShardSettings, key: tuple[str, Split], counts: Counts) -> Iterator[ShardJob]:
    subset, split = key
    tokens, documents = counts
    unique = UniqueCounts(subset, split, documents=int(documents.sum()), tokens=int(tokens.sum()))
    path = settings.shards_folder / "counts" / f"{subset}.{split}.json"
    write_bytes(path, json.dumps(asdict(unique), sort_keys=True).encode())
    repeats = settings.repeats[subset] if split == "train" else Fraction(1)
    ranges = plan_shards(tokens, documents, repeats, settings.shard_tokens)
    for number, span in enumerate(ranges):
        yield ShardJob(subset, split, number, len(ranges), span)


class _WriteShard(beam.DoFn):
    def __init__(self, settings: ShardSettings) -> None:
        self._settings = settings

    def setup(self) -> None:
        self._stamp = stamp_of(open_tokenizer(self._settings.tokenizer, self._settings.document))

    def process(self, job: ShardJob) -> Iterator[ShardFile]:
        parts = sorted((self._settings.tokens_folder / job.subset / job.split).glob("*.arrow"))
        slices: list[TokenRows] = []
        allowed = []
        for part in parts:
            # Copied, so that one part is mapped at a time: a process may hold 65,530 maps, and a crawl has more parts.
            found = copied_rows(rows_in_range(read_token_part(part), job.range.first, job.range.end))
            if len(found) or not slices:
                level = Level[part.suffixes[-2].removeprefix(".")]
                allowed.append(np.full(len(found), level.allows(USE_OF_SPLIT[job.split])))
                slices.append(found)
        permitted, rows = np.concatenate(allowed), concatenate_rows(slices)
        del slices
        order = document_order(rows.hashes, rows.document_ids.to_pylist())
        repeats = self._settings.repeats[job.subset] if job.split == "train" else Fraction(1)
        metadata = ShardMetadata(self._stamp, job.subset, job.split, format_repeats(repeats))
        path = shard_path(job.subset, job.split, job.number, job.of)
        target = self._settings.shards_folder / path
        with atomic_file(target) as sink:
            counts = write_shard(sink, take_rows(rows, order), metadata, permitted[order])
        made = ShardFile(
            path,
            job.subset,
            job.split,
            job.number,
            rows=counts.documents,
            tokens=counts.tokens,
            bytes=target.stat().st_size,
            sha256=sha256_of(target),
        )
        seal = self._settings.shards_folder / "seals" / f"{path.replace('/', '~')}.json"
        write_bytes(seal, json.dumps(asdict(made), sort_keys=True).encode())
        yield made
