"""Documents and ledger after a take-down: the tables that change, written beside the corpus."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.pipelines.storage.documents import LEDGER, LEDGER_ORDER
from tesuki.pipelines.storage.files import parquet_file
from tesuki.pipelines.storage.part_writer import in_order, row_groups
from tesuki.pipelines.storage.rows import fate_rows
from tesuki.pipelines.storage.schemas import DOCUMENTS, FATES
from tesuki.pipelines.takedown.leaving import Leaving


def write_tables(output: Path, leaving: Iterable[Leaving], target: Path) -> list[str]:
    """Write to ``target`` the tables of the corpus at ``output`` that change; give the paths of those that end."""
    pages = sorted(leaving, key=lambda page: page.part)
    gone: dict[str, set[int]] = {}
    for page in pages:
        gone.setdefault(page.path, set()).add(page.row)
    for part, group in groupby(pages, key=lambda page: page.part):
        path = LEDGER.format(part=part)
        _write_ledger(output / path, gone.pop(path, set()), list(group), target / path)
    return [path for path in sorted(gone) if not _write_documents(output / path, gone[path], target / path)]


def _write_ledger(source: Path, gone: Collection[int], come: Sequence[Leaving], target: Path) -> None:
    rows = pa.concat_tables([*_without(source, gone, FATES), fate_rows(page.fate for page in come)])
    _write(target, FATES, in_order([rows], LEDGER_ORDER))


def _write_documents(source: Path, gone: Collection[int], target: Path) -> bool:
    """Whether there are any left: a run writes no file of no documents."""
    if len(gone) == pq.read_metadata(source).num_rows:
        return False
    _write(target, DOCUMENTS, _without(source, gone, DOCUMENTS))
    return True


def _without(source: Path, gone: Collection[int], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of the table at ``source`` but those ``gone``, row group by row group."""
    first = 0
    with pq.ParquetFile(source) as file:
        for number in range(file.num_row_groups):
            group = file.read_row_group(number)
            kept = np.array([first + row not in gone for row in range(group.num_rows)], dtype=bool)
            yield group.filter(pa.array(kept)).cast(schema)
            first += group.num_rows


def _write(target: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    with parquet_file(target, schema) as writer:
        for group in row_groups(tables):
            writer.write_table(group)
