"""Putting a take-down in place of what was there, so that a kill in the middle is made up for by the next run.

All that changes is written below `UNFINISHED` first, while the corpus is still whole. Then the plan is written, which
says everything that is left to do; from there on the work can be done again from any point.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tesuki.pipelines.corpus.manifest import write_manifest
from tesuki.pipelines.corpus.place import UNFINISHED
from tesuki.pipelines.corpus.report import write_report
from tesuki.pipelines.corpus.scrub import remove_leftovers, scrub_documents
from tesuki.pipelines.storage.files import remove_unfinished, write_bytes

RECORDS = "takedowns"
"""The folder of records in a corpus."""


@dataclass(frozen=True, slots=True)
class SwapPlan:
    """What is left to do once all new files are staged.

    ``ended`` are the paths of files that no new one replaces; ``scrub`` the ids of the pages whose text must leave
    ``parts/``; ``record`` goes to the ``number``-th file of records, ``manifest`` last of all to its place.
    """

    number: int
    record: Mapping[str, Any]
    manifest: Mapping[str, Any]
    ended: Sequence[str]
    scrub: Sequence[str]


def staging(output: Path) -> Path:
    """An empty folder for the files that change, named below it as in the corpus."""
    shutil.rmtree(output / UNFINISHED, ignore_errors=True)
    folder = output / UNFINISHED / "files"
    folder.mkdir(parents=True)
    return folder


def commit(output: Path, plan: SwapPlan) -> None:
    """From now on the take-down will be done, whatever happens."""
    write_bytes(output / UNFINISHED / "plan.json", json.dumps(asdict(plan), sort_keys=True).encode())


def committed(output: Path) -> SwapPlan | None:
    """What an earlier run was killed at. A corpus that has its manifest is whole: there is nothing to finish."""
    path = output / UNFINISHED / "plan.json"
    if (output / "manifest.json").exists() or not path.exists():
        return None
    return SwapPlan(**json.loads(path.read_bytes()))


def carry_out(output: Path, plan: SwapPlan) -> None:
    """Do what ``plan`` says, or what is left of it."""
    (output / "manifest.json").unlink(missing_ok=True)
    files = output / UNFINISHED / "files"
    for staged in sorted(path for path in files.rglob("*") if path.is_file()):
        target = output / staged.relative_to(files)
        target.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(target)
    for path in plan.ended:
        (output / path).unlink(missing_ok=True)
        _remove_empty(output, output / path)
    parts = output / "parts"
    shutil.rmtree(parts / "building", ignore_errors=True)
    remove_leftovers(parts, ("pages", "judged"))
    remove_unfinished(output)
    scrub_documents(frozenset(plan.scrub), parts)
    write_report(output, plan.manifest)
    write_bytes(record_path(output, plan.number), json.dumps(plan.record, sort_keys=True, indent=1).encode() + b"\n")
    write_manifest(output, plan.manifest)
    shutil.rmtree(output / UNFINISHED)


def record_path(output: Path, number: int) -> Path:
    """Where the ``number``-th record lies."""
    return output / RECORDS / f"{number}.json"


def _remove_empty(output: Path, path: Path) -> None:
    """Remove the folders of ``path`` that hold nothing any more."""
    for folder in path.parents:
        if folder == output or (folder.exists() and any(folder.iterdir())):
            return
        if folder.exists():
            folder.rmdir()
