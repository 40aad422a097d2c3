"""A chunk: the pages of one part that travel together, with the fates of those that left and the count of both.

Beam charges each element it passes on; a chunk of some dozens of pages makes that charge vanish, and a few megabytes
of it bound the memory of a worker whatever the size of the corpus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from time import perf_counter

from tesuki.pipelines.errors import is_of_the_environment
from tesuki.pipelines.journey.page import Fate, Page, leave
from tesuki.pipelines.journey.work import Work, work_since

PAGES_PER_CHUNK = 128
BYTES_PER_CHUNK = 8 << 20
"""A chunk is closed when it holds this many pages or this many bytes of body or text."""

Step = Callable[[Page], Page | Fate]
"""What a station does to one page."""


@dataclass(frozen=True, slots=True)
class StationCount:
    """What arrived at a station and what became of it, in pages and in characters of text.

    ``fates`` are (fate, pages) pairs in alphabetical order. ``arrived == passed + Σ fates`` is the balance.
    """

    station: str
    arrived: int
    passed: int
    characters_arrived: int
    characters_passed: int
    fates: tuple[tuple[str, int], ...] = ()

    @property
    def balance(self) -> int:
        """Pages that arrived and are not accounted for: 0 where nothing was lost."""
        return self.arrived - self.passed - sum(count for _, count in self.fates)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some pages of part ``part``, the ``number``-th chunk of it, in the part's order. What it cost is no part of
    what it is.
    """

    part: str
    number: int
    last: bool
    pages: tuple[Page, ...]
    fates: tuple[Fate, ...] = ()
    counts: tuple[StationCount, ...] = ()
    work: tuple[Work, ...] = field(default=(), compare=False)


def chunks(part: str, items: Iterable[Page | Fate], station: str) -> Iterator[Chunk]:
    """Cut ``items``, as ``station`` gives them, into chunks; at least one, and the last one says so."""
    number = 0
    held: list[Page | Fate] = []
    weight = 0
    start = perf_counter()
    for item in items:
        if held and (len(held) >= PAGES_PER_CHUNK or weight >= BYTES_PER_CHUNK):
            yield _chunk(part, number, held, work_since(start, station), last=False)
            number, held, weight, start = number + 1, [], 0, perf_counter()
        held.append(item)
        weight += len(item.body) + len(item.text) if isinstance(item, Page) else 0
    yield _chunk(part, number, held, work_since(start, station), last=True)


def apply(chunk: Chunk, station: str, step: Step) -> Chunk:
    """Send every page of ``chunk`` through ``step``.

    An exception is the fate of one page, never of the run, unless it says that the machine is at fault: then it goes
    through, and nothing is sealed.
    """
    start = perf_counter()
    outcomes = [_outcome(page, station, step) for page in chunk.pages]
    work = work_since(start, station)
    pages = tuple(item for item in outcomes if isinstance(item, Page))
    left = tuple(item for item in outcomes if isinstance(item, Fate))
    count = StationCount(
        station,
        arrived=len(chunk.pages),
        passed=len(pages),
        characters_arrived=sum(len(page.text) for page in chunk.pages),
        characters_passed=sum(len(page.text) for page in pages),
        fates=_tally(left),
    )
    return replace(
        chunk, pages=pages, fates=chunk.fates + left, counts=(*chunk.counts, count), work=(*chunk.work, work)
    )


def add_counts(counts: Iterable[StationCount]) -> tuple[StationCount, ...]:
    """Sum counts station by station, in the order in which the stations first appear."""
    by_station: dict[str, list[StationCount]] = {}
    for count in counts:
        by_station.setdefault(count.station, []).append(count)
    return tuple(_sum(group) for group in by_station.values())


def _sum(group: Sequence[StationCount]) -> StationCount:
    fates: Counter[str] = Counter()
    for fate, pages in chain.from_iterable(count.fates for count in group):
        fates[fate] += pages
    return StationCount(
        group[0].station,
        arrived=sum(count.arrived for count in group),
        passed=sum(count.passed for count in group),
        characters_arrived=sum(count.characters_arrived for count in group),
        characters_passed=sum(count.characters_passed for count in group),
        fates=tuple(sorted(fates.items())),
    )


def _outcome(page: Page, station: str, step: Step) -> Page | Fate:
    try:
        return step(page)
    except Exception as failure:  # law 7: one bad page costs one page, a broken environment the run
        if is_of_the_environment(failure):
            raise
        return leave(page, "dead", station, f"{station}.crash", detail=type(failure).__name__)


def _chunk(part: str, number: int, items: Sequence[Page | Fate], work: Work, *, last: bool) -> Chunk:
    pages = tuple(item for item in items if isinstance(item, Page))
    fates = tuple(item for item in items if isinstance(item, Fate))
    characters = sum(len(page.text) for page in pages)
    count = StationCount(
        work.station,
        arrived=len(pages) + sum(fate.records for fate in fates),
        passed=len(pages),
        characters_arrived=characters + sum(fate.characters for fate in fates),
        characters_passed=characters,
        fates=_tally(fates),
    )
    return Chunk(part, number, last, pages, fates, (count,), (work,))


def _tally(fates: Iterable[Fate]) -> tuple[tuple[str, int], ...]:
    tally: Counter[str] = Counter()
    for fate in fates:
        tally[fate.fate] += fate.records
    return tuple(sorted(tally.items()))
