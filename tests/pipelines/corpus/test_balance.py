"""The balance sheet finds what is lost, wherever it is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tesuki.pipelines.corpus.balance import Balance, balance_in, balance_of, sheet_of
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.chunk import Chunk, StationCount, Step, add_counts, apply, chunks
from tesuki.pipelines.journey.page import Fate, Page, leave
from tesuki.pipelines.storage.documents import document_rows
from tesuki.pipelines.storage.rows import fate_rows


def page(number: int) -> Page:
    return Page(
        "web", "a.warc.gz", number, 1, f"<urn:{number}>", f"https://{number}.example/", "", text="本文" * number
    )


def drop_every(nth: int, station: str) -> Step:
    def step(page: Page) -> Page | Fate:
        return page if page.offset % nth else leave(page, "rejected", station, f"{station}.{nth}")

    return step


@pytest.fixture
def journey() -> tuple[Chunk, Chunk]:
    """Twenty records through two stations of `extract` and two of `assemble`."""
    items = [page(n) if n != 4 else leave(page(n), "dead", "read", "read.damaged") for n in range(20)]
    (read,) = chunks("part", items, "read")
    extracted = apply(read, "detect", drop_every(5, "detect"))
    (stored,) = chunks("part", extracted.pages, "read judged")
    assembled = apply(stored, "measure", drop_every(3, "measure"))
    return extracted, apply(assembled, "level", lambda page: replace(page, level="L2"))


@pytest.fixture
def tables(journey: tuple[Chunk, Chunk], tmp_path: Path) -> tuple[list[Path], list[Path]]:
    """The ledger and documents of that journey on disk, each in two files."""
    extracted, assembled = journey
    files: tuple[list[Path], list[Path]] = ([], [])
    for name, (kind, rows) in enumerate([(0, (*extracted.fates, *assembled.fates)), (1, assembled.pages)]):
        for half, part in enumerate((rows[:3], rows[3:])):
            path = tmp_path / f"{name}-{half}.parquet"
            pq.write_table((document_rows if kind else fate_rows)(part), path)
            files[kind].append(path)
    return files


def sheet(journey: tuple[Chunk, Chunk], tables: tuple[Sequence[Path], Sequence[Path]]) -> Balance:
    extracted, assembled = journey
    return balance_of(extracted.counts, assembled.counts, *tables)


def test_the_sheet_of_a_journey(journey: tuple[Chunk, Chunk], tables: tuple[list[Path], list[Path]]) -> None:
    """By hand: of 0..19, 4 is dead; 0, 5, 10, 15 stop at detect; 3, 6, 9, 12, 18 at measure; ten are kept."""
    balance = sheet(journey, tables)
    assert balance.read == 20
    assert [balance.pages(fate) for fate in ("dead", "rejected", "kept", "skipped")] == [1, 9, 10, 0]
    assert balance.kept_characters == 2 * sum((1, 2, 7, 8, 11, 13, 14, 16, 17, 19))
    assert [station.station for station in balance.stations] == ["read", "detect", "measure", "level"]
    assert balance.rules == (
        ("detect", "rejected", "detect.5", 4),
        ("measure", "rejected", "measure.3", 5),
        ("read", "dead", "read.damaged", 1),
    )
    assert balance_in(sheet_of(balance)) == balance


def without_a_row(path: Path) -> None:
    pq.write_table(pq.read_table(path).slice(1), path)


def test_a_row_that_is_missing_in_the_ledger(
    journey: tuple[Chunk, Chunk], tables: tuple[list[Path], list[Path]]
) -> None:
    without_a_row(tables[0][1])
    with pytest.raises(WorkError, match=r"balance: station (detect|measure) counted \d pages as rejected, ledger/ has"):
        sheet(journey, tables)


def test_a_row_that_is_too_much_in_the_ledger(
    journey: tuple[Chunk, Chunk], tables: tuple[list[Path], list[Path]]
) -> None:
    with pytest.raises(WorkError, match="balance: station"):
        sheet(journey, ([*tables[0], tables[0][0]], tables[1]))


def test_a_document_that_is_missing(journey: tuple[Chunk, Chunk], tables: tuple[list[Path], list[Path]]) -> None:
    without_a_row(tables[1][1])
    with pytest.raises(WorkError, match="balance: 10 pages were kept, documents/ has 9"):
        sheet(journey, tables)


def test_a_document_whose_text_was_cut(journey: tuple[Chunk, Chunk], tables: tuple[list[Path], list[Path]]) -> None:
    table = pq.read_table(tables[1][0])
    texts = table["text"].to_pylist()
    texts[0] = texts[0][:-1]
    place = table.schema.get_field_index("text")
    cut = pa.array(texts, pa.large_string())
    pq.write_table(table.set_column(place, table.schema.field("text"), cut), tables[1][0])
    with pytest.raises(WorkError, match=r"balance: .* characters"):
        sheet(journey, tables)


def test_pages_lost_between_the_pipelines(journey: tuple[Chunk, Chunk], tables: tuple[list[Path], list[Path]]) -> None:
    extracted, assembled = journey
    lost = tuple(replace(count, arrived=count.arrived - 1, passed=count.passed - 1) for count in assembled.counts)
    with pytest.raises(WorkError, match="station detect passed 15 pages, 14 arrived in assemble"):
        balance_of(extracted.counts, lost, *tables)
    with pytest.raises(WorkError, match="station detect passed 15 pages, 0 arrived in assemble"):
        balance_of(extracted.counts, (), *tables)


@pytest.mark.parametrize("station", range(2))
def test_pages_lost_at_a_station(
    journey: tuple[Chunk, Chunk], tables: tuple[list[Path], list[Path]], station: int
) -> None:
    extracted, assembled = journey
    counts = list(extracted.counts)
    counts[station] = replace(counts[station], passed=counts[station].passed - 1)
    with pytest.raises(
        WorkError, match=f"at station {counts[station].station}|station {counts[station].station} passed"
    ):
        balance_of(counts, assembled.counts, *tables)


def test_characters_lost_between_stations(journey: tuple[Chunk, Chunk], tables: tuple[list[Path], list[Path]]) -> None:
    extracted, assembled = journey
    counts = [replace(count, characters_arrived=count.characters_arrived - 1) for count in assembled.counts[-1:]]
    with pytest.raises(WorkError, match=r"station measure passed \d+ characters, station level got"):
        balance_of(extracted.counts, (*assembled.counts[:-1], *counts), *tables)


def test_nothing_read_is_a_sheet_too() -> None:
    empty = balance_of((), (), (), ())
    assert (empty.read, empty.kept, empty.pages("dead")) == (0, 0, 0)
    assert balance_in(sheet_of(empty)) == empty


def test_a_part_without_records_closes() -> None:
    read = add_counts([StationCount("read", 0, 0, 0, 0), StationCount("detect", 0, 0, 0, 0)])
    stored = add_counts([StationCount("read judged", 0, 0, 0, 0), StationCount("level", 0, 0, 0, 0)])
    assert balance_of(read, stored, (), ()).read == 0
