"""Megatron-LM's files: ``.bin`` and ``.idx`` in the layout of IndexedDataset, and the weights beside them.

``.bin`` holds the token ids of all documents, one after another, little-endian. ``.idx`` holds, little-endian:

| bytes | what |
|---|---|
| 9 | ``MMIDIDX`` and two NUL bytes |
| 8 | version, 1, unsigned |
| 1 | code of the ids' dtype: 4 for int32, 8 for uint16 |
| 8 | number of sequences s, unsigned |
| 8 | number of document borders d, unsigned: s + 1 here, where every document is one sequence |
| 4 × s | tokens of each sequence, int32 |
| 8 × s | byte offset of each sequence in ``.bin``, int64 |
| 8 × d | for each document the sequence it begins with, and s, int64 |

(Megatron-LM, megatron/core/datasets/indexed_dataset.py, ``_IndexWriter``.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .listed_shards import ListedShard
from .shard_metadata import read_metadata
from .token_width import TokenArray, TokenDtype

INDEX_HEADER = b"MMIDIDX\x00\x00"
INDEX_VERSION = 1


@dataclass(frozen=True, slots=True)
class MegatronDtype:
    """How Megatron stores ids: a NumPy dtype and its code in the index. It knows no uint32."""

    dtype: np.dtype[np.integer[Any]]
    code: int


@dataclass(frozen=True, slots=True)
class MegatronPiece:
    """Rows of a shard that are read equally often, as one ``.bin``/``.idx`` pair called ``name``: how many ``tokens``,
    and how many ``times`` a pass reads them.
    """

    name: str
    shard: ListedShard
    first_row: int
    end_row: int
    tokens: int
    times: int

    @property
    def weight(self) -> int:
        """Tokens × times: what goes before its path in ``--data-path``."""
        return self.tokens * self.times


def megatron_dtype(dtype: TokenDtype) -> MegatronDtype:
    """uint16 stays; uint32 becomes int32, which holds every id of a vocabulary below 2**31."""
    if dtype == np.uint16:
        return MegatronDtype(np.dtype("<u2"), 8)
    return MegatronDtype(np.dtype("<i4"), 4)


def megatron_pieces(shards: Iterable[ListedShard]) -> tuple[MegatronPiece, ...]:
    """The pieces whose weights make up one pass: a shard each, two where a split is declared, unread rows left out."""
    pieces = []
    for shard in shards:
        name = f"{shard.subset}/{shard.path.rsplit('/', 1)[-1].removesuffix('.arrow')}"
        spans = (
            (f"{name}-head", 0, shard.extra_rows, shard.extra_tokens, shard.times + 1),
            (f"{name}-tail", shard.extra_rows, shard.rows, shard.tokens - shard.extra_tokens, shard.times),
        )
        for label, first, end, tokens, times in spans:
            if first < end and times:
                pieces.append(MegatronPiece(label if shard.extra_rows else name, shard, first, end, tokens, times))
    return tuple(pieces)


def write_ids(sink: BinaryIO, ids: TokenArray, stored: MegatronDtype) -> None:
    """Add ids to a ``.bin``. Raises ValueError for an id the stored dtype cannot hold."""
    if ids.size and int(ids.max()) > np.iinfo(stored.dtype).max:
        raise ValueError(f"token id {int(ids.max())} does not fit Megatron's {stored.dtype}")
    sink.write(ids.astype(stored.dtype, copy=False).tobytes())


def write_index(sink: BinaryIO, lengths: npt.NDArray[np.integer[Any]], stored: MegatronDtype) -> None:
    """Write the ``.idx`` of documents with these lengths (tokens), in the order of the ``.bin``."""
    ends = np.cumsum(lengths, dtype="<i8") * stored.dtype.itemsize
    sink.write(INDEX_HEADER)
    sink.write(struct.pack("<QBQQ", INDEX_VERSION, stored.code, lengths.size, lengths.size + 1))
    sink.write(lengths.astype("<i4").tobytes())
    sink.write(np.concatenate([np.zeros(1, dtype="<i8"), ends[:-1]]).tobytes() if lengths.size else b"")
    sink.write(np.arange(lengths.size + 1, dtype="<i8").tobytes())


def write_piece(shard: BinaryIO, piece: MegatronPiece, ids_sink: BinaryIO, index_sink: BinaryIO) -> None:
    """Write the rows of ``piece`` from its ``shard`` (an open Arrow stream) as ``.bin`` and ``.idx``, in batches."""
    stream = pa.ipc.open_stream(shard)
    stored = megatron_dtype(read_metadata(stream.schema, piece.shard.path).tokenizer.dtype)
    lengths = [np.zeros(0, dtype=np.uint32)]
    for rows in rows_of(stream, piece):
        write_ids(ids_sink, rows.column("input_ids").flatten().to_numpy(), stored)
        lengths.append(rows.column("length").to_numpy())
    write_index(index_sink, np.concatenate(lengths), stored)


def rows_of(stream: pa.RecordBatchReader, piece: MegatronPiece) -> Iterator[pa.RecordBatch]:
    """The rows of ``piece`` in the ``stream`` of its shard, in batches."""
    seen = 0
    for batch in stream:
        low, high = max(0, piece.first_row - seen), min(batch.num_rows, piece.end_row - seen)
        seen += batch.num_rows
        if low < high:
            yield batch.slice(low, high - low)


def data_path(pieces: Iterable[MegatronPiece], prefix: str) -> str:
    """The ``--data-path`` argument: weight and path (without ending) in turn, paths below ``prefix``.

    Megatron divides by the sum of the weights; the sum is the tokens of one pass.
    """
    return " ".join(f"{piece.weight} {prefix}{piece.name}" for piece in pieces)
