"""Putting finished folders in their place, so that an unfinished corpus is never mistaken for a finished one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tesuki.pipelines.storage.files import sha256_of
from tesuki.pipelines.tokens.pipeline import ShardFile

TABLES = ("documents", "ledger")
"""Folders of Parquet files in a corpus."""

OTHERS = ("tokenizer", "band-index", "removals")
"""Folders of other files."""


UNFINISHED = "takedowns/unfinished"
"""What a take-down has written and not yet put in its place."""


def discard_manifest(output: Path) -> None:
    """From now on, and until a manifest is written, ``output`` is not a corpus, nor is there any to take from."""
    (output / "manifest.json").unlink(missing_ok=True)
    shutil.rmtree(output / UNFINISHED, ignore_errors=True)


def move_into_place(source: Path | None, output: Path, names: Iterable[str]) -> None:
    """Replace the folders ``names`` of ``output`` by those of ``source``; one that was not made is only removed.

    Does nothing where ``source`` is ``output``; None made nothing.
    """
    if source == output:
        return
    for name in names:
        if (output / name).exists():
            shutil.rmtree(output / name)
        if source is not None and (source / name).exists():
            (source / name).rename(output / name)


def file_entries(output: Path, shards: Sequence[ShardFile]) -> Iterator[Mapping[str, Any]]:
    """What the manifest says of each file: path, sha256, bytes, rows and, of shards, tokens."""
    for folder in TABLES:
        for path in sorted((output / folder).rglob("*.parquet")):
            yield table_entry(output, path)
    yield from map(shard_entry, shards)
    for folder in OTHERS:
        for path in sorted(path for path in (output / folder).rglob("*") if path.is_file()):
            yield file_entry(output, path)


def file_entry(folder: Path, path: Path) -> dict[str, Any]:
    """What is said of any file below ``folder``, where the corpus begins."""
    return {"path": str(path.relative_to(folder)), "sha256": sha256_of(path), "bytes": path.stat().st_size}


def table_entry(folder: Path, path: Path) -> dict[str, Any]:
    """What is said of a Parquet table of documents or of the ledger."""
    return {**file_entry(folder, path), "rows": pq.read_metadata(path).num_rows}


def shard_entry(shard: ShardFile) -> dict[str, Any]:
    """What is said of a shard."""
    return {
        "path": shard.path,
        "sha256": shard.sha256,
        "bytes": shard.bytes,
        "rows": shard.rows,
        "tokens": shard.tokens,
    }
