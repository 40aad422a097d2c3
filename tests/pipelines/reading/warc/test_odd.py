"""Real archives, many of them broken: what is read of each, and why, is written down in odd_warc.tsv."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range

ROOT = Path(__file__).resolve().parents[4]
ODD = ROOT.parent / "shared" / "data" / "odd-warc"
TABLE = Path(__file__).with_name("odd_warc.tsv")
ROWS = [line.split("\t") for line in TABLE.read_text().splitlines() if not line.startswith("#")][1:]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not ODD.is_dir(), reason="the real archives beside the project are not there"),
]


def read(path: Path, range_bytes: int = 64 << 20) -> list[Page | Fate]:
    return [item for part in plan_ranges(path, "web", range_bytes) for item in read_range(part)]


def rule(item: Page | Fate) -> str:
    return item.rule if isinstance(item, Fate) else "page"


@pytest.mark.parametrize(("name", "items", "why"), ROWS, ids=[row[0] for row in ROWS])
def test_each_odd_archive_gives_what_the_table_says(name: str, items: str, why: str) -> None:
    counts = Counter(rule(item) for item in read(ODD / name))
    assert " ".join(f"{key}={count}" for key, count in sorted(counts.items())) == items, why


def test_the_table_has_a_row_for_every_archive() -> None:
    assert {row[0] for row in ROWS} == {path.name for path in ODD.iterdir() if path.suffix != ".md"}


@pytest.mark.parametrize("name", [row[0] for row in ROWS if "unsupported" not in row[1]])
def test_nothing_that_warcio_reads_is_lost(name: str) -> None:
    """The second opinion: every record warcio finds, up to where it gives up, is one of our items."""
    ids: list[str] = []
    with (ODD / name).open("rb") as file:
        try:
            for record in ArchiveIterator(file):
                ids.append(record.rec_headers.get_header("WARC-Record-ID") or "")
                record.content_stream().read()
        except ArchiveLoadFailed:
            pass
    ours = [item.record_id for item in read(ODD / name)]
    damaged = sum(rule(item) == "read.damaged" for item in read(ODD / name))
    assert len(ours) >= len(ids)
    assert len([name for name in ids if name and name not in ours]) <= damaged


@pytest.mark.parametrize("name", [row[0] for row in ROWS])
def test_ranges_together_give_what_the_whole_gives(name: str) -> None:
    whole = read(ODD / name)
    assert read(ODD / name, 1000) == whole


@pytest.mark.parametrize("name", ["warcio__example-bad.warc.gz.bad", "ipwb__broken.warc", "pywb__dupes.warc.gz"])
def test_each_record_can_be_read_again_by_itself(name: str) -> None:
    path = ODD / name
    for item in read(path):
        place = Range("web", str(path), name, item.offset, item.offset + 1)
        assert [found for found in read_range(place) if found.record_id == item.record_id] == [item]
