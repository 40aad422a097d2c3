"""What the report shows beyond the manifest: counted from the corpus' tables, a table at a time."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from tesuki.common.hosts import host_of
from tesuki.filters.rule_table import rule_of_row
from tesuki.filters.rules import Rule
from tesuki.pipelines.corpus.manifest import Manifest
from tesuki.pipelines.corpus.remaining import measured_table
from tesuki.pipelines.corpus.report.extraction import Accounts, accounts_of
from tesuki.pipelines.levelling.shown import shown_levels
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.storage.measures import measure_columns
from tesuki.pipelines.storage.sums import Sums
from tesuki.release_levels.levels import parse_level

BINS = 40
"""Bars of a histogram; the last holds all that lies beyond."""

MOST_HOSTS = 50
"""Hosts in the report's table."""

LENGTHS = (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
"""Bounds of classes of length, in characters."""

COLUMNS = ("url", "date", "encoding", "encoding_evidence", "characters", "cluster", "evidence")
"""What is read of documents."""

Counts = npt.NDArray[np.int64]


@dataclass(slots=True)
class Histogram:
    """How many judged pages have which value of a measure, those that the rules keep and the others.

    ``high`` is the upper end of the last bar but one; the first bar begins at 0, or at ``low`` below it.
    """

    rule: Rule
    low: float
    high: float
    kept: Counts = field(default_factory=lambda: np.zeros(BINS, np.int64))
    rejected: Counts = field(default_factory=lambda: np.zeros(BINS, np.int64))

    def add(self, values: npt.NDArray[np.float64], keep: npt.NDArray[np.bool_]) -> None:
        """Count ``values``; NaN stands for a measure that was not taken."""
        known = ~np.isnan(values)
        places = np.clip((values[known] - self.low) / (self.high - self.low) * (BINS - 1), 0, BINS - 1).astype(int)
        for counts, chosen in ((self.kept, keep[known]), (self.rejected, ~keep[known])):
            counts += np.bincount(places[chosen], minlength=BINS)


@dataclass(frozen=True, slots=True)
class HostFigures:
    """How many hosts there are, their characters together, and the ``largest``: (host, documents, characters), by
    characters, ties by name."""

    count: int
    characters: int
    largest: Sequence[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts for the report. ``lost`` are pages and characters by station, fate and rule; ``levels`` documents by
    subset and level; the other counters documents by what their names say. ``hosts`` are those of levels whose
    addresses may be shown; ``accounts`` say what became of the characters inside the pages.
    """

    lost: Mapping[tuple[str, str, str], tuple[int, int]]
    levels: Sequence[tuple[str, str, int]]
    encodings: Counter[tuple[str, str]]
    lengths: Counter[str]
    months: Counter[str]
    clusters: Counter[str]
    evidence: Counter[tuple[str, str]]
    hosts: HostFigures
    characters: Mapping[str, int]
    histograms: Sequence[Histogram]
    accounts: Accounts


def figures_of(output: Path, manifest: Manifest) -> Figures:
    """Count what the report of the corpus at ``output`` shows."""
    with Sums() as hosts:
        return _counted(output, manifest, hosts)


def _counted(output: Path, manifest: Manifest, hosts: Sums) -> Figures:
    levels: Counter[tuple[str, str]] = Counter()
    encodings: Counter[tuple[str, str]] = Counter()
    lengths: Counter[str] = Counter()
    months: Counter[str] = Counter()
    clusters: Counter[str] = Counter()
    evidence: Counter[tuple[str, str]] = Counter()
    characters: Counter[str] = Counter()
    shown = shown_levels(internal=False)
    for file in CorpusFolder(output).documents():
        for row in _rows(file.path, COLUMNS):
            levels[file.subset, file.level] += 1
            encodings[row["encoding"] or "–", row["encoding_evidence"] or "–"] += 1
            lengths[length_class(row["characters"])] += 1
            months[row["date"][:7] or "–"] += 1
            clusters[_cluster_class(row["cluster"]["size"] if row["cluster"] else 1)] += 1
            evidence.update((item["signal"], file.level) for item in row["evidence"] or ())
            characters[file.subset] += row["characters"]
            if parse_level(file.level) in shown:
                hosts.add(host_of(row["url"]) or "–", 1, row["characters"])
    return Figures(
        lost=_lost(output),
        levels=[(subset, level, count) for (subset, level), count in sorted(levels.items())],
        encodings=encodings,
        lengths=lengths,
        months=months,
        clusters=clusters,
        evidence=evidence,
        hosts=_host_figures(hosts),
        characters=characters,
        histograms=list(_histograms(output, manifest)),
        accounts=accounts_of(output),
    )


def _host_figures(hosts: Iterable[tuple[str, int, int]]) -> HostFigures:
    count, together = 0, 0
    largest: list[tuple[int, int, tuple[str, int, int]]] = []
    for host in hosts:
        count += 1
        together += host[2]
        # Hosts come by name: of equals the first stays.
        heapq.heappush(largest, (host[2], -count, host))
        if len(largest) > MOST_HOSTS:
            heapq.heappop(largest)
    return HostFigures(count, together, [host for *_, host in sorted(largest, reverse=True)])


def length_class(characters: int) -> str:
    """The class of a length: ``1,000–2,000``."""
    above = next((bound for bound in LENGTHS if characters < bound), None)
    below = max((bound for bound in LENGTHS if bound <= characters), default=0)
    return f"{below:,}–{above:,}" if above else f"{below:,}–"


def _cluster_class(size: int) -> str:
    bound = next((bound for bound in (1, 2, 5, 10, 100) if size <= bound), None)
    return {1: "1", 2: "2", 5: "3–5", 10: "6–10", 100: "11–100", None: "101–"}[bound]


def _lost(output: Path) -> dict[tuple[str, str, str], tuple[int, int]]:
    lost: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for path in CorpusFolder(output).ledger():
        for row in _rows(path, ("station", "fate", "rule", "characters", "records")):
            sums = lost[row["station"], row["fate"], row["rule"]]
            sums[0] += row["records"]
            sums[1] += row["characters"] or 0
    return {key: (pages, characters) for key, (pages, characters) in sorted(lost.items())}


def _histograms(output: Path, manifest: Manifest) -> Iterator[Histogram]:
    """A histogram a rule, over all pages whose measures still lie in ``parts/``; none where ``parts/`` is gone."""
    record = next((record for record in manifest.lists if record["list"] == "rules"), None)
    if record is None:
        return
    found = [Histogram(rule, *_extent(rule)) for rule in map(rule_of_row, record["rules"])]
    seen = False
    parts = (measured_table(output / "parts", path.stem) for path in CorpusFolder(output).ledger())
    for path in filter(None, parts):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=20_000, columns=["measures", "keep"]):
                seen = True
                keep = np.asarray(batch["keep"])
                for name, values in measure_columns(batch["measures"]):
                    for histogram in found:
                        if histogram.rule.measure == name:
                            histogram.add(values, keep)
    if seen:
        yield from found


def _extent(rule: Rule) -> tuple[float, float]:
    """From where to where a histogram goes: three times the bound, shares no further than the whole."""
    bound = abs(rule.threshold) or 1.0
    low = min(0.0, 2 * rule.threshold)
    return low, max(bound, min(1.0, 3 * bound) if bound < 1 else 3 * bound)


def _rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        yield from chain.from_iterable(
            batch.to_pylist() for batch in file.iter_batches(batch_size=5_000, columns=list(columns))
        )
