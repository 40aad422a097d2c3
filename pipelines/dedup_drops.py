"""What station 7 leaves on disk: for each part the rows that go, and for which document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from tesuki.dedup.band_keys import estimate_similarities
from tesuki.dedup.claims import EDGE
from tesuki.pipelines.dedup_documents import Documents, parts_of, rows_of, runs
from tesuki.pipelines.files import parquet_file
from tesuki.pipelines.parts import DROPS

DROPS_SUFFIX = ".drops.parquet"

DESCRIPTION = pa.schema([("document", pa.uint64()), ("id", pa.string()), ("sketch", pa.binary())])
"""What a part must know of a document of another part that its own rows duplicate."""


def ask_for(part: int, edges: NDArray[np.void]) -> Iterator[tuple[int, tuple[int, NDArray[np.uint64]]]]:
    """By the part that can answer: who asks, and which documents it must know, each once."""
    wanted = np.unique(edges["first"])
    for other, start, stop in runs(parts_of(wanted)):
        yield other, (part, wanted[start:stop])


def describe(
    documents: Documents, part: int, asked: Iterable[tuple[int, NDArray[np.uint64]]]
) -> Iterator[tuple[int, pa.Table]]:
    """The descriptions of the documents of ``part`` that others asked for; its file is read once."""
    table = documents.columns(part, ("id", "sketch"))
    for asker, wanted in asked:
        rows = table.take(pa.array(rows_of(wanted)))
        yield asker, pa.table([pa.array(wanted), rows["id"], rows["sketch"]], schema=DESCRIPTION)


def similarities(
    documents: Documents, part: int, edges: NDArray[np.void], described: pa.Table
) -> NDArray[np.float64]:
    """Estimated similarity of each edge's two documents, whose loser is in ``part``.

    1 where a document has no sketch: being shorter than an n-gram it can only be an exact duplicate.
    """
    own = documents.columns(part, ("sketch",))["sketch"].take(pa.array(rows_of(edges["loser"])))
    other = described["sketch"].take(pa.array(_places(edges, described)))
    result = np.ones(len(edges), dtype=np.float64)
    sketched = np.flatnonzero(np.asarray(own.is_valid()) & np.asarray(other.is_valid()))
    if len(sketched):
        result[sketched] = estimate_similarities(_bytes(own, sketched), _bytes(other, sketched))
    return result


def write_drops(documents: Documents, folder: Path, part: int, met: Mapping[str, Iterable[Any]]) -> Path:
    """Write ``<part>.drops.parquet`` below ``folder``: every row of ``part`` that goes; an empty table for
    none.
    """
    edges = np.concatenate(
        [np.empty(0, dtype=EDGE), *(block[list(EDGE.names or ())] for block in met["edges"])]
    )
    edges = edges[np.argsort(edges["loser"])]
    described = pa.concat_tables([DESCRIPTION.empty_table(), *met["described"]])
    names = pa.array(documents.names)
    drops = pa.table(
        [
            pa.array(rows_of(edges["loser"]), pa.uint32()),
            described["id"].take(pa.array(_places(edges, described))),
            names.take(pa.array(parts_of(edges["first"]))),
            pa.array(rows_of(edges["first"]), pa.uint32()),
            pa.array(edges["band"]),
            pa.array(similarities(documents, part, edges, described)),
        ],
        schema=DROPS,
    )
    path = folder / f"{documents.names[part]}{DROPS_SUFFIX}"
    with parquet_file(path, DROPS) as writer:
        writer.write_table(drops)
    return path


def _places(edges: NDArray[np.void], described: pa.Table) -> NDArray[np.int64]:
    """The row of ``described`` for each edge's ``first``."""
    documents = np.asarray(described["document"])
    order = np.argsort(documents)
    return order[np.searchsorted(documents, edges["first"], sorter=order)]


def _bytes(sketches: pa.ChunkedArray, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(sketches.take(pa.array(rows)).to_pylist()), dtype=np.uint8).reshape(
        len(rows), -1
    )
