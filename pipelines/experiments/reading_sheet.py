"""A sample of a corpus to be read, and what a reader's marks say of the whole: reading is the measure of rules.

Kept documents are drawn at random; rejected pages by the rule that rejected them, so that a rule that rejects few is
read too, and marks are weighed by how many pages stand behind each. Drawn is by hash of seed and document id: the same
sample on any machine. Only texts that may be shown are drawn.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from tesuki.common.hosts import host_of
from tesuki.pipelines.corpus.remaining import measured_tables
from tesuki.pipelines.levelling.shown import level_by_own_evidence
from tesuki.release_levels.levels import Level, parse_level

KEPT: Final = "kept"
"""The stratum of all kept documents."""

MARKS: Final = ("train", "marginal", "not")
"""What a reader can say: would train on it, could do without, would not."""

LEAST: Final = 3
"""Pages of a rule that are drawn before any rule gets more: a rule of whom one page was read is a rule unread."""

NEIGHBOURS: Final = 5
"""Other pages of the same host that are named beside a page."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page that could be drawn, without its text."""

    id: str
    url: str
    stratum: str
    value: float | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A page on the sheet: ``stratum`` is `KEPT` or the rule that rejected it, of ``stratum_pages`` pages."""

    candidate: Candidate
    stratum_pages: int
    text: str
    measures: Mapping[str, float]
    neighbours: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was drawn: the pages to read, and by stratum how many drawn ones have no text that could be read."""

    items: tuple[Item, ...]
    without_text: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Score:
    """What marks say of a group of pages: the share of one mark, and the interval around it at 95 percent.

    ``read`` is how many were read, ``pages`` how many stand behind them.
    """

    group: str
    mark: str
    share: float
    low: float
    high: float
    read: int
    pages: int


def draw(
    output: Path, recipe: Mapping[str, Any], kept: int, rejected: int, seed: int, shown: Collection[Level]
) -> Sheet:
    """The sheet of the corpus at ``output``: ``kept`` documents, then ``rejected`` pages by rule, as far as there are
    any of levels that are ``shown``. The order is that of the draw, so that a sheet half read is a sample too."""
    strata: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in (*_kept(output, shown), *_rejected(output, recipe, shown)):
        strata[candidate.stratum].append(candidate)
    ordered = {name: sorted(pages, key=lambda page: _draw_key(seed, page.id)) for name, pages in strata.items()}
    sizes = allocation({name: len(pages) for name, pages in ordered.items() if name != KEPT}, rejected)
    sizes[KEPT] = kept
    chosen = [page for name in sorted(ordered) for page in ordered[name][: sizes[name]]]
    chosen.sort(key=lambda page: (page.stratum != KEPT, _draw_key(seed, page.id)))
    items = tuple(_items(output, chosen, {name: len(pages) for name, pages in ordered.items()}, strata))
    there = {item.candidate.id for item in items}
    return Sheet(items, Counter(page.stratum for page in chosen if page.id not in there))


def allocation(pages: Mapping[str, int], total: int) -> dict[str, int]:
    """How many of ``total`` to read of each stratum: `LEAST` of each first, the rest in proportion to its pages."""
    sizes = dict.fromkeys(pages, 0)
    for _ in range(total):
        open_strata = [name for name in sorted(pages) if sizes[name] < pages[name]]
        if not open_strata:
            break
        few = [name for name in open_strata if sizes[name] < LEAST]
        # The stratum that is furthest behind its share; the more pages first where two are alike.
        chosen = max(few or open_strata, key=lambda name: (pages[name] / (sizes[name] + 1), name))
        sizes[chosen] += 1
    return sizes


def scores(rows: Iterable[Mapping[str, str]]) -> list[Score]:
    """What the marks in ``rows`` (``stratum``, ``stratum_pages``, ``mark``) say of the kept, of the rejected, and of
    what each rule rejected. Rows without a mark are not read yet. Raises ValueError with the row that is wrong."""
    marks: dict[str, Counter[str]] = defaultdict(Counter)
    pages: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        mark = row.get("mark", "").strip()
        if not mark:
            continue
        if mark not in MARKS:
            raise ValueError(f"row {number}: mark is {mark!r}; write one of {', '.join(MARKS)}")
        marks[row["stratum"]][mark] += 1
        pages[row["stratum"]] = int(row["stratum_pages"])
    rules = sorted(set(marks) - {KEPT}, key=lambda name: (-pages[name], name))
    groups = {KEPT: [KEPT] if KEPT in marks else [], "rejected": rules} | {rule: [rule] for rule in rules}
    return [
        _score(group, mark, [(marks[name], pages[name]) for name in names])
        for group, names in groups.items()
        if names
        for mark in MARKS
    ]


def wilson(share: float, read: float) -> tuple[float, float]:
    """The interval of 95 percent around a share found in ``read`` draws (Wilson 1927)."""
    z = 1.959963984540054
    middle = share + z * z / (2 * read)
    width = z * math.sqrt(share * (1 - share) / read + z * z / (4 * read * read))
    whole = 1 + z * z / read
    return max((middle - width) / whole, 0.0), min((middle + width) / whole, 1.0)


def _score(group: str, mark: str, strata: Sequence[tuple[Counter[str], int]]) -> Score:
    """Each stratum weighs as many pages as it has; the draws count for as many as equal weights would need (Kish)."""
    total = sum(pages for _, pages in strata)
    weights = [(pages / total, marks.total(), marks[mark]) for marks, pages in strata]
    share = sum(weight * found / read for weight, read, found in weights)
    effective = 1 / sum(weight * weight / read for weight, read, _ in weights)
    low, high = wilson(share, effective)
    return Score(group, mark, share, low, high, sum(read for _, read, _ in weights), total)


def _kept(output: Path, shown: Collection[Level]) -> Iterator[Candidate]:
    for path in sorted(output.glob("documents/*/*/*.parquet")):
        if parse_level(path.parent.name) in shown:
            for row in pq.read_table(path, columns=["id", "url"]).to_pylist():
                yield Candidate(row["id"], row["url"], KEPT)


def _rejected(output: Path, recipe: Mapping[str, Any], shown: Collection[Level]) -> Iterator[Candidate]:
    """Pages that a rule rejected and whose own evidence lets them be shown."""
    evidence = _evidence(output)
    columns = ["id", "url", "fate", "rule", "value", "threshold", "subset"]
    for path in sorted(output.glob("ledger/*.parquet")):
        for row in pq.read_table(path, columns=columns).to_pylist():
            if row["fate"] != "rejected" or row["id"] is None:
                continue
            if level_by_own_evidence(recipe, row["subset"], evidence.get(row["id"], ())) in shown:
                yield Candidate(row["id"], row["url"], row["rule"], row["value"], row["threshold"])


def _evidence(output: Path) -> dict[str, list[dict[str, str]]]:
    """What was found on pages, by document id, of those on which anything was."""
    return {
        row["id"]: row["evidence"]
        for path in sorted((output / "parts" / "pages").glob("*.pages.parquet"))
        for row in pq.read_table(path, columns=["id", "evidence"]).to_pylist()
        if row["evidence"]
    }


def _items(
    output: Path, chosen: Sequence[Candidate], pages: Mapping[str, int], strata: Mapping[str, Sequence[Candidate]]
) -> Iterator[Item]:
    texts = _texts(output, {page.id for page in chosen})
    wanted = {host_of(page.url) or page.id for page in chosen}
    hosts: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(strata):
        for page in strata[name]:
            host = host_of(page.url)
            if host in wanted:
                hosts[host].append((page.url, page.stratum))
    for page in chosen:
        if page.id in texts:
            text, measures = texts[page.id]
            others = sorted(other for other in hosts[host_of(page.url) or page.id] if other[0] != page.url)
            yield Item(page, pages[page.stratum], text, measures, tuple(others[:NEIGHBOURS]))


def _texts(output: Path, wanted: set[str]) -> dict[str, tuple[str, dict[str, float]]]:
    """The text and measures of pages by id: of kept ones as they were mended, of others as they were extracted."""
    found: dict[str, tuple[str, dict[str, float]]] = {}
    for path in measured_tables(output / "parts").values():
        for row in pq.read_table(path, columns=["id", "measures"]).to_pylist():
            if row["id"] in wanted:
                found[row["id"]] = ("", dict(row["measures"]))
    for path in sorted((output / "parts" / "pages").glob("*.pages.parquet")):
        for row in pq.read_table(path, columns=["id", "text"]).to_pylist():
            if row["id"] in found:
                found[row["id"]] = (row["text"], found[row["id"]][1])
    for path in sorted(output.glob("documents/*/*/*.parquet")):
        for row in pq.read_table(path, columns=["id", "text", "measures"]).to_pylist():
            if row["id"] in wanted:
                found[row["id"]] = (row["text"], {each["name"]: each["value"] for each in row["measures"]})
    return {page: known for page, known in found.items() if known[0]}


def _draw_key(seed: int, page: str) -> bytes:
    return blake2b(f"{seed} {page}".encode(), digest_size=16).digest()
