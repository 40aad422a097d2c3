"""The band index of a corpus: what later crawls are compared with, without reading any text."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.dedup.keep_order import KeepOrder
from tesuki.pipelines.corpus.plan import Plan
from tesuki.pipelines.corpus.request import Request
from tesuki.pipelines.deduplication.index.band_index import INDEX as INDEX
from tesuki.pipelines.deduplication.index.writer import finish_band_index, write_band_index
from tesuki.pipelines.engine.launcher import run
from tesuki.pipelines.storage.files import parquet_file
from tesuki.pipelines.storage.judged_part import JudgedPart
from tesuki.pipelines.storage.rows import record_keys
from tesuki.pipelines.storage.schemas import DROPS, RECORD_KEY

REMOVALS = "removals"
"""Where a corpus keeps the lists of what former corpora must give up to it (`earlier_stay: false`)."""


def make_index(request: Request, plan: Plan, tables: Sequence[JudgedPart], ledger: Path) -> Path | None:
    """The folder that holds what the recipe asks for of `INDEX` and `REMOVALS`, or None where it asks for neither.

    Pages that left at any station are not in the index: neither what was never kept nor the address of a withheld
    page.
    """
    building = request.parts / "building" / f"index-{plan.documents}"
    shutil.rmtree(building, ignore_errors=True)
    removals = request.parts / "drops" / plan.drops / REMOVALS
    if removals.exists():
        shutil.copytree(removals, building / REMOVALS)
    if request.recipe.deduplication.write_index:
        _write_index(request, tables, ledger, building)
    return building if building.exists() else None


def _write_index(request: Request, tables: Sequence[JudgedPart], ledger: Path, building: Path) -> None:
    folder, gone = building / INDEX, building / "gone"
    for part in tables:
        _write_gone(part, ledger / f"{part.part}.parquet", gone / f"{part.part}.drops.parquet")
    judged = [part.judged for part in tables]
    order = KeepOrder(request.recipe.deduplication.keep)

    def build(pipeline: beam.Pipeline) -> None:
        write_band_index(pipeline, judged, gone, folder, request.dedup, order)

    run(build, request.local_options)
    finish_band_index(judged, folder, request.dedup, order)


def _write_gone(part: JudgedPart, ledger: Path, target: Path) -> None:
    """The rows of a part that are in the ledger, as a drop list."""
    left = frozenset(record_keys(pq.read_table(ledger, columns=list(RECORD_KEY))))
    stored = record_keys(pq.read_table(part.pages, columns=list(RECORD_KEY)))
    rows = [row for row, place in enumerate(stored) if place in left]
    with parquet_file(target, DROPS) as writer:
        writer.write_table(pa.Table.from_pylist([{"row": row} for row in rows], DROPS))
