"""How far a run is, from what lies on disk: the same for every engine, and for onlookers of another process.

A run writes down what it is about to do; seals, as they come, say how much of it is done. Nothing here has a part in
what is made.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.corpus.plan import Plan
from tesuki.pipelines.storage.files import write_bytes
from tesuki.pipelines.storage.part_writer import read_seal, seal_path
from tesuki.pipelines.storage.parts import Parts, open_parts
from tesuki.pipelines.storage.work_files import read_work

STEPS = ("read and judge", "deduplicate", "documents", "tokens and shards")
"""What a run does, in this order."""


PLAN = "plan"
"""The folder, below ``parts/``, where the parts of the run are told."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What a run is about to do: its parts, and the names of its later stages."""

    parts: Parts
    drops: str
    documents: str
    documents_there: bool
    there: int
    """Parts that were sealed when the run began."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. ``fates`` counts pages by what became of them; those still on their way are not in it.

    ``seconds`` are those of workers by station, in the parts that are finished, whichever run finished them.
    """

    step: str
    parts: int
    reused: int
    done: int
    bytes: int
    bytes_done: int
    pages: int
    passing: int
    fates: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def slowest(self) -> tuple[str, float] | None:
        """The station that took most of the time so far, and its share; None before there is one."""
        total = sum(self.seconds.values())
        return max((seconds / total, name) for name, seconds in self.seconds.items())[::-1] if total else None

    def record(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def announce(parts: Path, plan: Plan, *, documents_there: bool) -> None:
    """Write down below ``parts`` what a run is about to do; the plan's parts are told in `PLAN` there."""
    announced = {
        "drops": plan.drops,
        "documents": plan.documents,
        "documents_there": documents_there,
        "there": sum(seal_path(parts / "pages", part.pages).exists() for part in plan.parts),
    }
    write_bytes(_path(parts), json.dumps(announced).encode())


def announced_in(parts: Path) -> Announced | None:
    """What the run in ``parts`` is about to do, or None where none has begun."""
    try:
        value = json.loads(_path(parts).read_bytes())
        return Announced(open_parts(parts / PLAN), **value)
    except (FileNotFoundError, NotADirectoryError):
        return None


@dataclass(slots=True)
class _Sums:
    """What the seals of one folder add up to, those that were there when it was last looked at; a byte a part."""

    seen: bytearray
    parts: int = 0
    bytes: int = 0
    pages: int = 0
    passed: int = 0
    fates: Counter[str] = field(default_factory=Counter)


class Onlooker:
    """Looks at a run again and again; reads each seal once, and holds nothing but sums."""

    def __init__(self, parts: Path, announced: Announced) -> None:
        self._parts = parts
        self._announced = announced
        self._read, self._judged, self._written = (_Sums(bytearray(len(announced.parts))) for _ in range(3))
        self._bytes = announced.parts.total_bytes()
        self._passing = 0
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def look(self) -> Progress:
        """How far the run is now."""
        known = self._announced
        building = self._parts / "building" / f"documents-{known.documents}"
        for _ in self._new(self._parts / "pages", "pages", self._read):
            pass
        for part in self._new(self._parts / "judged", "judged", self._judged):
            self._passing += self._passing_in(part)
        for _ in self._new(building, "judged", self._written):
            pass
        read, judged, written = self._read, self._judged, self._written
        step = self._step(judged.parts, written.parts)
        return Progress(
            step=step,
            parts=len(known.parts),
            reused=known.there,
            done=written.parts if step == "documents" else judged.parts,
            bytes=self._bytes,
            bytes_done=read.bytes,
            pages=read.pages,
            passing=self._passing,
            fates=dict(sorted((read.fates + written.fates + Counter(kept=written.passed)).items())),
            seconds=dict(self._seconds),
        )

    def _step(self, judged: int, written: int) -> str:
        known = self._announced
        if known.documents_there or (written == len(known.parts) and judged == written):
            return STEPS[3]
        if judged < len(known.parts):
            return STEPS[0]
        return STEPS[2] if (self._parts / "drops" / known.drops / "done").exists() else STEPS[1]

    def _new(self, folder: Path, stage: str, sums: _Sums) -> Iterator[str]:
        """The names of parts whose seals have come to ``folder`` since the last look, each added to ``sums``."""
        parts = self._announced.parts
        for number in range(len(parts)) if (folder / "seals").is_dir() else ():
            if sums.seen[number]:
                continue
            name = str(getattr(parts[number], stage))
            seal = read_seal(folder, name)
            if seal is None:
                continue
            for work in read_work(folder, (name,)):
                self._seconds[work.station] += work.seconds
            yield name
            sums.seen[number] = 1
            sums.parts += 1
            sums.bytes += parts.bytes_of(number)
            for count in seal.counts:
                sums.fates.update(dict(count.fates))
            if seal.counts:
                sums.pages += seal.counts[0].arrived
                sums.passed += seal.counts[-1].passed

    def _passing_in(self, part: str) -> int:
        """Pages of a judged part that the rules let pass."""
        table = pq.read_table(self._parts / "judged" / f"{part}.judged.parquet", columns=["keep"])
        return int(pc.sum(table["keep"]).as_py() or 0)


def _path(parts: Path) -> Path:
    return parts / "under-way.json"
