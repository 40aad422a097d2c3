"""MosaicML Streaming's files: MDS shards of packed sequences, and the index that names them.

A shard holds, little-endian: the number of samples n (uint32); where each begins and the last ends, in bytes from the
start of the file (n + 1 × uint32); the columns in JSON; the samples. A sample is one column ``tokens`` of one fixed
size, so nothing but its int32 values (`ndarray:int32:LENGTH`). ``index.json`` lists the shards of a folder.
(mosaicml-streaming 0.13, streaming/base/format/mds: writer.py, reader.py, encodings.py; version 2 of the format.)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

SHARD_BYTES: Final = 1 << 26
"""Bytes of samples in a shard: Streaming's default."""

TOKENS: Final = np.dtype("<i4")
"""How ids are stored, whatever the corpus has: torch knows no arithmetic of unsigned ones."""

OpenFile = Callable[[str], AbstractContextManager[BinaryIO]]
"""Opens the file of a name to write to."""


def write_mosaic(ids: Iterable[npt.NDArray[np.integer[Any]]], tokens: int, length: int, open_file: OpenFile) -> int:
    """Write ``ids``, which hold ``tokens`` in all, as sequences of ``length``, and give how many sequences there are.

    What is left after the last whole sequence is left out. Nothing is written where there is none. Raises ValueError
    for an id of more than 31 bits.
    """
    samples, a_shard = tokens // length, max(1, SHARD_BYTES // (length * TOKENS.itemsize))
    columns = {
        "column_encodings": [f"ndarray:int32:{length}"],
        "column_names": ["tokens"],
        "column_sizes": [length * TOKENS.itemsize],
        "compression": None,
        "format": "mds",
        "hashes": [],
        "size_limit": SHARD_BYTES,
        "version": 2,
    }
    sequences = _sequences(ids, length)
    shards = []
    for first in range(0, samples, a_shard):
        name, held = f"shard.{first // a_shard:05d}.mds", min(a_shard, samples - first)
        with open_file(name) as sink:
            written = _write_shard(sink, sequences, held, length, json.dumps(columns, sort_keys=True).encode())
        file = {"basename": name, "bytes": written, "hashes": {}}
        shards.append({**columns, "raw_data": file, "samples": held, "zip_data": None})
    if shards:
        with open_file("index.json") as sink:
            sink.write(json.dumps({"shards": shards, "version": 2}, sort_keys=True).encode())
    return samples


def _write_shard(sink: BinaryIO, sequences: Iterator[npt.NDArray[Any]], held: int, length: int, columns: bytes) -> int:
    size = length * TOKENS.itemsize
    start = 4 + 4 * (held + 1) + len(columns)
    offsets = start + np.arange(held + 1, dtype=np.uint64) * size
    sink.write(np.array([held], "<u4").tobytes() + offsets.astype("<u4").tobytes() + columns)
    for _ in range(held):
        sink.write(next(sequences).tobytes())
    return start + held * size


def _sequences(ids: Iterable[npt.NDArray[np.integer[Any]]], length: int) -> Iterator[npt.NDArray[Any]]:
    held = np.zeros(0, TOKENS)
    for some in ids:
        if some.size and int(some.max()) > np.iinfo(TOKENS).max:
            raise ValueError(f"token id {int(some.max())} does not fit int32")
        held = np.concatenate([held, some.astype(TOKENS)])
        whole = held.size // length * length
        yield from held[:whole].reshape(-1, length)
        held = held[whole:]
