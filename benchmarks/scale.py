"""What a run costs its driver before any page is read, by the number of parts: 1,000, 30,000 and 1,500,000.

Run with ``python benchmarks/scale.py [PARTS]…``. For each phase a process of its own makes what the driver makes of a
plan that is drawn by hash (nothing is read or run): the tables that workers look up, and the pipeline as it would be
submitted. Told are CPU seconds, the memory that the phase added to the process, bytes of the submitted pipeline, bytes
of tables, and the files, maps and descriptors that are open at its end.

Judged parts are links to one file. Beyond `LINKED` parts their rows are given instead of read, and what reading them
would take is told as computed from the time a file took below.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from unittest.mock import patch

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from tesuki.dedup.keep_order import KeepOrder
from tesuki.pipelines.corpus.assemble_pipeline import DocumentSettings, documents
from tesuki.pipelines.corpus.extract_pipeline import Judging, extract
from tesuki.pipelines.corpus.page_store import page_store
from tesuki.pipelines.corpus.request import Request, check_request
from tesuki.pipelines.deduplication import numbering
from tesuki.pipelines.deduplication.pipeline import DedupSettings, deduplicate
from tesuki.pipelines.engine.logs import quiet_libraries
from tesuki.pipelines.judging.hosts import open_unwanted_hosts
from tesuki.pipelines.mending.step import open_mending
from tesuki.pipelines.recipe.station_order import ORDERS
from tesuki.pipelines.storage.corpus_folder import DocumentFile
from tesuki.pipelines.storage.parts import JudgedParts, Parts, open_parts, parts_of
from tesuki.pipelines.storage.schemas import JUDGED
from tesuki.pipelines.tokens.pipeline import ShardSettings, shards
from tesuki.tokenize.splits import SplitFractions

PARTS = (1_000, 30_000, 1_500_000)
PARTS_OF_AN_ARCHIVE = 16
"""A gigabyte in ranges of 64 MB."""

LINKED = 30_000
ROWS = 43
"""Pages of a part that the rules let pass: 65 million of a crawl in 1.5 million parts."""

RECIPE = """
name: scale
subsets:
  web: {inputs: one.warc.gz}
tokenizer: null
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a phase took of the driver."""

    cpu_seconds: float
    megabytes: float
    submitted: int
    tables: int
    maps: int
    descriptors: int


def main(counts: Iterable[int]) -> None:
    """Each phase at each size, in a process of its own."""
    print(
        f"{'phase':<12} {'parts':>9} {'CPU s':>7} {'MB':>7} {'submitted B':>12} {'tables B':>12} {'maps':>6} {'fds':>5}"
    )
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            for phase in PHASES:
                command = [sys.executable, __file__, "--phase", phase, str(count), folder]
                said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                cost = Cost(**json.loads(said.splitlines()[-1]))
                print(
                    f"{phase:<12} {count:>9} {cost.cpu_seconds:7.1f} {cost.megabytes:7.0f} {cost.submitted:12} "
                    f"{cost.tables:12} {cost.maps:6} {cost.descriptors:5}",
                    flush=True,
                )


def measured(phase: str, count: int, folder: Path) -> Cost:
    """One phase, in this process."""
    pipeline = beam.Pipeline(runner=FnApiRunner())
    (folder / "one.warc.gz").touch()
    (folder / "recipe.yaml").write_text(RECIPE)
    request = check_request(folder / "recipe.yaml", folder / "out", (), ())
    before, start, there = _peak(), time.process_time(), _size(folder)
    PHASES[phase](pipeline, request, count, folder)
    submitted = pipeline.to_runner_api().ByteSize() if phase != "plan" else 0
    seconds = time.process_time() - start
    return Cost(
        cpu_seconds=seconds,
        megabytes=(_peak() - before) / 1024,
        submitted=submitted,
        tables=_size(folder) - there,
        maps=len(Path("/proc/self/maps").read_text().splitlines()),
        descriptors=len(os.listdir("/proc/self/fd")),  # noqa: PTH208
    )


def plan(_: beam.Pipeline, request: Request, count: int, folder: Path) -> None:
    """The table of all parts, sorted and stored; in a run two names a part are hashed of its recipe besides."""
    archives = -(-count // PARTS_OF_AN_ARCHIVE)
    subset = next(iter(request.recipe.subsets))
    inputs = ((subset, f"{n:08d}.warc.gz", f"/crawl/segments/{n:08d}.warc.gz", 1 << 30, 1.0) for n in range(archives))
    made = parts_of(inputs, _drawn(count))
    made.stored(folder / "plan")


def _drawn(count: int) -> Iterator[tuple[str, str, int, int, int]]:
    for number in range(count):
        archive, place = divmod(number, PARTS_OF_AN_ARCHIVE)
        yield _name("pages", number), _name("judged", number), archive, place << 26, (place + 1) << 26


def _name(kind: str, number: int) -> str:
    return hashlib.blake2b(f"{kind} {number}".encode(), digest_size=16).hexdigest()


def of_extract(pipeline: beam.Pipeline, request: Request, _: int, folder: Path) -> None:
    """Stations 1 to 6."""
    parts = _parts(folder)
    judging = Judging(request.preset, frozenset(), request.dedup, request.recipe.rules.order)
    extract(pipeline, parts, folder / "out", "kana-bytes", page_store(request, parts), judging)


def of_deduplicate(pipeline: beam.Pipeline, request: Request, count: int, folder: Path) -> None:
    """Station 7. Links where there are few parts; else each file is given its rows."""
    tables = _tables(folder)
    settings = DedupSettings(request.dedup, KeepOrder())
    files = tables.judged_files()
    if count <= LINKED:
        _link(tables)
        deduplicate(pipeline, files, folder / "drops", settings)
        return
    one = pa.table({"row": range(ROWS)})
    pq.write_table(one, folder / "one.parquet")
    rows = pq.read_metadata(folder / "one.parquet")
    with patch.object(numbering.pq, "read_metadata", lambda _: rows):
        deduplicate(pipeline, files, folder / "drops", settings)


def _link(tables: JudgedParts) -> None:
    one = tables.folder / "one.parquet"
    row = {"id": "", "url": "", "characters": 0, "measures": [], "keep": True}
    one.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist([row] * ROWS, JUDGED), one)
    (tables.folder / "judged").mkdir(exist_ok=True)
    for part in tables:
        part.judged.symlink_to(one)


def of_documents(pipeline: beam.Pipeline, request: Request, _: int, folder: Path) -> None:
    """Stations 8 to 10."""
    tables = _tables(folder)
    settings = DocumentSettings(
        page_store(request, _parts(folder)),
        folder / "drops" / "removals",
        partial(open_unwanted_hosts, request.denied_hosts, None),
        (),
        partial(open_mending, request.recipe.mend, None),
        request.level_page,
        ORDERS[request.recipe.rules.order, request.recipe.matching],
    )
    documents(pipeline, tables, folder / "building", settings)


def of_tokens(pipeline: beam.Pipeline, request: Request, count: int, folder: Path) -> None:
    """Stations 11 and 12, of one file of documents a part."""
    files = [
        DocumentFile(folder / "documents" / "web" / "L2" / f"{_name('judged', n)}.parquet", "web", "L2")
        for n in range(count)
    ]
    settings = ShardSettings(
        tokenizer=folder / "tokenizer.model",
        document="bos text eos",
        splits=SplitFractions(Fraction(0), Fraction(0)),
        repeats={"web": Fraction(1)},
        buckets={},
        test_subsets=frozenset(),
        shard_tokens=100_000_000,
        tokens_folder=folder / "tokens",
        shards_folder=folder / "shards",
    )
    shards(pipeline, files, settings)


PHASES: dict[str, Callable[[beam.Pipeline, Request, int, Path], None]] = {
    "plan": plan,
    "extract": of_extract,
    "deduplicate": of_deduplicate,
    "documents": of_documents,
    "tokens": of_tokens,
}


def _parts(folder: Path) -> Parts:
    return open_parts(folder / "plan")


def _tables(folder: Path) -> JudgedParts:
    return JudgedParts(_parts(folder), folder / "parts", folder / "drops")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for kind in ("*.arrow", "*.rows") for path in folder.rglob(kind))


if __name__ == "__main__":
    quiet_libraries()
    if sys.argv[1:2] == ["--phase"]:
        cost = measured(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
        print(json.dumps({name: getattr(cost, name) for name in Cost.__slots__}))
    else:
        main([int(word) for word in sys.argv[1:]] or PARTS)
