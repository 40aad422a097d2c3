"""The balance sheet: pages read = Σ fates, at every station, in pages and in characters.

The sheet is made twice: from what the stations counted while they worked, and from the rows that lie on disk. Both
must agree, and each station must pass on exactly what the next one gets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.chunk import StationCount, add_counts

FATES = ("kept", "rejected", "duplicate", "withheld", "dead", "skipped")


class StationRow(BaseModel):
    """What the manifest says of one station; see `StationCount`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    station: str
    arrived: int
    passed: int
    characters_arrived: int
    characters_passed: int
    fates: dict[str, int]


class RuleRow(BaseModel):
    """How many pages one rule sent away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    station: str
    fate: str
    rule: str
    pages: int


class BalanceSheet(BaseModel):
    """The balance sheet as it stands in the manifest, with its sums."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    read: int
    fates: dict[str, int]
    kept_characters: int
    stations: tuple[StationRow, ...]
    rules: tuple[RuleRow, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """The sheet of a run: stations in the order of the journey, and the kept documents at its end.

    ``rules`` are (station, fate, rule, pages) for everything in the ledger.
    """

    stations: tuple[StationCount, ...]
    kept: int
    kept_characters: int
    rules: tuple[tuple[str, str, str, int], ...]

    @property
    def read(self) -> int:
        """Records read from the archives."""
        return self.stations[0].arrived if self.stations else 0

    def pages(self, fate: str) -> int:
        """How many pages met ``fate``."""
        return self.kept if fate == "kept" else sum(n for _, kind, _, n in self.rules if kind == fate)


def balance_of(
    extracted: Iterable[StationCount],
    assembled: Iterable[StationCount],
    ledger: Iterable[Path],
    documents: Iterable[Path],
) -> Balance:
    """The sheet of a run, checked. Raises `WorkError` naming the first station that does not close.

    ``extracted`` and ``assembled`` are the counts in the seals of the two pipelines; the paths are those of the
    tables they wrote.
    """
    first = add_counts(extracted)
    second = add_counts(assembled)
    stored, rest = second[:1], second[1:]
    if first and (not stored or stored[0].arrived != first[-1].passed):
        raise WorkError(
            f"balance: station {first[-1].station} passed {first[-1].passed} pages, "
            f"{stored[0].arrived if stored else 0} arrived in assemble; remove parts/ and run again"
        )
    stations = (*first, *rest)
    check_stations(stations)
    rules = count_ledger(ledger)
    kept, characters = count_documents(documents)
    check_disk(stations, rules, kept, characters)
    return Balance(stations, kept, characters, rules)


def check_stations(stations: Sequence[StationCount]) -> None:
    """Each station gives account of what it got, and the next one gets what it passed on."""
    for station in stations:
        if station.balance:
            raise WorkError(
                f"balance: {station.balance} of {station.arrived} pages are unaccounted for at station "
                f"{station.station}; remove parts/ and run again"
            )
    for station, following in pairwise(stations):
        if station.passed != following.arrived:
            raise WorkError(
                f"balance: station {station.station} passed {station.passed} pages, station "
                f"{following.station} got {following.arrived}; remove parts/ and run again"
            )
        if station.characters_passed != following.characters_arrived:
            raise WorkError(
                f"balance: station {station.station} passed {station.characters_passed} characters, station "
                f"{following.station} got {following.characters_arrived}; remove parts/ and run again"
            )


def check_disk(
    stations: Sequence[StationCount], rules: Sequence[tuple[str, str, str, int]], kept: int, characters: int
) -> None:
    """What the stations counted is what lies on disk: ledger rows, kept documents and the characters of these."""
    on_disk: Counter[tuple[str, str]] = Counter()
    for station, fate, _, pages in rules:
        on_disk[station, fate] += pages
    counted = Counter({(station.station, fate): pages for station in stations for fate, pages in station.fates})
    for station, fate in sorted(on_disk.keys() | counted.keys()):
        if on_disk[station, fate] != counted[station, fate]:
            raise WorkError(
                f"balance: station {station} counted {counted[station, fate]} pages as {fate}, "
                f"ledger/ has {on_disk[station, fate]}; the output is not to be trusted, run again"
            )
    passed = stations[-1].passed if stations else 0
    if passed != kept:
        raise WorkError(f"balance: {passed} pages were kept, documents/ has {kept}; run again")
    characters_passed = stations[-1].characters_passed if stations else 0
    if characters_passed != characters:
        raise WorkError(
            f"balance: {characters_passed} characters were kept, documents/ has {characters} characters; run again"
        )


def count_ledger(paths: Iterable[Path]) -> tuple[tuple[str, str, str, int], ...]:
    """(station, fate, rule, records) that the ledger's rows stand for, sorted."""
    total: Counter[tuple[str, str, str]] = Counter()
    for path in paths:
        table = pq.read_table(path, columns=["station", "fate", "rule", "records"])
        for row in table.group_by(["station", "fate", "rule"]).aggregate([("records", "sum")]).to_pylist():
            total[row["station"], row["fate"], row["rule"]] += row["records_sum"]
    return tuple((*key, pages) for key, pages in sorted(total.items()))


def count_documents(paths: Iterable[Path]) -> tuple[int, int]:
    """Documents on disk and the characters of their text."""
    documents = characters = 0
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=["text"]):
                documents += batch.num_rows
                characters += pc.sum(pc.utf8_length(batch.column(0))).as_py() or 0
    return documents, characters


def sheet_of(balance: Balance) -> BalanceSheet:
    """The balance sheet as it stands in the manifest."""
    return BalanceSheet(
        read=balance.read,
        fates={fate: balance.pages(fate) for fate in FATES},
        kept_characters=balance.kept_characters,
        stations=tuple(
            StationRow(
                station=station.station,
                arrived=station.arrived,
                passed=station.passed,
                characters_arrived=station.characters_arrived,
                characters_passed=station.characters_passed,
                fates=dict(station.fates),
            )
            for station in balance.stations
        ),
        rules=tuple(
            RuleRow(station=station, fate=fate, rule=rule, pages=pages) for station, fate, rule, pages in balance.rules
        ),
    )


def balance_in(sheet: BalanceSheet) -> Balance:
    """The balance that `sheet_of` wrote down."""
    return Balance(
        stations=tuple(
            StationCount(
                row.station,
                arrived=row.arrived,
                passed=row.passed,
                characters_arrived=row.characters_arrived,
                characters_passed=row.characters_passed,
                fates=tuple(sorted(row.fates.items())),
            )
            for row in sheet.stations
        ),
        kept=sheet.fates.get("kept", 0),
        kept_characters=sheet.kept_characters,
        rules=tuple((row.station, row.fate, row.rule, row.pages) for row in sheet.rules),
    )
