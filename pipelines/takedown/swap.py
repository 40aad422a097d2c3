"""Putting a take-down in place of what was there, so that a kill in the middle is made up for by the next run.

All that changes is written below `UNFINISHED` first, while the corpus is still whole. Then the plan is written, which
says everything that is left to do; from there on the work can be done again from any point.
"""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, ValidationError

from tesuki.pipelines.corpus.manifest import NAME, Manifest, write_manifest
from tesuki.pipelines.corpus.place import MADE_ANEW
from tesuki.pipelines.corpus.report.page import write_report
from tesuki.pipelines.corpus.scrub import remove_leftovers, scrub_documents
from tesuki.pipelines.corpus.take_downs import PLAN, UNFINISHED, Record, is_interrupted, write_record
from tesuki.pipelines.corpus.under_way import announced_in
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.storage.corpus_folder import OTHERS, SHARDS, TABLES, CorpusFolder
from tesuki.pipelines.storage.files import remove_unfinished, sync_folder
from tesuki.pipelines.storage.sealed_json import DamagedError, read_sealed, write_sealed


class SwapPlan(BaseModel):
    """What is left to do once all new files are staged.

    ``ended`` are the paths of files that no new one replaces; ``scrub`` the ids of the pages whose text must leave
    ``parts/``; ``record`` goes to the ``number``-th file of records, ``manifest`` last of all to its place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    record: Record
    manifest: Manifest
    ended: tuple[str, ...]
    scrub: tuple[str, ...]


FOLDERS = frozenset({*TABLES, SHARDS, *OTHERS})
"""Where the files lie that a take-down may put in place or end."""


def staging(output: Path) -> Path:
    """An empty folder for the files that change, named below it as in the corpus."""
    shutil.rmtree(output / UNFINISHED, ignore_errors=True)
    folder = output / UNFINISHED / "files"
    folder.mkdir(parents=True)
    return folder


def commit(output: Path, plan: SwapPlan) -> None:
    """From now on the take-down will be done, whatever happens."""
    write_sealed(output / PLAN, plan.model_dump(mode="json"))


def committed(output: Path) -> SwapPlan | None:
    """What an earlier run was killed at. A corpus that has its manifest is whole: there is nothing to finish.

    Raises `RequestError` for a plan that is not as it was written, or names what is no file of a corpus: a folder from
    somebody else must not tell us what to remove.
    """
    if not is_interrupted(output):
        return None
    try:
        plan = SwapPlan.model_validate(read_sealed(output / PLAN))
    except (DamagedError, OSError, ValidationError) as failure:
        told = "is no plan" if isinstance(failure, ValidationError) else failure
        raise RequestError(
            f"{output / PLAN}: {told}; remove {output / UNFINISHED}, then build the corpus again with the list in "
            "its recipe"
        ) from None
    for path in plan.ended:
        check_inside(output, path)
    return plan


def check_inside(output: Path, path: str) -> None:
    """Raise `RequestError` unless ``path`` names a file of the corpus itself, with no way out of its folder."""
    parts = PurePosixPath(path).parts
    way = [output.joinpath(*parts[:length]) for length in range(1, len(parts) + 1)]
    if not parts or parts[0] not in FOLDERS or ".." in parts or any(place.is_symlink() for place in way):
        raise RequestError(
            f"{output / PLAN}: names {printable(path)!r}, which is no file of the corpus; nothing was touched"
        )


def carry_out(output: Path, plan: SwapPlan) -> None:
    """Do what ``plan`` says, or what is left of it."""
    (output / NAME).unlink(missing_ok=True)
    sync_folder(output)
    files = output / UNFINISHED / "files"
    for staged in sorted(path for path in files.rglob("*") if path.is_file()):
        check_inside(output, staged.relative_to(files).as_posix())
        if staged.is_symlink():
            raise RequestError(f"{printable(str(staged))}: is a link, which no take-down writes; nothing was touched")
        target = output / staged.relative_to(files)
        target.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(target)
        sync_folder(target.parent)
    for path in plan.ended:
        (output / path).unlink(missing_ok=True)
        _remove_empty(output, output / path)
    parts = output / "parts"
    _forget_other_runs(output, parts)
    for folder in (*MADE_ANEW, "scratch"):
        shutil.rmtree(parts / folder, ignore_errors=True)
    remove_leftovers(parts, ("pages", "judged"))
    remove_unfinished(output)
    scrub_documents(frozenset(plan.scrub), parts)
    write_report(output, plan.manifest)
    write_record(output, plan.number, plan.record)
    write_manifest(output, plan.manifest)
    shutil.rmtree(output / UNFINISHED)


def _forget_other_runs(output: Path, parts: Path) -> None:
    """Remove what a later run that was killed has read: pages of its inputs may be withheld under ids nobody knows."""
    announced = announced_in(parts)
    if announced is None:
        return
    own = CorpusFolder(output).ledger()
    if len(own) != len(announced.parts) or any(announced.parts.number_of(path.stem) is None for path in own):
        shutil.rmtree(parts)


def _remove_empty(output: Path, path: Path) -> None:
    """Remove the folders of ``path`` that hold nothing any more."""
    for folder in path.parents:
        if folder == output or (folder.exists() and any(folder.iterdir())):
            return
        if folder.exists():
            folder.rmdir()
