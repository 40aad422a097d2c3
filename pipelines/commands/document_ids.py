"""Whether each document stands once in a corpus and at most once in its shards, where its level allows it.

Ids are held as bytes, a share of them at a time, so that memory does not grow with the corpus.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.release_levels.levels import Level, Use

AT_ONCE = 4_000_000
"""Documents whose ids are held at a time: 17 bytes each, some 70 MB."""

ID_DIGITS = 32

LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class Placement:
    """A shard, its split, and what the documents of that split are used for."""

    shard: str
    split: str
    use: Use


def check_placements(folder: CorpusFolder, placements: Sequence[Placement], at_once: int = AT_ONCE) -> None:
    """Raise `WorkError` for a document that is there twice, stands in two shards, in none of ``documents/``, or in a
    split for whose use its level is too strict. Reads the ids once for each ``at_once`` documents.
    """
    rows = sum(pq.read_metadata(path).num_rows for path in folder.document_paths())
    shares = max(1, -(-rows // at_once))
    for share in range(shares):
        _check_share(folder, placements, share, shares)


def _check_share(folder: CorpusFolder, placements: Sequence[Placement], share: int, shares: int) -> None:
    pieces = [
        (keys, np.full(len(keys), LEVELS.index(Level[file.level]), np.uint8))
        for file in folder.documents()
        for keys in _in_share(_parquet_ids(file.path), share, shares)
    ]
    keys = np.concatenate([piece for piece, _ in pieces]) if pieces else np.empty(0, _KEY)
    levels = np.concatenate([piece for _, piece in pieces]) if pieces else np.empty(0, np.uint8)
    order = np.argsort(keys)
    keys, levels = keys[order], levels[order]
    if len(twice := keys[1:][keys[1:] == keys[:-1]]):
        raise WorkError(f"documents/: document {_shown(twice[0])} is there twice")
    seen = np.zeros(len(keys), dtype=bool)
    for placement in placements:
        allowed = np.array([level.allows(placement.use) for level in LEVELS])
        for found in _in_share(_shard_ids(folder, placement.shard), share, shares):
            _check_rows(placement, found, keys, levels, allowed, seen)


def _check_rows(
    placement: Placement,
    found: NDArray[np.bytes_],
    keys: NDArray[np.bytes_],
    levels: NDArray[np.uint8],
    allowed: NDArray[np.bool_],
    seen: NDArray[np.bool_],
) -> None:
    at = np.minimum(np.searchsorted(keys, found), max(0, len(keys) - 1))
    unknown = keys[at] != found if len(keys) else np.ones(len(found), dtype=bool)
    if unknown.any():
        raise WorkError(f"{placement.shard}: document {_shown(found[unknown][0])} is not in documents/")
    refused = ~allowed[levels[at]]
    if refused.any():
        row = int(np.flatnonzero(refused)[0])
        level = LEVELS[levels[at][row]].name
        raise WorkError(
            f"{placement.shard}: document {_shown(found[row])} is {level} and may not stand in {placement.split}"
        )
    again = seen[at]
    seen[at] = True
    if again.any() or len(np.unique(at)) < len(at):
        row = int(np.flatnonzero(again)[0]) if again.any() else int(_first_repeated(at))
        raise WorkError(f"{placement.shard}: document {_shown(found[row])} stands in two shards, or twice in one")


def _first_repeated(at: NDArray[np.intp]) -> int:
    _, first = np.unique(at, return_index=True)
    return int(np.setdiff1d(np.arange(len(at)), first)[0])


_KEY = np.dtype("S16")
"""An id as its 16 bytes, which numpy sorts and finds as they are."""

_NIBBLES = np.full(256, 0xFF, dtype=np.uint8)
_NIBBLES[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16)
"""What a character says as a hexadecimal digit, 255 where it is none."""


def _in_share(batches: Iterable[pa.Array], share: int, shares: int) -> Iterator[NDArray[np.bytes_]]:
    for ids in batches:
        keys = keys_of(ids)
        last = keys.view(">u8").reshape(-1, 2)[:, 1]
        yield keys[last % np.uint64(shares) == share]


def keys_of(ids: pa.Array) -> NDArray[np.bytes_]:
    """Document ids as bytes. Raises `WorkError` for one that is no document id."""
    if not len(ids):
        return np.empty(0, dtype=_KEY)
    odd = pc.fill_null(pc.not_equal(pc.binary_length(ids), ID_DIGITS), True)
    if pc.any(odd).as_py():
        raise WorkError(f"document {printable(str(ids.filter(odd)[0].as_py()))!r}: is no document id")
    letters = np.frombuffer(b"".join(pc.cast(ids, pa.binary()).to_pylist()), np.uint8).reshape(-1, ID_DIGITS)
    digits = _NIBBLES[letters]
    if (digits == _NIBBLES[0]).any():
        row = int(np.flatnonzero((digits == _NIBBLES[0]).any(axis=1))[0])
        raise WorkError(f"document {printable(str(ids[row].as_py()))!r}: is no document id")
    return (digits[:, 0::2] << 4 | digits[:, 1::2]).view(_KEY).ravel()


def _shown(key: bytes) -> str:
    return key.ljust(ID_DIGITS // 2, b"\0").hex()  # numpy takes zeros at the end for padding


def _parquet_ids(path: Path) -> Iterator[pa.Array]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["id"]):
            yield batch.column(0)


def _shard_ids(folder: CorpusFolder, name: str) -> Iterator[pa.Array]:
    yield from folder.open_shard(name)["id"].chunks
