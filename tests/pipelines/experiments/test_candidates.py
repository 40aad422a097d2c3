"""The draw of a reading sheet as a stream is the draw from a list, and holds no more when the corpus grows."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from tesuki.common.hosts import host_of
from tesuki.pipelines.experiments.candidates import KEPT, Candidate, Drawn, candidates, neighbours
from tesuki.release_levels.levels import Level

PAGES = st.lists(
    st.builds(
        Candidate,
        st.integers(0, 10_000).map(str),
        st.sampled_from([f"https://{host}.example/{path}" for host in "ab" for path in "xyz"]),
        st.sampled_from([KEPT, "quality.a", "quality.b"]),
    ),
    unique_by=lambda page: page.id,
)


@given(PAGES, st.integers(0, 4), st.integers(0, 4))
def test_what_is_drawn_are_the_first_of_all_in_order(pages: list[Candidate], kept: int, rejected: int) -> None:
    drawn = Drawn(3, kept, rejected)
    for page in pages:
        drawn.add(page)
    assert drawn.pages == Counter(page.stratum for page in pages)
    for stratum in (KEPT, "quality.a", "quality.b"):
        most = kept if stratum == KEPT else rejected
        ordered = sorted((page for page in pages if page.stratum == stratum), key=drawn.key)
        assert drawn.first(stratum, most) == ordered[:most]


@given(PAGES, st.integers(1, 3))
def test_neighbours_are_the_first_others_of_the_same_host(pages: list[Candidate], most: int) -> None:
    chosen = pages[:3]
    found = neighbours(chosen, pages, most)
    for page in chosen:
        same = [each for each in pages if host_of(each.url) == host_of(page.url) and each.url != page.url]
        assert found[page.id] == sorted((each.url, each.stratum) for each in same)[:most]


def test_memory_stays_when_the_corpus_grows(tmp_path: Path) -> None:
    peaks = []
    for times in (1, 4, 16):
        folder = tmp_path / str(times) / "documents" / "web" / "L1"
        folder.mkdir(parents=True)
        for file in range(times):
            names = [f"{file}-{row}" for row in range(600)]
            table = pa.table({"id": names, "url": [f"https://{name}.example/" for name in names]})
            pq.write_table(table, folder / f"{file:02d}.parquet")
        tracemalloc.start()
        drawn = Drawn(1, 20, 20)
        for page in candidates(tmp_path / str(times), {}, {Level.L1}):
            drawn.add(page)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert drawn.pages[KEPT] == 600 * times
    assert max(peaks) < 1.3 * peaks[0], peaks
