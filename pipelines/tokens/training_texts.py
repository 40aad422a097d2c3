"""The texts a tokenizer may learn from, or be measured on: those of levels that allow training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from tesuki.release_levels.levels import Level


def training_texts(documents: Path, subset: str = "*") -> Iterator[str]:
    """The texts below a folder ``documents/``, of one subset or of all, file by file in one order everywhere."""
    for level in Level:
        if level.allows("train"):
            for path in sorted(documents.glob(f"{subset}/{level.name}/*.parquet")):
                with pq.ParquetFile(path) as file:
                    for batch in file.iter_batches(batch_size=256, columns=["text"]):
                        yield from batch.column(0).to_pylist()
