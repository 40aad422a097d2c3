"""Whether each document stands once in a corpus and at most once in its shards, where its level allows it.

Ids are held as bytes, a share of them at a time, so that memory does not grow with the corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.storage.corpus_folder import CorpusFolder, DocumentFile
from tesuki.release_levels.levels import Level, Use

AT_ONCE = 4_000_000
"""Documents whose ids are held at a time: 17 bytes each, some 70 MB."""

ID_DIGITS = 32

LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class Placement:
    """A shard, its row of the mixture, its split, and what the documents of that split are used for."""

    shard: str
    row: str
    split: str
    use: Use


RowsOf = Callable[[DocumentFile, pa.Array], Sequence[str]]
"""(file of documents, some of its scores) to the row of the mixture of each document."""


def check_placements(
    folder: CorpusFolder, placements: Sequence[Placement], rows_of: RowsOf, at_once: int = AT_ONCE
) -> None:
    """Raise `WorkError` for a document that is there twice, stands in two shards, in none of ``documents/``, in one of
    another row than ``rows_of`` says, or in a split for whose use its level is too strict. Reads the ids once for each
    ``at_once`` documents.
    """
    documents = sum(pq.read_metadata(path).num_rows for path in folder.document_paths())
    shares = max(1, -(-documents // at_once))
    for share in range(shares):
        _check_share(folder, placements, rows_of, share, shares)


def _check_share(
    folder: CorpusFolder, placements: Sequence[Placement], rows_of: RowsOf, share: int, shares: int
) -> None:
    numbers: dict[str, int] = {}
    pieces = list(_documents_in_share(folder, rows_of, numbers, share, shares))
    keys = np.concatenate([np.empty(0, _KEY), *(piece for piece, _, _ in pieces)])
    levels = np.concatenate([np.empty(0, np.uint8), *(piece for _, piece, _ in pieces)])
    rows = np.concatenate([np.empty(0, np.uint32), *(piece for _, _, piece in pieces)])
    order = np.argsort(keys)
    keys, levels, rows = keys[order], levels[order], rows[order]
    if len(twice := keys[1:][keys[1:] == keys[:-1]]):
        raise WorkError(f"documents/: document {_shown(twice[0])} is there twice")
    seen = np.zeros(len(keys), dtype=bool)
    for placement in placements:
        allowed = np.array([level.allows(placement.use) for level in LEVELS])
        for ids in _shard_ids(folder, placement.shard):
            found = keys_of(ids)
            found = found[_is_in_share(found, share, shares)]
            at = _check_rows(placement, found, keys, levels, allowed, seen)
            _check_row(placement, found, rows[at] == numbers.get(placement.row, -1))


def _documents_in_share(
    folder: CorpusFolder, rows_of: RowsOf, numbers: dict[str, int], share: int, shares: int
) -> Iterator[tuple[NDArray[np.bytes_], NDArray[np.uint8], NDArray[np.uint32]]]:
    """Of the documents of a share keys, levels, and rows of the mixture as ``numbers``, which grow by those met."""
    for file in folder.documents():
        level = LEVELS.index(Level[file.level])
        for ids, scores in _ids_and_scores(file.path):
            keys = keys_of(ids)
            here = _is_in_share(keys, share, shares)
            rows = [numbers.setdefault(row, len(numbers)) for row in rows_of(file, scores)]
            yield keys[here], np.full(int(here.sum()), level, np.uint8), np.array(rows, np.uint32)[here]


def _check_row(placement: Placement, found: NDArray[np.bytes_], fits: NDArray[np.bool_]) -> None:
    if not fits.all():
        document = _shown(found[~fits][0])
        raise WorkError(f"{placement.shard}: document {document} is not of {placement.row}, by its subset and scores")


def _check_rows(
    placement: Placement,
    found: NDArray[np.bytes_],
    keys: NDArray[np.bytes_],
    levels: NDArray[np.uint8],
    allowed: NDArray[np.bool_],
    seen: NDArray[np.bool_],
) -> NDArray[np.intp]:
    """Where the documents ``found`` in a shard stand among all."""
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
    return at


def _first_repeated(at: NDArray[np.intp]) -> int:
    _, first = np.unique(at, return_index=True)
    return int(np.setdiff1d(np.arange(len(at)), first)[0])


_KEY = np.dtype("S16")
"""An id as its 16 bytes, which numpy sorts and finds as they are."""

_NIBBLES = np.full(256, 0xFF, dtype=np.uint8)
_NIBBLES[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16)
"""What a character says as a hexadecimal digit, 255 where it is none."""


def _is_in_share(keys: NDArray[np.bytes_], share: int, shares: int) -> NDArray[np.bool_]:
    last = keys.view(">u8").reshape(-1, 2)[:, 1]
    fits: NDArray[np.bool_] = last % np.uint64(shares) == share
    return fits


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


def _ids_and_scores(path: Path) -> Iterator[tuple[pa.Array, pa.Array]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["id", "scores"]):
            yield batch.column("id"), batch.column("scores")


def _shard_ids(folder: CorpusFolder, name: str) -> Iterator[pa.Array]:
    yield from folder.open_shard(name)["id"].chunks
