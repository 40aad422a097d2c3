"""A station at which every page of a run broke is itself broken: the run fails, and what would hide the repair goes.

Of one page in a thousand a crash says that the page is bad; of all of them, that the installation is.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from tesuki.pipelines.corpus.balance import Balance, count_ledger
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.chunk import StationCount, add_counts
from tesuki.pipelines.storage.judged_part import Part
from tesuki.pipelines.storage.part_writer import Seal, read_seal, seal_path

BROKE = (".crash", ".error")
"""How the rules end by which pages go that a station failed on."""

UNREACHED = frozenset({"read.gone", "read.refused"})
"""Rules by which a record leaves whose server does not give its archive."""

Rules = Iterable[tuple[str, str, str, int]]
"""(station, fate, rule, pages), as `count_ledger` gives them."""


def broken_station(stations: Iterable[StationCount], rules: Rules) -> tuple[str, str, int] | None:
    """The first station that broke every page it got: its name, the rule most of them left by, and how many."""
    silent = [station for station in stations if station.arrived and not station.passed]
    if silent:
        left = list(rules)
        for station in silent:
            broke = [(pages, rule) for name, _, rule, pages in left if name == station.station and rule.endswith(BROKE)]
            if sum(pages for pages, _ in broke) == station.arrived:
                return station.station, max(broke)[1], station.arrived
    return None


def refuse_broken_pages(folder: Path, parts: Sequence[Part]) -> None:
    """Raise `WorkError` where a station of `extract` broke all pages of a run; no part it saw stays sealed."""
    pages = folder / "pages"
    counts = add_counts(count for _, seal in _sealed(pages, parts) for count in seal.counts)
    if any(station.arrived and not station.passed for station in counts):
        found = broken_station(
            counts, count_ledger(pages / f"{part.pages}.fates.parquet" for part, _ in _sealed(pages, parts))
        )
        if found:
            seen = (
                part
                for part, seal in _sealed(pages, parts)
                if any(count.station == found[0] and count.arrived for count in seal.counts)
            )
            _unseal(folder, seen)
            raise broken(*found)
    _refuse_broken_verdicts(folder, parts)


def refuse_unreached(folder: Path, parts: Sequence[Part], crawls: Iterable[str]) -> None:
    """The same for each of ``crawls``, subsets that are read by an index, of which no record was to be had."""
    for crawl in crawls:
        left: Counter[str] = Counter()
        for part, seal in _sealed(folder / "pages", _of(crawl, parts)):
            if any(count.passed for count in seal.counts[:1]):
                break
            fates = pq.read_table(folder / "pages" / f"{part.pages}.fates.parquet", columns=["rule"])
            left.update(fates["rule"].to_pylist())
            if not left.keys() <= UNREACHED:
                break
        else:
            if left:
                _unseal(folder, _of(crawl, parts))
                raise WorkError(
                    f"subset {crawl}: none of the {left.total()} records that the index names was to be had "
                    f"({', '.join(sorted(left))}), so nothing was sealed. See that subsets.{crawl}.base is where the "
                    "crawl's archives lie, and that its server lets you in; then run the same command again"
                )


def _of(subset: str, parts: Iterable[Part]) -> Iterator[Part]:
    return (part for part in parts if part.range.subset == subset)


def _sealed(pages: Path, parts: Iterable[Part]) -> Iterator[tuple[Part, Seal]]:
    return ((part, seal) for part in parts if (seal := read_seal(pages, part.pages)))


def _refuse_broken_verdicts(folder: Path, parts: Sequence[Part]) -> None:
    """The same for stations whose pages stay in their place with a verdict that says they broke."""
    rules: Counter[str] = Counter()
    for part in parts:
        column = pq.read_table(folder / "judged" / f"{part.judged}.judged.parquet", columns=["rule"])["rule"]
        rules.update(rule or "" for rule in column.to_pylist())
        if any(not rule.endswith(BROKE) for rule in rules):
            return
    if rules:
        _unseal(folder, parts, pages=False)
        ((rule, _),) = rules.most_common(1)
        raise broken(rule.partition(".")[0], rule, rules.total())


def refuse_broken_documents(folder: Path, balance: Balance) -> None:
    """The same for stations 8 to 10, whose documents lie in ``folder`` and then no longer do."""
    found = broken_station(balance.stations, balance.rules)
    if found:
        shutil.rmtree(folder)
        raise broken(*found)


def _unseal(folder: Path, parts: Iterable[Part], *, pages: bool = True) -> None:
    """A part is judged as it was read: what is read again is judged again."""
    for part in parts:
        seal_path(folder / "judged", part.judged).unlink(missing_ok=True)
        if pages:
            seal_path(folder / "pages", part.pages).unlink(missing_ok=True)


def broken(station: str, rule: str, pages: int) -> WorkError:
    """What is said of a broken station."""
    return WorkError(
        f"station {station}: all {pages} pages that came there left by {rule}. It is the installation that is broken "
        "and not the pages, so nothing was sealed. `pip check` shows what does not fit together; mend it and run "
        "the same command again"
    )
