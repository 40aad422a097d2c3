"""The band index of a corpus: what later crawls are compared with, without reading any text."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import apache_beam as beam
import pyarrow.parquet as pq

from tesuki.dedup.keep_order import KeepOrder
from tesuki.pipelines.corpus.plan import Plan
from tesuki.pipelines.corpus.request import Request
from tesuki.pipelines.deduplication.index.writer import IndexSettings, finish_band_index, write_band_index
from tesuki.pipelines.engine.launcher import run
from tesuki.pipelines.storage.corpus_folder import INDEX, REMOVALS
from tesuki.pipelines.storage.files import copy_folder
from tesuki.pipelines.storage.judged_part import JudgedPart
from tesuki.pipelines.storage.rows import record_keys
from tesuki.pipelines.storage.schemas import RECORD_KEY


def make_index(request: Request, plan: Plan, tables: Sequence[JudgedPart], documents: Path) -> Path | None:
    """The folder that holds what the recipe asks for of `INDEX` and `REMOVALS`, or None where there is neither.

    ``documents`` is the folder of the corpus' documents. Pages that left at any station are not in the index: neither
    what was never kept nor the address of a withheld page.
    """
    building = request.parts / "building" / f"index-{plan.documents}"
    shutil.rmtree(building, ignore_errors=True)
    removals = request.parts / "drops" / plan.drops / REMOVALS
    if removals.exists():
        copy_folder(removals, building / REMOVALS)
    if request.recipe.deduplication.write_index:
        _write_index(request, tables, documents, building / INDEX)
    return building if building.exists() else None


def _write_index(request: Request, tables: Sequence[JudgedPart], documents: Path, folder: Path) -> None:
    staying = request.recipe.test_sets
    settings = IndexSettings(folder, request.dedup, KeepOrder(request.recipe.deduplication.keep), staying)

    def build(pipeline: beam.Pipeline) -> None:
        write_band_index(pipeline, tables, partial(levels_of_part, documents), settings)

    run(build, request.local_options)
    finish_band_index(tables, settings)


def levels_of_part(documents: Path, part: JudgedPart) -> list[str | None]:
    """The release level of each page of a part below ``documents``, None where it became no document."""
    levels: dict[tuple[object, ...], str] = {}
    for path in sorted((documents / part.subset).glob(f"*/{part.part}.parquet")):
        for place in record_keys(pq.read_table(path, columns=list(RECORD_KEY))):
            levels[place] = path.parent.name
    return [levels.get(place) for place in record_keys(pq.read_table(part.pages, columns=list(RECORD_KEY)))]
