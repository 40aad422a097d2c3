"""Where a document goes: to which row of the mixture, and to which split."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

import pyarrow.parquet as pq

from tesuki.common.hosts import host_of
from tesuki.pipelines.storage.corpus_folder import DocumentFile
from tesuki.pipelines.tokens.buckets import rows_of_documents
from tesuki.release_levels.levels import Level, Use
from tesuki.tokenize.buckets import Buckets
from tesuki.tokenize.splits import Split, SplitFractions, split_of

USE_OF_SPLIT: Mapping[Split, Use] = {"train": "train", "valid": "train", "test": "test"}
"""What the documents of a split are used for. Validation steers training, so it needs the permission to train."""

ROWS_AT_ONCE = 256
"""Documents read from a document file at once: bounds memory, costs nothing."""


def split_for(
    splits: SplitFractions, test_subsets: Container[str], subset: str, level: Level, url: str | None, document_id: str
) -> Split | None:
    """Where a document is used. A subset the recipe calls LX is a test set, wherever its pages come from."""
    if subset in test_subsets:
        return "test"
    return split_of(host_of(url) or "", document_id, splits, test_only=not level.allows("train"))


def documents_by_row(file: DocumentFile, buckets: Buckets | None) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Id, address and text of each document of ``file``, with the row of the mixture it is of."""
    with pq.ParquetFile(file.path) as documents:
        for batch in documents.iter_batches(batch_size=ROWS_AT_ONCE, columns=["id", "url", "text", "scores"]):
            names = rows_of_documents(file.subset, buckets, batch.column("scores"))
            yield from zip(names, batch.select(["id", "url", "text"]).to_pylist(), strict=True)
