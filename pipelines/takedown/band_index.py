"""The band index after a take-down: without the documents that went, the others numbered as if they had not been."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tesuki.pipelines.deduplication.index.band_index import INDEXED
from tesuki.pipelines.deduplication.numbering import ROW_BITS, parts_of, references
from tesuki.pipelines.storage.corpus_folder import INDEX
from tesuki.pipelines.storage.files import atomic_file, parquet_file
from tesuki.pipelines.takedown.leaving import Leaving


def write_index(output: Path, leaving: Iterable[Leaving], target: Path) -> list[str]:
    """Write to ``target`` the files of the band index at ``output`` that change; give the paths of those that end.

    Does nothing where the corpus has none. An index has one file a part, and one for each band and range of keys.
    """
    documents = [page for page in leaving if page.was is None]
    about = output / INDEX / "index.json"
    if not documents or not about.exists():
        return []
    names = json.loads(about.read_bytes())["documents"]
    ids = pa.array(sorted(str(page.fate.id) for page in documents), pa.string())
    gone = [_write_documents(output, target, names.index(part), part, ids) for part in sorted(_parts(documents))]
    references_gone = np.sort(np.concatenate(gone))
    ended = []
    for path in sorted((output / INDEX / "bands").glob("*.npy")):
        if not _write_entries(path, references_gone, target / path.relative_to(output)):
            ended.append(str(path.relative_to(output)))
    return ended


def _parts(documents: Iterable[Leaving]) -> set[str]:
    return {page.part for page in documents}


def _write_documents(output: Path, target: Path, position: int, part: str, ids: pa.Array) -> NDArray[np.uint64]:
    """Write a part's documents but those with ``ids``, and give the numbers of these."""
    path = Path(INDEX) / "documents" / f"{part}.parquet"
    table = pq.read_table(output / path)
    goes = pc.is_in(table["id"], ids)
    with parquet_file(target / path, INDEXED) as writer:
        writer.write_table(table.filter(pc.invert(goes)).cast(INDEXED).combine_chunks())
    return references(position, np.flatnonzero(np.asarray(goes)))


def _write_entries(source: Path, gone: NDArray[np.uint64], target: Path) -> bool:
    """Write a band file's entries but those of the documents ``gone`` (ascending); False where none are left.

    A row moves up by as many as went before it in its part, so that the entries stay in their order.
    """
    entries = np.load(source)
    stay = entries[~np.isin(entries["document"], gone)]
    if not len(stay):
        return False
    documents = stay["document"].copy()
    starts = references_of_parts(documents)
    stay["document"] = documents - (np.searchsorted(gone, documents) - np.searchsorted(gone, starts)).astype(np.uint64)
    if len(stay) < len(entries) or (stay["document"] != documents).any():
        with atomic_file(target) as sink:
            np.save(sink, stay, allow_pickle=False)
    return True


def references_of_parts(documents: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The number of the first document in the part of each."""
    return parts_of(documents).astype(np.uint64) << np.uint64(ROW_BITS)
