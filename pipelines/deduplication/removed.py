"""Documents of a corpus that a later one displaced, by the lists of removals that the later one wrote.

Nothing of the later corpus is read but these lists. There may be many millions of documents in them: what they say lies
in an SQLite file that every worker asks, not in anybody's memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.engine.numbers import Numbers
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.files import parquet_file, sha256_of_folder
from tesuki.pipelines.storage.judged_part import JudgedPart
from tesuki.pipelines.storage.schemas import DROPS, LATER

LISTS = "*/*.removals.parquet"
"""The lists below the ``removals/`` of a corpus, by former index and part."""


def removals_in_manifest(folders: Sequence[Path]) -> list[Mapping[str, Any]]:
    """How the manifest names the ``removals/`` of later corpora. Raises `RequestError` for what is none."""
    for folder in folders:
        lists = sorted(folder.glob(LISTS))
        if not lists:
            raise RequestError(f"deduplication.removals: {folder} has no lists; name the removals/ of a later corpus")
        for path in lists:
            if not {"id", "duplicate_of"} <= set(pq.read_schema(path).names):
                raise RequestError(f"deduplication.removals: {path} is no list of removals")
    return [
        {"list": "removals", "name": folder.absolute().parent.name, "sha256": sha256_of_folder(folder)}
        for folder in folders
    ]


def store_removals(path: Path, folders: Iterable[Path]) -> None:
    """Gather at ``path`` which documents go and which stand in their place, by the lists below ``folders``.

    Where two lists name one document the last of ``folders`` counts. ``path`` names what ``folders`` hold: a process
    that has opened it once keeps it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as store:
        store.execute("CREATE TABLE removed (id TEXT PRIMARY KEY, duplicate_of TEXT, similarity REAL) WITHOUT ROWID")
        for folder in folders:
            for each in sorted(folder.glob(LISTS)):
                store.executemany("INSERT OR REPLACE INTO removed VALUES (?, ?, ?)", _rows(each))
        store.commit()


def _rows(path: Path) -> Iterator[tuple[str, str, float | None]]:
    columns = ["id", "duplicate_of", "similarity"]
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=columns):
            yield from zip(*(batch[column].to_pylist() for column in columns), strict=True)


def leave_removed(pipeline: beam.Pipeline, parts: Sequence[JudgedPart], store: Path) -> None:
    """Add to ``pipeline`` what puts the documents that `store_removals` gathered among the drops of ``parts``."""
    _ = (
        pipeline
        | "parts to look through" >> Numbers(len(parts))
        | "leave removed" >> beam.Map(_leave_in_part, parts, store)
    )


def _leave_in_part(number: int, parts: Sequence[JudgedPart], store: Path) -> None:
    """Twice is once: what goes already stays as it is."""
    part = parts[number]
    ids = pq.read_table(part.judged, columns=["id"])["id"].to_pylist()
    drops = pq.read_table(part.drops)
    gone = set(drops["row"].to_pylist())
    ask = _opened(store).execute
    rows = [
        {"row": row, "kept_part": "", "kept_row": 0, "band": LATER, "duplicate_of": found[0], "similarity": found[1]}
        for row, name in enumerate(ids)
        if row not in gone
        and (found := ask("SELECT duplicate_of, similarity FROM removed WHERE id = ?", (name,)).fetchone())
    ]
    if rows:
        table = pa.concat_tables([drops, pa.Table.from_pylist(rows, DROPS)])
        with parquet_file(Path(part.drops), DROPS) as writer:
            writer.write_table(table.take(pc.sort_indices(table["row"])).combine_chunks())


@lru_cache(maxsize=4)
def _opened(path: Path) -> sqlite3.Connection:
    # Immutable: nobody writes it any more, so no locks are asked of a network file system.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
