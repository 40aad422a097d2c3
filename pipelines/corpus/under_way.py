"""How far a run is, from what lies on disk: the same for every engine, and for onlookers of another process.

A run writes down what it is about to do; seals, as they come, say how much of it is done. Nothing here has a part in
what is made.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.corpus.plan import Plan
from tesuki.pipelines.reading.inputs import Input
from tesuki.pipelines.storage.files import write_bytes
from tesuki.pipelines.storage.part_writer import Seal, read_seal, seal_path

STEPS = ("read and judge", "deduplicate", "documents", "tokens and shards")
"""What a run does, in this order."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What a run is about to do: for each part, its names and the bytes of its range."""

    pages: tuple[str, ...]
    judged: tuple[str, ...]
    bytes: tuple[int, ...]
    drops: str
    documents: str
    documents_there: bool
    there: int
    """Parts that were sealed when the run began."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. ``fates`` counts pages by what became of them; those still on their way are not in it."""

    step: str
    parts: int
    reused: int
    done: int
    bytes: int
    bytes_done: int
    pages: int
    passing: int
    fates: Mapping[str, int] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def announce(parts: Path, plan: Plan, inputs: Iterable[Input], *, documents_there: bool) -> None:
    """Write down below ``parts`` what a run is about to do."""
    sizes = {str(entry.path): entry.size for entry in inputs}
    announced = Announced(
        pages=tuple(part.pages for part in plan.parts),
        judged=tuple(part.judged for part in plan.parts),
        bytes=tuple(min(part.range.end, sizes[part.range.path]) - part.range.start for part in plan.parts),
        drops=plan.drops,
        documents=plan.documents,
        documents_there=documents_there,
        there=sum(seal_path(parts / "pages", part.pages).exists() for part in plan.parts),
    )
    write_bytes(_path(parts), json.dumps(asdict(announced)).encode())


def announced_in(parts: Path) -> Announced | None:
    """What the run in ``parts`` is about to do, or None where none has begun."""
    try:
        value = json.loads(_path(parts).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    fields: dict[str, Any] = {name: tuple(item) if isinstance(item, list) else item for name, item in value.items()}
    return Announced(**fields)


class Onlooker:
    """Looks at a run again and again; reads each seal once."""

    def __init__(self, parts: Path, announced: Announced) -> None:
        self._parts = parts
        self._announced = announced
        self._seals: dict[tuple[Path, str], Seal] = {}
        self._keep: dict[str, int] = {}

    def look(self) -> Progress:
        """How far the run is now."""
        known = self._announced
        building = self._parts / "building" / f"documents-{known.documents}"
        read = self._sealed(self._parts / "pages", known.pages)
        judged = self._sealed(self._parts / "judged", known.judged)
        written = self._sealed(building, known.judged)
        step = self._step(len(judged), len(written))
        fates: Counter[str] = Counter()
        for seal in (*read, *written):
            for count in seal.counts:
                fates.update(dict(count.fates))
        kept = sum(seal.counts[-1].passed for seal in written if seal.counts)
        size = dict(zip(known.pages, known.bytes, strict=True))
        return Progress(
            step=step,
            parts=len(known.pages),
            reused=known.there,
            done=len(written) if step == "documents" else len(judged),
            bytes=sum(known.bytes),
            bytes_done=sum(size[seal.part] for seal in read),
            pages=sum(seal.counts[0].arrived for seal in read if seal.counts),
            passing=sum(self._passing(seal.part) for seal in judged),
            fates=dict(sorted((fates + Counter(kept=kept)).items())),
        )

    def _step(self, judged: int, written: int) -> str:
        known = self._announced
        if known.documents_there or (written == len(known.judged) and judged == written):
            return STEPS[3]
        if judged < len(known.judged):
            return STEPS[0]
        return STEPS[2] if (self._parts / "drops" / known.drops / "done").exists() else STEPS[1]

    def _sealed(self, folder: Path, names: Sequence[str]) -> list[Seal]:
        found = []
        for name in names:
            seal = self._seals.get((folder, name)) or read_seal(folder, name)
            if seal:
                self._seals[folder, name] = seal
                found.append(seal)
        return found

    def _passing(self, part: str) -> int:
        """Pages of a judged part that the rules let pass."""
        if part not in self._keep:
            table = pq.read_table(self._parts / "judged" / f"{part}.judged.parquet", columns=["keep"])
            self._keep[part] = pc.sum(table["keep"]).as_py() or 0
        return self._keep[part]


def _path(parts: Path) -> Path:
    return parts / "under-way.json"
