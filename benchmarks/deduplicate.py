"""Deduplication of generated corpora of two sizes: time, memory of the largest process, bytes shuffled.

Wall seconds depend on what else the machine does; CPU seconds, of all processes together, hardly.

Run with ``python benchmarks/deduplicate.py``. Each run is a process of its own. The ratios say how each figure grows
when the corpus grows fourfold: 4.0 is linear.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.runners.portability.fn_api_runner.execution import GroupingBuffer

from tesuki.dedup.band_keys import band_keys, sketch
from tesuki.dedup.comparison_form import comparison_form
from tesuki.dedup.fingerprint import form_fingerprint
from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import PRESETS
from tesuki.dedup.signature import signature
from tesuki.pipelines.deduplication.pipeline import DedupSettings, deduplicate
from tesuki.pipelines.engine.launcher import run
from tesuki.pipelines.engine.logs import quiet_libraries
from tesuki.pipelines.storage.schemas import JUDGED

SIZES = (50_000, 200_000)
PART_ROWS = 2_000
CHARACTERS = 500
PARAMETERS = PRESETS["swallow-paper"]
MODES = {
    "one process": ["--direct_running_mode=in_memory"],
    "two workers": ["--direct_running_mode=multi_processing", "--direct_num_workers=2"],
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took, and what it found."""

    seconds: float
    cpu_seconds: float
    largest_process_mb: float
    shuffled_mb: float
    dropped: int


def main() -> None:
    """Generate, run, print."""
    print(f"b={PARAMETERS.b} r={PARAMETERS.r}, parts of {PART_ROWS} documents")
    print(
        f"{'run':<12} {'documents':>10} {'seconds':>8} {'CPU s':>6} {'peak MB':>8} {'shuffled MB':>12} {'dropped':>8}"
    )
    costs: dict[tuple[str, int], Cost] = {}
    with tempfile.TemporaryDirectory() as folder:
        for documents in SIZES:
            judged = Path(folder, str(documents))
            _child("generate", str(judged), str(documents))
            for mode in MODES:
                said = _child("measure", str(judged), mode)
                cost = Cost(**json.loads(said.splitlines()[-1]))
                costs[mode, documents] = cost
                print(
                    f"{mode:<12} {documents:>10} {cost.seconds:8.1f} {cost.cpu_seconds:6.1f} "
                    f"{cost.largest_process_mb:8.0f} {cost.shuffled_mb:12.1f} {cost.dropped:8}",
                    flush=True,
                )
    for mode in MODES:
        small, large = (costs[mode, documents] for documents in SIZES)
        print(
            f"{mode}: x{SIZES[1] / SIZES[0]:.1f} documents: x{large.cpu_seconds / small.cpu_seconds:.2f} CPU time, "
            f"x{large.largest_process_mb / small.largest_process_mb:.2f} memory, "
            f"x{large.shuffled_mb / small.shuffled_mb:.2f} bytes shuffled"
        )


def generate(folder: Path, documents: int) -> None:
    """Judged parts of ``documents`` texts: half are new, half an earlier one with up to 7 characters changed."""
    rng = np.random.default_rng(20)
    folder.mkdir(parents=True)
    pool = rng.integers(0x4E00, 0x9FFF, (1_000, CHARACTERS), dtype=np.uint32)
    for part in range(0, documents, PART_ROWS):
        rows = [_row(number, pool, rng) for number in range(part, min(part + PART_ROWS, documents))]
        name = f"part-{part // PART_ROWS:05d}.judged.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=JUDGED), folder / name)


def _row(number: int, pool: np.ndarray, rng: np.random.Generator) -> dict[str, object]:
    place = rng.integers(len(pool))
    if rng.random() < 0.5:
        pool[place] = rng.integers(0x4E00, 0x9FFF, CHARACTERS)
    text = pool[place].copy()
    text[rng.integers(0, CHARACTERS, rng.integers(0, 8))] = rng.integers(0x4E00, 0x9FFF)
    form = comparison_form("".join(map(chr, text)))
    values = signature(form, PARAMETERS)
    assert values is not None
    return {
        "id": f"{number:032x}",
        "url": f"https://host-{number % 997}.example/page/{number}.html",
        "date": f"2025-{1 + number % 12:02d}-{1 + number % 28:02d}T00:00:00Z",
        "characters": CHARACTERS,
        "measures": [],
        "keep": True,
        "fingerprint": form_fingerprint(form),
        "band_keys": band_keys(values, PARAMETERS).tolist(),
        "sketch": sketch(values),
    }


def measure(folder: Path, mode: str) -> Cost:
    """Deduplicate what lies in ``folder``, watching memory and what passes through the shuffle."""
    shuffled = _count_shuffled()
    peak, cpu = [0], {0: 0.0}
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(peak, cpu, done))
    watcher.start()
    judged = sorted(folder.glob("*.judged.parquet"))
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        run(lambda pipeline: _build(pipeline, judged, Path(out)), MODES[mode])
        seconds = time.perf_counter() - start
        dropped = sum(pq.read_metadata(path).num_rows for path in Path(out).glob("*.drops.parquet"))
    done.set()
    watcher.join()
    return Cost(seconds, sum(cpu.values()), peak[0] / 1e6, shuffled[0] / 1e6, dropped)


def _build(pipeline: object, judged: list[Path], out: Path) -> None:
    deduplicate(pipeline, judged, out, DedupSettings(PARAMETERS, KeepOrder()))


def _count_shuffled() -> list[int]:
    """A count of the bytes that every grouping of this process takes in."""
    total = [0]
    append = GroupingBuffer.append

    def counted(self: GroupingBuffer, elements_data: bytes) -> None:
        total[0] += len(elements_data)
        append(self, elements_data)

    GroupingBuffer.append = counted
    return total


def _watch(peak: list[int], cpu: dict[int, float], done: threading.Event) -> None:
    me = psutil.Process(os.getpid())
    started = sum(me.cpu_times()[:2])
    while not done.wait(0.05):
        for process in (me, *me.children(recursive=True)):
            try:
                peak[0] = max(peak[0], process.memory_info().rss)
                used = sum(process.cpu_times()[:2])
                cpu[process.pid] = used - started if process.pid == me.pid else used
            except psutil.NoSuchProcess:
                continue


def _child(*arguments: str) -> str:
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    quiet_libraries()
    if sys.argv[1:2] == ["generate"]:
        generate(Path(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1:2] == ["measure"]:
        taken = measure(Path(sys.argv[2]), sys.argv[3])
        print(json.dumps({name: getattr(taken, name) for name in Cost.__slots__}))
    else:
        main()
