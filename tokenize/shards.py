"""Writing a shard: an Arrow IPC stream, which `datasets` memory-maps as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .shard_metadata import ShardMetadata, shard_schema
from .token_rows import TokenRows

ROWS_A_BATCH = 1024
"""Rows of a record batch: fixed, so that the bytes of a shard depend on its rows alone."""


@dataclass(frozen=True, slots=True)
class ShardCounts:
    """What a written shard holds."""

    documents: int
    tokens: int


def write_shard(
    sink: BinaryIO, rows: TokenRows, metadata: ShardMetadata, permitted: npt.NDArray[np.bool_]
) -> ShardCounts:
    """Write ``rows`` to ``sink``, in the order given; same rows and metadata, same bytes.

    ``permitted`` says of each row whether its release level allows the split it is written to (train and valid shards:
    use `train`; test shards: use `test`); the rows carry no levels, so who calls must know them. Refuses the whole
    shard with PermissionError, naming the first document that is not permitted, before a byte is written. Raises
    ValueError where the ids do not fit the tokenizer of ``metadata``, or a document breaks its contract.
    """
    _refuse_forbidden(rows, metadata, permitted)
    _check_ids(rows, metadata)
    schema = shard_schema(metadata)
    with pa.ipc.new_stream(sink, schema) as stream:
        for batch in _batches(rows, schema):
            stream.write_batch(batch)
    return ShardCounts(documents=len(rows), tokens=int(rows.ids.size))


def _refuse_forbidden(rows: TokenRows, metadata: ShardMetadata, permitted: npt.NDArray[np.bool_]) -> None:
    if permitted.dtype != np.bool_ or permitted.size != len(rows):
        raise ValueError(f"permitted is {permitted.size} × {permitted.dtype}; expected {len(rows)} × bool, one a row")
    if not permitted.all():
        first = int(np.flatnonzero(~permitted)[0])
        raise PermissionError(
            f"document {rows.document_ids[first]} (of {int((~permitted).sum())}) may not stand in a "
            f"{metadata.split} shard of subset {metadata.subset!r}: its release level forbids it"
        )


def _check_ids(rows: TokenRows, metadata: ShardMetadata) -> None:
    stamp = metadata.tokenizer
    if rows.ids.dtype != stamp.dtype:
        raise ValueError(
            f"token ids are {rows.ids.dtype}; a vocabulary of {stamp.vocabulary_size} is stored as {stamp.dtype}"
        )
    if rows.ids.size and int(rows.ids.max()) >= stamp.vocabulary_size:
        raise ValueError(f"token id {int(rows.ids.max())} is outside the vocabulary of {stamp.vocabulary_size}")
    starts, ends = rows.offsets[:-1], rows.offsets[1:]
    framed = np.ones(len(rows), dtype=np.bool_)
    edges = (stamp.contract.bos is not None) + (stamp.contract.eos is not None)
    framed &= rows.lengths >= edges
    if framed.all() and stamp.contract.bos is not None:
        framed &= rows.ids[starts] == stamp.contract.bos
    if framed.all() and stamp.contract.eos is not None:
        framed &= rows.ids[ends - 1] == stamp.contract.eos
    if not framed.all():
        first = int(np.flatnonzero(~framed)[0])
        raise ValueError(
            f"document {rows.document_ids[first]} does not keep the contract {stamp.contract.form!r} "
            f"(bos {stamp.contract.bos}, eos {stamp.contract.eos}); tokenize it with `encode_document`"
        )


def _batches(rows: TokenRows, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    lengths = rows.lengths
    for low in range(0, len(rows), ROWS_A_BATCH):
        high = min(low + ROWS_A_BATCH, len(rows))
        start, stop = int(rows.offsets[low]), int(rows.offsets[high])
        if stop - start > np.iinfo(np.int32).max:
            raise ValueError(f"rows {low} to {high} hold {stop - start} tokens; a record batch can hold 2**31 - 1")
        offsets = (rows.offsets[low : high + 1] - start).astype(np.int32)
        tokens = pa.ListArray.from_arrays(pa.array(offsets), pa.array(rows.ids[start:stop]))
        columns = [
            rows.document_ids.slice(low, high - low),
            tokens,
            pa.array(lengths[low:high].astype(np.uint32)),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)
