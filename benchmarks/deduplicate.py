"""Deduplication of made-up corpora: time, bytes shuffled a document, memory of each process, and how they grow.

    python benchmarks/deduplicate.py [DOCUMENTS]…

Judged parts are drawn, not judged: a third of the documents share a few buckets or the whole text with an earlier one.
Rows are as large as real ones at b = r = 20 (sketch 400 bytes, URL 40). ``ranges`` is into how many ranges the keys of
a band are cut: 1 as a corpus of that size is, 128 as one of 270 million documents.

Wall seconds depend on what else the machine does and are not told; CPU seconds, of all processes together, hardly. The
last lines say how each figure grew against the documents: 1.00 is a straight line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.runners.portability.fn_api_runner.execution import GroupingBuffer
from numpy.typing import NDArray

from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import PRESETS
from tesuki.pipelines.deduplication.pipeline import DedupSettings, deduplicate
from tesuki.pipelines.engine.launcher import run
from tesuki.pipelines.engine.logs import quiet_libraries
from tesuki.pipelines.storage.schemas import JUDGED

SIZES = (10_000, 100_000)
PARAMETERS = PRESETS["swallow-paper"]
SKETCH = PARAMETERS.b * PARAMETERS.r
MODES = {
    "one process": ["--direct_running_mode=in_memory"],
    "two workers": ["--direct_running_mode=multi_processing", "--direct_num_workers=2"],
}
SHARED_BUCKETS = 4
"""Buckets that a near-duplicate shares with the one before it."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is run: ``parts`` files of documents, keys cut into ``ranges``."""

    mode: str
    documents: int
    parts: int
    ranges: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took, and what it found."""

    cpu_seconds: float
    driver_mb: float
    worker_mb: float
    shuffled: int
    dropped: int


def main(sizes: list[int]) -> None:
    """Generate, run, print."""
    print(f"b={PARAMETERS.b} r={PARAMETERS.r}")
    print(
        f"{'run':<12} {'documents':>9} {'parts':>6} {'ranges':>6} {'CPU s':>6} {'driver MB':>9} {'worker MB':>9} "
        f"{'B/document':>10} {'dropped':>8}"
    )
    straight: list[tuple[Run, Cost]] = []
    for documents in sizes:
        for parts in (documents // 1_000, documents // 100):
            with tempfile.TemporaryDirectory() as folder:
                _child("generate", folder, str(documents), str(parts))
                for each in _runs(documents, parts):
                    said = _child("measure", folder, each.mode, str(each.documents), str(each.ranges))
                    cost = Cost(**json.loads(said.splitlines()[-1]))
                    print(
                        f"{each.mode:<12} {documents:>9} {parts:>6} {each.ranges:>6} {cost.cpu_seconds:6.1f} "
                        f"{cost.driver_mb:9.0f} {cost.worker_mb:9.0f} {cost.shuffled / documents:10.0f} "
                        f"{cost.dropped:8}",
                        flush=True,
                    )
                    if (each.mode, each.ranges, parts) == ("one process", 1, documents // 1_000):
                        straight.append((each, cost))
    for (small, before), (large, after) in pairwise(straight):
        times = large.documents / small.documents
        print(
            f"one process, {small.documents} to {large.documents} documents: each has "
            f"x{after.cpu_seconds / before.cpu_seconds / times:.2f} CPU time, "
            f"x{after.shuffled / before.shuffled / times:.2f} bytes shuffled, "
            f"{(after.driver_mb - before.driver_mb) * 1e6 / (large.documents - small.documents):.0f} bytes of the "
            "driver's memory more"
        )


def _runs(documents: int, parts: int) -> Iterator[Run]:
    yield Run("one process", documents, parts, 1)
    yield Run("one process", documents, parts, 128)
    if parts == documents // 1_000:
        yield Run("two workers", documents, parts, 1)


def generate(folder: Path, documents: int, parts: int) -> None:
    """Judged parts of ``documents``: of three one is new, one a near-duplicate or copy of another part's, one alone."""
    rng = np.random.default_rng(20)
    former: NDArray[np.uint64] | None = None
    for part, numbers in enumerate(np.array_split(np.arange(documents), parts)):
        rows = len(numbers)
        keys = rng.integers(0, 1 << 63, (rows, PARAMETERS.r), dtype=np.uint64)
        prints = rng.integers(0, 1 << 63, (rows, 2), dtype=np.uint64)
        if former is not None:
            like = np.flatnonzero(rng.random(rows) < 1 / 3)
            other = rng.integers(0, len(former), len(like))
            keys[like, :SHARED_BUCKETS] = former[other, :SHARED_BUCKETS]
        former = keys
        columns = {
            "id": [f"{number:032x}" for number in numbers.tolist()],
            "url": [f"https://host-{number % 997}.example/page/{number}.html" for number in numbers.tolist()],
            "date": [f"2025-{1 + n % 12:02d}-{1 + n % 28:02d}T00:00:00Z" for n in numbers.tolist()],
            "characters": np.full(rows, 1_000),
            "keep": np.ones(rows, dtype=bool),
            "fingerprint": [each.tobytes() for each in prints],
            "band_keys": list(keys),
            "sketch": [each.tobytes() for each in rng.integers(0, 256, (rows, SKETCH), dtype=np.uint8)],
        }
        arrays = [
            pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(rows, field.type)
            for field in JUDGED
        ]
        pq.write_table(pa.table(arrays, JUDGED), folder / f"{part:06d}.judged.parquet", compression="zstd")


def measure(folder: Path, mode: str, documents: int, ranges: int) -> Cost:
    """Deduplicate what lies in ``folder``, watching memory and what passes through the shuffle."""
    shuffled = _count_shuffled()
    me = os.getpid()
    peak: dict[int, int] = {}
    cpu: dict[int, float] = {}
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(peak, cpu, done))
    watcher.start()
    judged = sorted(folder.glob("*.judged.parquet"))
    settings = DedupSettings(PARAMETERS, KeepOrder(), group_claims=-(-documents // ranges))
    with tempfile.TemporaryDirectory() as out:
        run(lambda pipeline: _build(pipeline, judged, Path(out, "drops"), settings), MODES[mode])
        dropped = sum(pq.read_metadata(path).num_rows for path in Path(out).glob("drops/*.drops.parquet"))
    done.set()
    watcher.join()
    others = max((most for process, most in peak.items() if process != me), default=0)
    return Cost(sum(cpu.values()), peak[me] / 1e6, others / 1e6, shuffled[0], dropped)


def _build(pipeline: object, judged: list[Path], out: Path, settings: DedupSettings) -> None:
    deduplicate(pipeline, judged, out, settings)


def _count_shuffled() -> list[int]:
    """A count of the bytes that every grouping of this process takes in."""
    total = [0]
    append = GroupingBuffer.append

    def counted(self: GroupingBuffer, elements_data: bytes) -> None:
        total[0] += len(elements_data)
        append(self, elements_data)

    GroupingBuffer.append = counted
    return total


def _watch(peak: dict[int, int], cpu: dict[int, float], done: threading.Event) -> None:
    me = psutil.Process(os.getpid())
    started = sum(me.cpu_times()[:2])
    while not done.wait(0.05):
        for process in (me, *me.children(recursive=True)):
            try:
                peak[process.pid] = max(peak.get(process.pid, 0), process.memory_info().rss)
                used = sum(process.cpu_times()[:2])
                cpu[process.pid] = used - started if process.pid == me.pid else used
            except psutil.NoSuchProcess:
                continue


def _child(*arguments: str) -> str:
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    quiet_libraries()
    match sys.argv[1:]:
        case ["generate", place, count, files]:
            generate(Path(place), int(count), int(files))
        case ["measure", place, mode, count, cuts]:
            print(json.dumps(asdict(measure(Path(place), mode, int(count), int(cuts)))))
        case counts:
            main([int(count) for count in counts] or list(SIZES))
