"""What lies in ``parts/`` is used again only as it was written: whatever a disk, a cut or a hand did to it is found.

Each part is read once more for this, by the workers, before anything is built on it. What does not match loses its seal
and is made again like any part that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import apache_beam as beam

from tesuki.pipelines.engine.numbers import Numbers
from tesuki.pipelines.storage.judged_part import Part
from tesuki.pipelines.storage.listing import is_as_listed
from tesuki.pipelines.storage.part_writer import is_whole, read_seal, seal_path
from tesuki.pipelines.storage.sealed_json import DamagedError, read_sealed

STAGES = ("pages", "judged")
"""Folders of ``parts/`` whose parts have seals."""

DONE = "done"
"""In a folder of drops: what was written there, once all was."""


def check_parts(pipeline: beam.Pipeline, parts: Sequence[Part], folder: Path) -> None:
    """Add to ``pipeline`` what takes the seals off the ``parts`` below ``folder`` that are not as they were written."""
    _ = (
        pipeline
        | "parts" >> Numbers(len(parts))
        | "sealed parts" >> beam.FlatMap(partial(sealed_stages, parts, folder, stages_in(folder)))
        | "check" >> beam.MapTuple(partial(unseal_if_damaged, folder))
    )


def sealed_parts(parts: Sequence[Part], folder: Path) -> Iterator[tuple[str, str]]:
    """(stage, name) of each part that a run would use again."""
    stages = stages_in(folder)
    for number in range(len(parts)) if stages else ():
        yield from sealed_stages(parts, folder, stages, number)


def sealed_stages(parts: Sequence[Part], folder: Path, stages: Sequence[str], number: int) -> Iterator[tuple[str, str]]:
    """(stage, name) of all that is sealed of one part."""
    part = parts[number]
    named = ((stage, part.judged if stage == "judged" else part.pages) for stage in stages)
    yield from ((stage, name) for stage, name in named if seal_path(folder / stage, name).exists())


def stages_in(folder: Path) -> tuple[str, ...]:
    """The folders below ``folder`` (``parts/``) that hold seals."""
    return tuple(stage for stage in (*STAGES, *score_stages(folder)) if (folder / stage / "seals").is_dir())


def score_stages(folder: Path) -> list[str]:
    """The folders below ``folder`` (``parts/``) of what each model says of pages; their parts have seals, too."""
    return [f"scores/{path.name}" for path in sorted((folder / "scores").glob("*"))]


def unseal_if_damaged(folder: Path, stage: str, name: str) -> None:
    """Take the seal off the part called ``name`` unless it holds, to the byte, what was sealed."""
    seal = read_seal(folder / stage, name)
    if seal is None or not is_whole(folder / stage, seal):
        seal_path(folder / stage, name).unlink(missing_ok=True)


def damaged_files(folder: Path) -> tuple[int, list[str]]:
    """How many sealed things below ``folder`` (``parts/``) are as they were written, and which are not."""
    sound, damaged = 0, []
    for name, whole in _checked(folder):
        if whole:
            sound += 1
        else:
            damaged.append(name)
    return sound, damaged


def _checked(folder: Path) -> Iterator[tuple[str, bool]]:
    for stage in (*STAGES, *score_stages(folder)):
        for path in sorted((folder / stage / "seals").glob("*.json")):
            seal = read_seal(folder / stage, path.stem)
            yield f"{stage}/{path.stem}", seal is not None and is_whole(folder / stage, seal)
    for drops in sorted(path for path in (folder / "drops").glob("*") if path.is_dir()):
        yield f"drops/{drops.name}", is_as_listed(drops, drops / DONE)
    for listing in sorted((folder / "tokenizer").glob("*.json")):
        yield f"tokenizer/{listing.stem}", is_as_listed(listing.with_suffix(""), listing)
    if (folder / "inputs.json").exists():
        yield "inputs.json", _is_sealed(folder / "inputs.json")


def _is_sealed(path: Path) -> bool:
    try:
        read_sealed(path)
    except (DamagedError, OSError):
        return False
    return True
