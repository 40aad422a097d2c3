"""Making sure that no text of a withheld page stays in ``parts/``.

The row stays, so that the part keeps its shape, with everything a page says taken out of it; what was derived from
its text (measures, fingerprint, keys) goes with the judged part, which is made again when it is needed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.pipelines.corpus.plan import Plan
from tesuki.pipelines.corpus.remaining import FOLDER as MEASURES
from tesuki.pipelines.corpus.remaining import forget_documents, keep_remaining
from tesuki.pipelines.corpus.request import ROWS
from tesuki.pipelines.storage.files import parquet_file, sha256_of
from tesuki.pipelines.storage.judged_part import JudgedPart
from tesuki.pipelines.storage.part_writer import SealedFile, read_seal, seal_path, write_seal
from tesuki.pipelines.storage.rows import record_keys
from tesuki.pipelines.storage.schemas import PAGES, RECORD_KEY
from tesuki.pipelines.storage.work_files import WORK

SCORES = "scores"
"""The folder of what models say of pages: a folder a model."""

SCRUBBED: Mapping[str, object] = {
    "url": "",
    "title": "",
    "published": "",
    "text": "",
    "evidence": [],
    "extraction": None,
}
"""What a withheld row holds in place of what the page said."""


def scrub_parts(parts: Sequence[JudgedPart], ledger: Path, folder: Path) -> None:
    """Blank every page that the ledger tables below ``ledger`` call withheld, and every duplicate of one.

    A duplicate says what its withheld page said. ``folder`` is ``parts/``.
    """
    found = ((part.part, _withheld_rows(part, ledger / f"{part.part}.parquet")) for part in parts)
    withheld = {part: rows for part, rows in found if rows}
    for part in parts if withheld else ():
        rows = withheld.get(part.part, frozenset()).union(_rows_stood_for(part, withheld))
        if rows:
            scrub_pages(folder / "pages", part.pages, rows)
            forget_scores(part.pages.name.partition(".")[0], folder)
            keep_remaining(part.judged, rows, folder)
            # The seal goes first: a seal without its table would be believed.
            seal_path(folder / "judged", part.part).unlink(missing_ok=True)
            part.judged.unlink(missing_ok=True)


def scrub_documents(ids: frozenset[str], folder: Path) -> None:
    """Blank the pages with these document ids in every part below ``folder``, which is ``parts/``."""
    for path in sorted((folder / "pages").glob("*.pages.parquet")):
        rows = _rows_with(ids, path)
        if rows:
            scrub_pages(folder / "pages", path, rows)
            forget_scores(path.name.partition(".")[0], folder)
    forget_documents(ids, folder)
    for path in sorted((folder / "judged").glob("*.judged.parquet")):
        rows = _rows_with(ids, path)
        if rows:
            keep_remaining(path, rows, folder)
            # The seal goes first: a seal without its table would be believed.
            seal_path(folder / "judged", path.name.partition(".")[0]).unlink(missing_ok=True)
            path.unlink()


def remove_former(plan: Plan, folder: Path) -> None:
    """Remove from ``parts/`` what ``plan`` does not name: the work of former recipes, which nobody scrubs any more."""
    of_pages, of_judged = plan.parts.number_of_pages, plan.parts.number_of
    scores = set(plan.scores.values())
    named: dict[str, Callable[[str], bool]] = {
        "pages": lambda name: of_pages(name) is not None,
        "judged": lambda name: of_judged(name) is not None,
        MEASURES: lambda name: of_judged(name) is not None,
        "drops": lambda name: name == plan.drops,
        SCORES: lambda name: name in scores,
        **{f"{SCORES}/{score}": lambda name: of_pages(name) is not None for score in scores},
    }
    for stage, is_named in named.items():
        for place in (folder / stage, folder / stage / "seals", folder / stage / WORK):
            for name in _names_in(place):
                if name not in ("seals", WORK) and not is_named(name.partition(".")[0]):
                    path = place / name
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in (folder / ROWS).glob("*/*.rows.parquet"):
        listed = plan.parts.inputs.place((path.parent.name, path.name), ("subset", "archive")) is not None
        # An empty list is no input, and says that its file of the index need not be read again.
        if not listed and pq.read_metadata(path).num_rows:
            path.unlink()


def _names_in(folder: Path) -> Iterator[str]:
    """What lies in a folder, if there is one, as it is read: nobody holds the names of a million files."""
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from (entry.name for entry in entries)


def forget_scores(pages: str, folder: Path) -> None:
    """Remove what models say of the part called ``pages``: a later run scores it again."""
    for model in (folder / SCORES).glob("*"):
        # The seal goes first: a seal without its table would be believed.
        seal_path(model, pages).unlink(missing_ok=True)
        (model / f"{pages}.scores.parquet").unlink(missing_ok=True)


def _rows_with(ids: frozenset[str], path: Path) -> frozenset[int]:
    stored = pq.read_table(path, columns=["id"])["id"].to_pylist()
    return frozenset(row for row, document in enumerate(stored) if document in ids)


def _withheld_rows(part: JudgedPart, ledger: Path) -> frozenset[int]:
    gone = pq.read_table(ledger, columns=list(RECORD_KEY), filters=[("fate", "=", "withheld")])
    withheld = frozenset(record_keys(gone))
    if not withheld:
        return frozenset()
    stored = record_keys(pq.read_table(part.pages, columns=list(RECORD_KEY)))
    return frozenset(row for row, place in enumerate(stored) if place in withheld)


def _rows_stood_for(part: JudgedPart, withheld: Mapping[str, Collection[int]]) -> Iterator[int]:
    for drop in pq.read_table(part.drops, columns=["row", "kept_part", "kept_row"]).to_pylist():
        if drop["kept_row"] in withheld.get(drop["kept_part"], ()):
            yield drop["row"]


def scrub_pages(folder: Path, path: Path, scrubbed: Collection[int]) -> None:
    """Blank the rows ``scrubbed`` of the table at ``path``, one of ``folder``, and seal it anew."""
    first = 0
    with pq.ParquetFile(path) as source, parquet_file(path, PAGES) as writer:
        for group in range(source.num_row_groups):
            rows = source.read_row_group(group).to_pylist()
            blanked = [
                {**row, **SCRUBBED} if number in scrubbed else row for number, row in enumerate(rows, start=first)
            ]
            writer.write_table(pa.Table.from_pylist(blanked, PAGES), row_group_size=max(1, len(rows)))
            first += len(rows)
    part = path.name.partition(".")[0]
    seal = read_seal(folder, part)
    if seal is not None:
        files = tuple(_restamped(folder, file) for file in seal.files)
        write_seal(folder, replace(seal, files=files))


def _restamped(folder: Path, file: SealedFile) -> SealedFile:
    path = folder / file.path
    return replace(file, bytes=path.stat().st_size, sha256=sha256_of(path))


def remove_leftovers(folder: Path, names: Iterable[str]) -> None:
    """Remove folders of chunk files, which hold page text, once the parts they went into are sealed."""
    for name in names:
        shutil.rmtree(folder / name / "chunks", ignore_errors=True)
