"""Putting finished folders in their place, so that an unfinished corpus is never mistaken for a finished one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from tesuki.pipelines.corpus.manifest import NAME, FileEntry, Manifest
from tesuki.pipelines.corpus.take_downs import UNFINISHED
from tesuki.pipelines.storage.corpus_folder import DOCUMENTS, INDEX, LEDGER, OTHERS, REMOVALS, CorpusFolder
from tesuki.pipelines.storage.files import sha256_of, sync_folder
from tesuki.pipelines.tokens.pipeline import ShardFile

MADE_ANEW = ("building", "hosts", "lines", "templates", "shares")
"""Folders of ``parts/`` that each run makes for itself."""


def discard_manifest(output: Path) -> None:
    """From now on, and until a manifest is written, ``output`` is not a corpus, nor is there any to take from."""
    (output / NAME).unlink(missing_ok=True)
    shutil.rmtree(output / UNFINISHED, ignore_errors=True)
    sync_folder(output)


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
    sync_folder(output)


def file_entries(output: Path, shards: Sequence[ShardFile], known: Mapping[str, FileEntry]) -> Iterator[FileEntry]:
    """What the manifest says of each file. ``known`` are those of files that were not made anew."""
    folder = CorpusFolder(output)
    for path in (*folder.document_paths(), *folder.ledger()):
        yield known.get(folder.name_of(path)) or table_entry(output, path)
    yield from map(shard_entry, shards)
    for other in OTHERS:
        for path in sorted(path for path in (output / other).rglob("*") if path.is_file()):
            yield known.get(folder.name_of(path)) or file_entry(output, path)


def sound_tables(output: Path, manifest: Manifest) -> dict[str, FileEntry]:
    """Of the corpus in ``output`` all that documents are, by path, where it is as ``manifest`` says to the byte.

    Empty where a file is missing, was changed, or one is there that should not be: then none is to be used again.
    """
    entries = {entry.path: entry for entry in manifest.files if entry.path.partition("/")[0] in OF_DOCUMENTS}
    there = {name for name in CorpusFolder(output).listed() if name.partition("/")[0] in OF_DOCUMENTS}
    if there != entries.keys():
        return {}
    with ThreadPoolExecutor() as pool:
        hashes = pool.map(lambda name: sha256_of(output / name), entries)
        return (
            entries if all(entries[name].sha256 == found for name, found in zip(entries, hashes, strict=True)) else {}
        )


OF_DOCUMENTS = frozenset({DOCUMENTS, LEDGER, INDEX, REMOVALS})
"""The folders that stations 1 to 10 make."""


def file_entry(folder: Path, path: Path) -> FileEntry:
    """What is said of any file below ``folder``, where the corpus begins."""
    return FileEntry(str(path.relative_to(folder)), sha256_of(path), path.stat().st_size)


def table_entry(folder: Path, path: Path) -> FileEntry:
    """What is said of a Parquet table of documents or of the ledger."""
    return replace(file_entry(folder, path), rows=pq.read_metadata(path).num_rows)


def shard_entry(shard: ShardFile) -> FileEntry:
    """What is said of a shard."""
    return FileEntry(shard.path, shard.sha256, shard.bytes, shard.rows, shard.tokens)
