"""What another table of rules would do to a corpus, from the measures that are stored of every judged page.

No text is read but that of the pages shown. Pages are taken a part at a time, all rows of it at once.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.filters.rules import Rule
from tesuki.pipelines.corpus.remaining import ROW, measured_tables
from tesuki.pipelines.corpus.report.figures import length_class
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.measures import measure_columns

COLUMNS = ("id", "url", "host", "characters", "measures", "keep", "rule", "value", "threshold")
"""What is read of judged pages."""

Side = str
"""``gained``: a page that only the new rules keep; ``lost``: one that only the present rules keep."""


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """A page that changes sides: how far its value lies from the bound that decides (0 on it), and what decides."""

    distance: float
    id: str
    url: str
    rule: str
    value: float
    threshold: float
    subset: str


@dataclass(slots=True)
class Tally:
    """Pages and characters of one side, by the rule that decides, class of length, host and subset."""

    pages: int = 0
    characters: int = 0
    by: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: list[tuple[float, str, Example]] = field(default_factory=list)

    def nearest(self) -> list[Example]:
        """The examples, the nearest to its bound first."""
        return sorted(example for *_, example in self.examples)


@dataclass(frozen=True, slots=True)
class Trial:
    """What changes. ``judged`` and ``kept`` count pages under the present rules, before deduplication.

    How many of the gained pages are copies is not known, because pages that the rules reject have no keys.
    ``standing_in`` duplicates lose the document that stood for them, so that one of each cluster may come in its place.
    """

    judged: int
    kept: int
    sides: Mapping[Side, Tally]
    standing_in: int


def try_rules(parts: Path, subsets: Mapping[str, str], rules: Sequence[Rule], examples: int) -> Trial:
    """What ``rules`` would change in the corpus whose parts lie at ``parts``.

    ``subsets`` gives the subset of each judged part; those that a recipe leaves unjudged are to be left out. Raises
    `RequestError` where a rule needs a measure that was not taken.
    """
    sides: dict[Side, Tally] = {"gained": Tally(), "lost": Tally()}
    judged = kept = standing_in = 0
    lost_rows: dict[str, frozenset[int]] = {}
    for part, path in measured_tables(parts).items():
        if part not in subsets:
            continue
        there = pq.read_schema(path).names
        table = pq.read_table(path, columns=[name for name in (*COLUMNS, ROW) if name in there])
        old = np.asarray(table["keep"])
        values = values_of(table["measures"], {name for rule in rules for name in (rule.measure, *rule.unless)}, path)
        failed = first_failing(values, rules, table.num_rows)
        new = failed == len(rules)
        crashed = np.asarray([bool(rule) and rule.endswith(".crash") for rule in table["rule"].to_pylist()])
        judged, kept = judged + table.num_rows, kept + int(old.sum())
        for row in np.flatnonzero(new & ~old & ~crashed):
            rule, value, bound = (table[name][row].as_py() for name in ("rule", "value", "threshold"))
            _count(sides["gained"], table, int(row), rule, value, bound, subsets[part], examples)
        lost = np.flatnonzero(old & ~new)
        for row in lost:
            rule = rules[failed[row]]
            value = float(values[rule.measure][row])
            _count(sides["lost"], table, int(row), rule.name, value, rule.threshold, subsets[part], examples)
        places = np.asarray(table[ROW]) if ROW in table.column_names else np.arange(table.num_rows)
        lost_rows[part] = frozenset(map(int, places[lost]))
    for path in sorted((parts / "drops").glob("*/*.drops.parquet")):
        for row in pq.read_table(path, columns=["kept_part", "kept_row"]).to_pylist():
            standing_in += row["kept_row"] in lost_rows.get(row["kept_part"], ())
    return Trial(judged, kept, sides, standing_in)


def values_of(measures: pa.ChunkedArray, names: set[str], path: Path) -> dict[str, npt.NDArray[np.float64]]:
    """The values of ``names`` of all rows, NaN where a row has none. Raises `RequestError` for one that no row has."""
    flat = measures.combine_chunks()
    columns = {name: values for name, values in measure_columns(flat) if name in names}
    missing = sorted(names - columns.keys()) if len(flat) else []
    if missing:
        raise RequestError(
            f"{path.name}: measure {missing[0]!r} was not taken of these pages; name its set under rules.measure and "
            "build the corpus again: pages are judged again, and none is extracted again"
        )
    return columns or dict.fromkeys(names, np.empty(0))


def first_failing(
    values: Mapping[str, npt.NDArray[np.float64]], rules: Sequence[Rule], rows: int
) -> npt.NDArray[np.int64]:
    """The position of the first rule that each row fails, the number of rules where it fails none."""
    failed = np.full(rows, len(rules), dtype=np.int64)
    compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
    for place in range(len(rules) - 1, -1, -1):
        rule = rules[place]
        fails = compare[rule.comparison](values[rule.measure], rule.threshold)
        for form in rule.unless:
            fails &= ~(values[form] > 0)
        failed[fails] = place
    return failed


def _count(
    tally: Tally,
    table: pa.Table,
    row: int,
    rule: str,
    value: float,
    bound: float,
    subset: str,
    examples: int,
) -> None:
    characters = table["characters"][row].as_py()
    tally.pages += 1
    tally.characters += characters
    groups = {"rule": rule, "length": length_class(characters), "host": table["host"][row].as_py(), "subset": subset}
    for name, group in groups.items():
        tally.by[name][group] += 1
    distance = abs(value - bound) / (abs(bound) or 1.0)
    example = Example(distance, table["id"][row].as_py(), table["url"][row].as_py(), rule, value, bound, subset)
    item = (-distance, example.id, example)
    if len(tally.examples) < examples:
        heapq.heappush(tally.examples, item)
    elif examples and item[:2] > tally.examples[0][:2]:
        heapq.heapreplace(tally.examples, item)


def subsets_of_parts(output: Path) -> dict[str, str]:
    """The subset of each judged part of the corpus at ``output``, as its documents and ledger say."""
    subsets = {path.stem: path.parent.parent.name for path in sorted(output.glob("documents/*/*/*.parquet"))}
    for path in sorted(output.glob("ledger/*.parquet")):
        if path.stem not in subsets:
            names = pq.read_table(path, columns=["subset"])["subset"].unique().to_pylist()
            subsets.update((path.stem, name) for name in names)
    return subsets
