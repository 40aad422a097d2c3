"""What a run took and what was there before it: known to the folder it ran in, no part of the corpus it made.

Nothing of it stands in manifest, tables or report.html, which are the same bytes whoever makes them, and how fast.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from time import monotonic

from tesuki.pipelines.corpus.manifest import NAME, Manifest, manifest_in
from tesuki.pipelines.corpus.plan import Plan
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.journey.work import Work, add_work
from tesuki.pipelines.storage.files import write_bytes
from tesuki.pipelines.storage.work_files import read_work

RUN = "run.json"
FORMER = "former-manifest.json"
"""Below ``parts/``: what the last run took, and the manifest of the corpus that it replaced."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """``seconds`` by step of the run that made the corpus, and what stations cost in all parts it is made of, whichever
    run made them: up to the verdicts (``parts``), and from there to ``documents``.
    """

    seconds: dict[str, float]
    parts: tuple[Work, ...]
    documents: tuple[Work, ...]

    @property
    def work(self) -> tuple[Work, ...]:
        """Both together."""
        return add_work((*self.parts, *self.documents))


@dataclass(slots=True)
class Stopwatch:
    """Takes the time of the steps of a run."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Take the time of the block as that of ``name``."""
        start = monotonic()
        yield
        self.seconds[name] = monotonic() - start


def write_run(parts: Path, plan: Plan, seconds: dict[str, float], documents: Path) -> None:
    """Write down what the run took. ``documents`` is the folder stations 8 to 10 worked in; where it did not in this
    run, what is known of them stays.
    """
    read = read_work(parts / "pages", (part.pages for part in plan.parts))
    judged = read_work(parts / "judged", (part.judged for part in plan.parts))
    assembled = add_work(read_work(documents, (part.judged for part in plan.parts)))
    before = read_run(parts)
    if not assembled and before is not None:
        assembled = before.documents
    record = RunRecord(seconds, add_work(chain(read, judged)), assembled)
    write_bytes(parts / RUN, json.dumps(asdict(record)).encode())


def read_run(parts: Path) -> RunRecord | None:
    """What the last run into the corpus of ``parts`` took; None where that is not known."""
    try:
        value = json.loads((parts / RUN).read_bytes())
        early, late = (tuple(Work(**each) for each in value[name]) for name in ("parts", "documents"))
        return RunRecord(dict(value["seconds"]), early, late)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep_former(output: Path, parts: Path) -> None:
    """Keep the manifest of the corpus at ``output``, which is about to be replaced."""
    write_bytes(parts / FORMER, (output / NAME).read_bytes())


def former_manifest(parts: Path) -> Manifest | None:
    """The manifest of the corpus that the last run replaced; None where there was none, or of another version."""
    try:
        return manifest_in((parts / FORMER).read_bytes(), parts / FORMER)
    except (OSError, RequestError):
        return None
