"""The shards of one subset and split without some documents: planned anew, written from the rows there are.

Shards stand in document order, so a shard is a run of places in it. A planned shard whose run is that of one there is
is that shard, under its number's name; the others are written.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.corpus.manifest import Manifest, MixtureEntry
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.storage.files import atomic_file, sha256_of
from tesuki.pipelines.tokens.pipeline import Counts, ShardFile, shard_path, sum_counts
from tesuki.pipelines.tokens.placing import USE_OF_SPLIT
from tesuki.release_levels.levels import Level
from tesuki.tokenize.buckets import subset_of
from tesuki.tokenize.document_order import order_hashes
from tesuki.tokenize.repeats import parse_repeats
from tesuki.tokenize.shard_metadata import read_metadata
from tesuki.tokenize.shard_plan import histogram, plan_shards
from tesuki.tokenize.shards import write_shard
from tesuki.tokenize.splits import Split
from tesuki.tokenize.token_rows import TokenRows, concatenate_rows, take_rows


@dataclass(frozen=True, slots=True)
class OldShard:
    """A shard there is: how many of its rows go, and the places ``start`` to ``stop`` that the others will have."""

    path: str
    lost: int
    start: int
    stop: int


def remaining_shards(
    output: Path, manifest: Manifest, row: MixtureEntry, gone: frozenset[str], target: Path
) -> tuple[list[ShardFile], int]:
    """Stage below ``target`` the shards that ``row`` of the mixture has without the documents ``gone``.

    Gives what is staged, and how many tokens went. Raises `WorkError` where the shards do not hold what they should.
    """
    paths = [shard.path for shard in row.shards]
    if not paths:
        return [], 0
    subset, split = row.subset, row.split
    ids = pa.array(sorted(gone), pa.string())
    old, counts, tokens = _look(output, paths, ids)
    if sum(shard.lost for shard in old) != len(gone):
        raise WorkError(
            f"shards/{split}/{subset}: {sum(shard.lost for shard in old)} of {len(gone)} documents that must go were "
            "found; the corpus is not whole, see tesuki verify"
        )
    ranges = plan_shards(*counts, parse_repeats(row.repeats), manifest.asked.shards.tokens)
    stops = list(accumulate(span.documents for span in ranges))
    whole = {(shard.start, shard.stop): shard for shard in old if not shard.lost}
    refused = _refused(output, subset_of(subset), split)
    old_schema = CorpusFolder(output).open_shard(paths[0]).schema
    files = []
    for number, (start, stop) in enumerate(zip([0, *stops], stops, strict=False)):
        path = shard_path(subset, split, number, len(ranges))
        if same := whole.get((start, stop)):
            _link(output / same.path, target / path)
        else:
            rows = concatenate_rows(_rows_between(output, old, ids, start, stop))
            _write(old_schema, rows, refused, target / path)
        files.append(_described(target, path, subset, split, number))
    return files, tokens


def _look(output: Path, paths: Sequence[str], gone: pa.Array) -> tuple[list[OldShard], Counts, int]:
    """What is there: the shards, the histograms of what stays, and the tokens that go."""
    counts = sum_counts(())
    tokens = place = 0
    old = []
    for path in paths:
        table = CorpusFolder(output).open_shard(path)
        goes = np.asarray(pc.is_in(table["id"], gone))
        hashes = order_hashes(table["id"].to_pylist())[~goes]
        lengths = np.asarray(table["length"], dtype=np.int64)
        stays = histogram(hashes, lengths[~goes]), histogram(hashes, np.ones(len(hashes), dtype=np.int64))
        counts = sum_counts((counts, stays))
        tokens += int(lengths[goes].sum())
        old.append(OldShard(path, int(goes.sum()), place, place + len(hashes)))
        place += len(hashes)
    return old, counts, tokens


def _rows_between(output: Path, old: Sequence[OldShard], gone: pa.Array, start: int, stop: int) -> Iterator[TokenRows]:
    """The rows at the places ``start`` to ``stop``, shard by shard."""
    for shard in old:
        first, last = max(start, shard.start), min(stop, shard.stop)
        if first < last:
            rows = concatenate_rows(map(_rows_of, CorpusFolder(output).open_shard(shard.path).to_batches()))
            stays = np.flatnonzero(~np.asarray(pc.is_in(rows.document_ids, gone)))
            yield take_rows(rows, stays[first - shard.start : last - shard.start])


def _rows_of(batch: pa.RecordBatch) -> TokenRows:
    offsets = np.concatenate([[0], np.cumsum(np.asarray(batch["length"], dtype=np.int64))])
    ids = batch["id"]
    return TokenRows(ids, batch["input_ids"].flatten().to_numpy(), offsets, order_hashes(ids.to_pylist()))


def _refused(output: Path, subset: str, split: Split) -> pa.Array:
    """The ids of the subset's documents whose level does not allow what the split is used for."""
    ids = [pa.array([], pa.string())]
    for level in Level:
        if not level.allows(USE_OF_SPLIT[split]):
            for file in CorpusFolder(output).documents(subset, level.name):
                ids += pq.read_table(file.path, columns=["id"])["id"].chunks
    return pa.concat_arrays(ids)


def _link(source: Path, target: Path) -> None:
    """The same file under another name, or a copy where the file system knows no such thing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        with source.open("rb") as content, atomic_file(target) as sink:
            shutil.copyfileobj(content, sink)


def _write(alike: pa.Schema, rows: TokenRows, refused: pa.Array, target: Path) -> None:
    metadata = read_metadata(alike, target.name)
    permitted = ~np.asarray(pc.is_in(rows.document_ids, refused))
    with atomic_file(target) as sink:
        write_shard(sink, rows, metadata, permitted)


def _described(target: Path, path: str, subset: str, split: Split, number: int) -> ShardFile:
    lengths = np.asarray(CorpusFolder(target).open_shard(path)["length"], dtype=np.int64)
    return ShardFile(
        path,
        subset,
        split,
        number,
        rows=len(lengths),
        tokens=int(lengths.sum()),
        bytes=(target / path).stat().st_size,
        sha256=sha256_of(target / path),
    )
