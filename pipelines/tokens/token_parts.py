"""Token parts: the ids of one document file on disk, in document order, memory-mapped when shards are cut from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from tesuki.pipelines.storage.files import atomic_file
from tesuki.tokenize.token_rows import TokenRows


def write_token_part(path: Path, rows: TokenRows) -> None:
    """Put ``rows`` at ``path`` as an Arrow IPC file, uncompressed so that a reader touches only what it needs."""
    table = pa.table(
        {
            "hash": rows.hashes,
            "id": rows.document_ids,
            "input_ids": pa.LargeListArray.from_arrays(pa.array(rows.offsets), pa.array(rows.ids)),
        }
    )
    with atomic_file(path) as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def read_token_part(path: Path) -> TokenRows:
    """The rows at ``path``, as views into the mapped file."""
    batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
    tokens = batch.column("input_ids")
    return TokenRows(
        batch.column("id"),
        tokens.values.to_numpy(),
        tokens.offsets.to_numpy().astype(np.int64, copy=False),
        batch.column("hash").to_numpy(),
    )
