"""A sample of a corpus to be read, and what a reader's marks say of the whole: reading is the measure of rules.

Kept documents are drawn at random; rejected pages by the rule that rejected them, so that a rule that rejects few is
read too, and marks are weighed by how many pages stand behind each. Drawn is by hash of seed and document id: the same
sample on any machine. Only texts that may be shown are drawn.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from tesuki.pipelines.corpus.remaining import measured_table
from tesuki.pipelines.experiments.candidates import (
    KEPT,
    Candidate,
    Drawn,
    candidates,
    neighbours,
    rows_with,
    stored_pages,
)
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.release_levels.levels import Level

MARKS: Final = ("train", "marginal", "not")
"""What a reader can say: would train on it, could do without, would not."""

LEAST: Final = 3
"""Pages of a rule that are drawn before any rule gets more: a rule of whom one page was read is a rule unread."""

NEIGHBOURS: Final = 5
"""Other pages of the same host that are named beside a page."""


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
    drawn = Drawn(seed, kept, rejected)
    for candidate in candidates(output, recipe, shown):
        drawn.add(candidate)
    sizes = allocation({name: pages for name, pages in drawn.pages.items() if name != KEPT}, rejected)
    sizes[KEPT] = kept
    chosen = [page for name in sorted(drawn.pages) for page in drawn.first(name, sizes[name])]
    chosen.sort(key=lambda page: (page.stratum != KEPT, drawn.key(page)))
    texts = _texts(output, {page.id for page in chosen})
    others = neighbours(chosen, candidates(output, recipe, shown), NEIGHBOURS)
    items = tuple(
        Item(page, drawn.pages[page.stratum], *texts[page.id], tuple(others[page.id]))
        for page in chosen
        if page.id in texts
    )
    return Sheet(items, Counter(page.stratum for page in chosen if page.id not in texts))


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


def _texts(output: Path, wanted: set[str]) -> dict[str, tuple[str, dict[str, float]]]:
    """The text and measures of pages by id: of kept ones as they were mended, of others as they were extracted."""
    ids = pa.array(sorted(wanted), pa.string())
    found: dict[str, tuple[str, dict[str, float]]] = {}
    for ledger in CorpusFolder(output).ledger():
        table = measured_table(output / "parts", ledger.stem)
        for row in rows_with(table, ids, ["measures"]) if table else ():
            found[row["id"]] = ("", dict(row["measures"]))
    for path in stored_pages(output):
        for row in rows_with(path, ids, ["text"]):
            if row["id"] in found:
                found[row["id"]] = (row["text"], found[row["id"]][1])
    for path in CorpusFolder(output).document_paths():
        for row in rows_with(path, ids, ["text", "measures"]):
            found[row["id"]] = (row["text"], {each["name"]: each["value"] for each in row["measures"]})
    return {page: known for page, known in found.items() if known[0]}
