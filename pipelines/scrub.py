"""Making sure that no text of a withheld page stays in ``parts/``.

The row stays, so that the part keeps its shape, with everything a page says taken out of it; what was derived from
its text (measures, fingerprint, keys) goes with the judged part, which is made again when it is needed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.pipelines.extract import Part
from tesuki.pipelines.files import parquet_file, sha256_of, write_bytes
from tesuki.pipelines.part_writer import SealedFile, read_seal, seal_path
from tesuki.pipelines.parts import PAGES

SCRUBBED = {"url": "", "title": "", "published": "", "text": "", "evidence": []}
"""What a withheld row holds in place of what the page said."""

PLACE = ("archive", "offset", "record_id")
"""The columns that together name one record; several records of one compressed unit share an offset."""


def scrub_parts(parts: Sequence[Part], ledger: Path, folder: Path) -> None:
    """Blank every page of ``parts`` that the ledger tables below ``ledger`` call withheld."""
    for part in parts:
        withheld = _withheld_records(ledger / f"{part.judged}.parquet")
        if withheld:
            _scrub_pages(folder / "pages", part.pages, withheld)
            (folder / "judged" / f"{part.judged}.judged.parquet").unlink(missing_ok=True)
            seal_path(folder / "judged", part.judged).unlink(missing_ok=True)


def _withheld_records(ledger: Path) -> frozenset[tuple[str, ...]]:
    return frozenset(places(pq.read_table(ledger, columns=list(PLACE), filters=[("fate", "=", "withheld")])))


def places(table: pa.Table) -> list[tuple[str, ...]]:
    """What names the record of each row, in the columns `PLACE`."""
    return [_place(row) for row in table.to_pylist()]


def _place(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[column]) for column in PLACE)


def _scrub_pages(folder: Path, part: str, withheld: frozenset[tuple[str, ...]]) -> None:
    path = folder / f"{part}.pages.parquet"
    with pq.ParquetFile(path) as source, parquet_file(path, PAGES) as writer:
        for group in range(source.num_row_groups):
            rows = [
                {**row, **SCRUBBED} if _place(row) in withheld else row
                for row in source.read_row_group(group).to_pylist()
            ]
            writer.write_table(pa.Table.from_pylist(rows, PAGES), row_group_size=max(1, len(rows)))
    seal = read_seal(folder, part)
    if seal is not None:
        files = tuple(_restamped(folder, file) for file in seal.files)
        content = json.dumps(asdict(replace(seal, files=files)), sort_keys=True)
        write_bytes(seal_path(folder, part), content.encode())


def _restamped(folder: Path, file: SealedFile) -> SealedFile:
    path = folder / file.path
    return replace(file, bytes=path.stat().st_size, sha256=sha256_of(path))


def remove_leftovers(folder: Path, names: Iterable[str]) -> None:
    """Remove folders of chunk files, which hold page text, once the parts they went into are sealed."""
    for name in names:
        shutil.rmtree(folder / name / "chunks", ignore_errors=True)
