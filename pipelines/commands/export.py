"""`tesuki export`: what the release levels allow for one use, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast, get_args

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import zstandard

from tesuki.pipelines.commands.export_hugging_face import split_of_documents, write_card, write_splits
from tesuki.pipelines.corpus.manifest import Manifest, read_manifest
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.storage.corpus_folder import CorpusFolder, DocumentFile
from tesuki.pipelines.storage.files import atomic_file, parquet_file, sha256_of, write_bytes
from tesuki.pipelines.storage.names import canonical_json
from tesuki.pipelines.tokens.buckets import declared_buckets
from tesuki.release_levels.levels import Level, Use, parse_level, require
from tesuki.tokenize.listed_shards import listed_mixture
from tesuki.tokenize.megatron import MegatronPiece, data_path, megatron_pieces, rows_of, write_piece
from tesuki.tokenize.mosaic import write_mosaic

ROWS_AT_ONCE = 1_000

SEQUENCE = 2_048
"""Tokens of a sequence, where none is asked for."""

LIST = "export.manifest"
"""Says what a folder is. Not named .json: `datasets` would take it for a table of the data beside it."""


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """How documents are written: the ending of a file, and what writes its tables."""

    ending: str
    write: Callable[[Path, pa.Schema, Iterator[pa.Table]], None]


def export_corpus(output: Path, use: str, target: Path, form: str, length: int = SEQUENCE) -> Iterator[str]:
    """Write the corpus at ``output`` for ``use`` into the new folder ``target``; a line for what was written.

    ``form`` is one of `NAMES`; ``length`` are the tokens of a sequence of `mds`. The last file is `LIST`, in JSON: use,
    source, and each file's hash. Raises `RequestError` for a use, format or folder that will not do, `WorkError` if a
    document that the use does not allow, or a file that is not the manifest's, ever came as far as a writer: then there
    is no such file.
    """
    if use not in get_args(Use):
        raise RequestError(f"--use: found {use!r}, expected one of {', '.join(get_args(Use))}")
    if form not in NAMES:
        raise RequestError(f"--format: found {form!r}, expected one of {', '.join(NAMES)}")
    if form in OF_TOKENS and use != "train":
        raise RequestError(f"--format {form} holds training data; expected --use train, found --use {use}")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise RequestError(f"--to: {target} is not an empty folder; name a new one")
    manifest = read_manifest(output)
    if form in OF_TOKENS and manifest.tokenizer is None:
        raise RequestError(f"--format {form}: {output} has no shards; give its recipe a tokenizer and build it again")
    _check_whole(output, manifest)
    target.mkdir(parents=True, exist_ok=True)
    if form == "megatron":
        yield from _export_megatron(output, manifest, target)
    elif form == "mds":
        yield from _export_mosaic(output, manifest, target, length)
    elif form == "hf":
        yield from _export_hugging_face(output, manifest, cast(Use, use), target)
    else:
        yield from _export_documents(output, manifest, cast(Use, use), target, FORMATS[form])
    files = [
        {"path": str(path.relative_to(target)), "sha256": sha256_of(path), "bytes": path.stat().st_size}
        for path in sorted(target.rglob("*"))
        if path.is_file()
    ]
    about = {"use": use, "format": form, "corpus": manifest.request_digest, "files": files}
    write_bytes(target / LIST, canonical_json(about).encode())
    yield f"{len(files)} files in {target}, listed in {LIST}"


def _export_documents(output: Path, manifest: Manifest, use: Use, target: Path, form: DocumentFormat) -> Iterator[str]:
    for file in _permitted_files(output, manifest, use):
        place = target / file.subset / file.level / f"{file.path.stem}{form.ending}"
        form.write(place, pq.read_schema(file.path), _permitted(output, file.path, use))
    yield from _said(output, use)


def _export_hugging_face(output: Path, manifest: Manifest, use: Use, target: Path) -> Iterator[str]:
    counts: Counter[tuple[str, str]] = Counter()
    split_of = split_of_documents(manifest.asked)
    held = {row.subset: row.holds for row in manifest.mixture}
    buckets = declared_buckets(manifest.asked, held) if manifest.tokenizer else {}
    for file in _permitted_files(output, manifest, use):
        tables = _permitted(output, file.path, use)
        counts += write_splits(target, file, pq.read_schema(file.path), tables, split_of, buckets.get(file.subset))
    write_card(target, manifest.asked.name, use, counts)
    yield from _said(output, use)


def _permitted_files(output: Path, manifest: Manifest, use: Use) -> Iterator[DocumentFile]:
    """The files of documents whose level allows ``use``, as the manifest lists them."""
    listed = manifest.hashes
    for file in CorpusFolder(output).documents():
        if parse_level(file.level).allows(use):
            _check_listed(output, listed, file.path)
            yield file


def _said(output: Path, use: Use) -> Iterator[str]:
    """How many documents the levels gave and kept."""
    documents: Counter[str] = Counter()
    for file in CorpusFolder(output).documents():
        documents[file.level] += pq.read_metadata(file.path).num_rows
    allowed = {level.name for level in Level if level.allows(use)}
    yield f"for {use}: {_counts(Counter({name: n for name, n in documents.items() if name in allowed}))} documents"
    yield f"left out: {_counts(Counter({name: n for name, n in documents.items() if name not in allowed}))} documents"


def _permitted(output: Path, path: Path, use: Use) -> Iterator[pa.Table]:
    """The tables of a file, each document's own level held against the use: the folder's name is not trusted."""
    with pq.ParquetFile(path) as documents:
        for batch in documents.iter_batches(batch_size=ROWS_AT_ONCE):
            for document, level in zip(batch.column("id").to_pylist(), batch.column("level").to_pylist(), strict=True):
                try:
                    require(parse_level(level), use)
                except ValueError as failure:
                    raise WorkError(f"{path.relative_to(output)}: document {document}: {failure}") from None
            yield pa.Table.from_batches([batch])


def _check_whole(output: Path, manifest: Manifest) -> None:
    """Raise `WorkError` for a corpus that has lost a file: what it lost may be what bars another."""
    for entry in manifest.files:
        if not (output / entry.path).is_file():
            raise WorkError(f"{entry.path}: the manifest lists it, and it is not there; see tesuki verify {output}")


def _check_listed(output: Path, listed: Mapping[str, str], path: Path) -> None:
    """Raise `WorkError` for a file that is not ``listed``, by path, with its hash: nobody vouches for its levels."""
    name = str(path.relative_to(output))
    if listed.get(name) != sha256_of(path):
        raise WorkError(f"{name}: is not the file that the manifest lists; see tesuki verify, build the corpus again")


def _write_parquet(path: Path, schema: pa.Schema, tables: Iterator[pa.Table]) -> None:
    with parquet_file(path, schema) as writer:
        for table in tables:
            writer.write_table(table)


def _write_json_lines(path: Path, _: pa.Schema, tables: Iterator[pa.Table]) -> None:
    with atomic_file(path) as sink, zstandard.ZstdCompressor().stream_writer(sink, closefd=False) as packed:
        for table in tables:
            for row in table.to_pylist():
                packed.write(json.dumps(_plain(row), ensure_ascii=False).encode() + b"\n")


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, **{column: {each["name"]: each["value"] for each in row[column]} for column in NAMED_VALUES}}


NAMED_VALUES = ("measures", "scores")
"""Columns of names and values, which JSON can say as an object."""


FORMATS: Mapping[str, DocumentFormat] = {
    "jsonl.zst": DocumentFormat(".jsonl.zst", _write_json_lines),
    "parquet": DocumentFormat(".parquet", _write_parquet),
}
"""The formats that keep a corpus' folders and files."""

OF_TOKENS = ("megatron", "mds")
"""Formats of token ids: what is trained on."""

NAMES = (*FORMATS, "hf", *OF_TOKENS)
"""All formats: also a folder for the Hugging Face hub, and tokens."""


def _permitted_pieces(output: Path, manifest: Manifest) -> tuple[MegatronPiece, ...]:
    """What a pass reads, piece by piece, once no document in it is one that training is barred from."""
    listed = manifest.hashes
    forbidden = _documents_without(output, "train")
    pieces = megatron_pieces(listed_mixture(manifest.as_json(), "train").shards)
    for path in sorted({piece.shard.path for piece in pieces}):
        _check_listed(output, listed, output / path)
        _check_permitted(output, path, forbidden)
    return pieces


def _export_mosaic(output: Path, manifest: Manifest, target: Path, length: int) -> Iterator[str]:
    streams, left = [], 0
    for piece in _permitted_pieces(output, manifest):
        folder = target / piece.name
        with (output / piece.shard.path).open("rb") as shard:
            ids = (rows.column("input_ids").flatten().to_numpy() for rows in rows_of(pa.ipc.open_stream(shard), piece))
            samples = write_mosaic(ids, piece.tokens, length, partial(_file_in, folder))
        left += piece.tokens - samples * length
        if samples:
            streams.append({"local": piece.name, "repeat": piece.times})
    write_bytes(target / STREAMS, json.dumps(streams, indent=1).encode())
    yield f"{len(streams)} streams of sequences of {length} tokens, with their repeats in {STREAMS}"
    yield f"left out: {left:,} tokens, less than a sequence at the end of each stream"


def _file_in(folder: Path, name: str) -> AbstractContextManager[BinaryIO]:
    return atomic_file(folder / name)


STREAMS = "streams.json"
"""The streams of a pass of MosaicML Streaming: `local`, relative to the folder, and `repeat`."""


def _export_megatron(output: Path, manifest: Manifest, target: Path) -> Iterator[str]:
    pieces = _permitted_pieces(output, manifest)
    for piece in pieces:
        with (
            (output / piece.shard.path).open("rb") as shard,
            atomic_file(target / f"{piece.name}.bin") as ids,
            atomic_file(target / f"{piece.name}.idx") as index,
        ):
            write_piece(shard, piece, ids, index)
    paths = data_path(pieces, "")
    write_bytes(target / "data-path.txt", paths.encode() + b"\n")
    yield f"{len(pieces)} pieces; --data-path is in data-path.txt, relative to the folder"


def _documents_without(output: Path, use: Use) -> pa.Array:
    """The ids of the documents whose level does not allow ``use``."""
    found = [
        document
        for path in CorpusFolder(output).document_paths()
        for batch in pq.ParquetFile(path).iter_batches(columns=["id", "level"])
        for document, level in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        if not parse_level(level).allows(use)
    ]
    return pa.array(found, pa.string())


def _check_permitted(output: Path, path: str, forbidden: pa.Array) -> None:
    with pa.memory_map(str(output / path)) as source:
        for batch in pa.ipc.open_stream(source):
            ids = batch.column("id")
            found = ids.filter(pc.is_in(ids, forbidden))
            if len(found):
                raise WorkError(f"{path}: document {found[0]}: its level does not allow training; see tesuki verify")


def _counts(levels: Counter[str]) -> str:
    named = [f"{level.name} {levels[level.name]}" for level in Level if levels[level.name]]
    return ", ".join(named) or "no"
