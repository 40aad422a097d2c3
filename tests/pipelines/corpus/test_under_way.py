"""Progress of a run of many parts: sums, and a byte a part, are all that a look leaves behind."""

from __future__ import annotations

import gc
import hashlib
import tracemalloc
from dataclasses import asdict
from pathlib import Path

from tesuki.pipelines.corpus.under_way import Announced, Onlooker
from tesuki.pipelines.journey.chunk import StationCount
from tesuki.pipelines.storage.part_writer import Seal, SealedFile, seal_path
from tesuki.pipelines.storage.parts import parts_of
from tesuki.pipelines.storage.sealed_json import sealed_bytes


def name(word: str) -> str:
    return hashlib.blake2b(word.encode(), digest_size=16).hexdigest()


def run_of(folder: Path, count: int) -> Onlooker:
    """A run of which all parts are read."""
    inputs = [("web", f"{n:05d}.warc.gz", f"/crawl/{n:05d}.warc.gz", 100, 1.0) for n in range(count)]
    parts = parts_of(inputs, ((name(f"p{n}"), name(f"j{n}"), n, 0, 1_000) for n in range(count)))
    (folder / "pages" / "seals").mkdir(parents=True)
    for part in parts:
        table = SealedFile(f"{part.pages}.pages.parquet", 3, 10, "0" * 64)
        seal = Seal(part.pages, (table,), (StationCount("read", 5, 3, 50, 30, (("skipped", 2),)),))
        seal_path(folder / "pages", part.pages).write_bytes(sealed_bytes(asdict(seal)))
    return Onlooker(folder, Announced(parts.stored(folder / "plan"), "d", "e", documents_there=False, there=0))


def test_what_a_look_leaves_behind_is_a_byte_a_part(tmp_path: Path) -> None:
    kept = []
    for times in (1, 4, 16):
        onlooker = run_of(tmp_path / str(times), 20 * times)
        onlooker.look()
        onlooker = Onlooker(onlooker._parts, onlooker._announced)
        tracemalloc.start()
        now = onlooker.look()
        gc.collect()
        kept.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert (now.parts, now.pages, now.bytes, now.bytes_done) == (
            20 * times,
            100 * times,
            2_000 * times,
            2_000 * times,
        )
        assert now.fates["skipped"] == 40 * times
        assert onlooker.look() == now
    assert kept[2] - kept[0] < 15 * 20 * 50, kept
