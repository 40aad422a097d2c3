"""The balance sheet after a take-down: the sheet that a run would have made which had withheld those pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tesuki.pipelines.corpus.balance import Balance, check_stations
from tesuki.pipelines.journey.chunk import StationCount
from tesuki.pipelines.takedown.leaving import Leaving

FIRST, MEND = "withhold", "mend"
"""The first station that asks the list, and the one that changes how long a text is."""


def balance_after(balance: Balance, leaving: Sequence[Leaving]) -> Balance:
    """``balance`` with the pages ``leaving`` where they now leave. Raises `WorkError` where it does not close."""
    names = [station.station for station in balance.stations]
    asked = names[names.index(FIRST) :] if leaving else []
    counts = {station.station: station for station in balance.stations}
    rules = Counter({row[:3]: row[3] for row in balance.rules})
    for page in leaving:
        station, fate, _ = page.was or ("", "", "")
        for step in _way(page, asked, station, fate):
            counts[step.station] = _added(counts[step.station], step, -1)
        for step in _way(page, asked, page.fate.station, page.fate.fate):
            counts[step.station] = _added(counts[step.station], step, 1)
        rules[page.fate.station, page.fate.fate, page.fate.rule] += 1
        if page.was:
            rules[page.was] -= 1
    documents = [page for page in leaving if page.was is None]
    after = Balance(
        stations=tuple(counts[name] for name in names),
        kept=balance.kept - len(documents),
        kept_characters=balance.kept_characters - sum(page.mended for page in documents),
        rules=tuple((*rule, pages) for rule, pages in sorted(rules.items()) if pages),
    )
    check_stations(after.stations)
    return after


def _way(page: Leaving, stations: Sequence[str], left_at: str, fate: str) -> Iterator[StationCount]:
    """What ``page`` counts for at each station, up to the one where it left (``""``: at none)."""
    characters = page.extracted
    for station in stations:
        if station == left_at:
            yield StationCount(station, 1, 0, characters, 0, ((fate, 1),))
            return
        passed = page.mended if station == MEND else characters
        yield StationCount(station, 1, 1, characters, passed)
        characters = passed


def _added(count: StationCount, step: StationCount, sign: int) -> StationCount:
    fates = Counter(dict(count.fates))
    for fate, pages in step.fates:
        fates[fate] += sign * pages
    return StationCount(
        count.station,
        arrived=count.arrived + sign * step.arrived,
        passed=count.passed + sign * step.passed,
        characters_arrived=count.characters_arrived + sign * step.characters_arrived,
        characters_passed=count.characters_passed + sign * step.characters_passed,
        fates=tuple(sorted((fate, pages) for fate, pages in fates.items() if pages)),
    )
