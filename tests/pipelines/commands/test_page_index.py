"""The index of pages: the same whatever is held at a time, and no more is held when the corpus grows."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.pipelines.commands.page_index import PageIndex, write_index


def tables(folder: Path, files: int, rows: int = 500) -> list[Path]:
    folder.mkdir()
    paths = []
    for file in range(files):
        names = [f"{file}-{row}" for row in range(rows)]
        urls = [f"https://host-{row % 7}.example/{name}" for row, name in enumerate(names)]
        table = pa.table({"id": names, "record_id": [f"<urn:{name}>" for name in names], "url": urls})
        paths.append(folder / f"{file:03d}.parquet")
        pq.write_table(table, paths[-1])
    return paths


def test_the_same_bytes_whatever_is_sorted_at_a_time(tmp_path: Path) -> None:
    files = tables(tmp_path / "in", 3, 200)
    for group in (1, 50, 1 << 22):
        write_index(files, tmp_path / str(group), group)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "50").read_bytes() == (tmp_path / str(1 << 22)).read_bytes()
    entries = np.load(tmp_path / "50", mmap_mode="r", allow_pickle=False)
    assert len(entries) == 3 * 200 * 3
    assert (np.diff(entries["name"].astype(object)) >= 0).all()
    found = PageIndex(tuple(files), entries).find(["1-7", "<urn:2-9>", "host-3.example/0-3", "nowhere"])
    assert [[row["id"] for row in rows] for rows in found.values()] == [["1-7"], ["2-9"], ["0-3"], []]
    assert not list(tmp_path.glob(".page-index*"))


def test_memory_stays_when_the_corpus_grows(tmp_path: Path) -> None:
    peaks = []
    for times in (1, 4, 16):
        files = tables(tmp_path / f"in-{times}", times)
        tracemalloc.start()
        write_index(files, tmp_path / f"{times}.npy", 500)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 1.3 * peaks[0], peaks
