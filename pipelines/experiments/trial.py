"""What other tables of rules would do to a corpus, from the measures that are stored of every judged page.

No text is read but that of the pages shown. Pages are taken a part at a time, all rows of it at once, and each part
once for all tables. What is held grows with a part, and by a bit for each judged page.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.filters.rules import Rule
from tesuki.pipelines.corpus.plan import drops_name
from tesuki.pipelines.corpus.remaining import ROW, measured_tables
from tesuki.pipelines.corpus.report.figures import LENGTHS, length_class
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.judging.step import CRASH
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.recipe.station_order import hosts_come_first
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.storage.measures import measure_columns

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

COLUMNS = ("id", "url", "host", "characters", "measures", "keep", "rule", "value", "threshold")
"""What is read of judged pages."""

NAMES = ("measures.key_value.key", "host", "rule")
"""Columns of few values, read as numbers."""

FORMS = "form_"
"""How the measures begin that say which form a text has: statute, minutes, questions, verse, katakana."""

PROSE = "prose"
"""The kind of a text that has none of these forms."""

MOST_HOSTS = 50_000
"""Hosts that are counted apart; where there are more, those with the fewest pages are counted as `OTHERS`."""

OTHERS = "(other hosts)"

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
    """Pages and characters of one side, by the rule that decides, kind of text, class of length, host and subset.

    ``by`` counts pages, ``characters_by`` the same groups' characters. ``copies`` are those of the pages that are
    duplicates of others: no document comes or goes with them.
    """

    pages: int = 0
    characters: int = 0
    copies: int = 0
    by: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    characters_by: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: list[tuple[float, str, Example]] = field(default_factory=list)

    def nearest(self) -> list[Example]:
        """The examples, the nearest to its bound first."""
        return sorted(example for *_, example in self.examples)


@dataclass(slots=True)
class Trial:
    """What one table of rules changes.

    ``judged`` and ``kept`` count pages under the present rules, ``keeps`` and ``characters`` what the new ones keep,
    ``rejects`` pages by the first new rule that they fail. ``standing_in`` duplicates that the new rules keep lose the
    document that stood for them, so that one of each cluster may come in its place.
    """

    judged: int = 0
    kept: int = 0
    kept_characters: int = 0
    keeps: int = 0
    characters: int = 0
    rejects: Counter[str] = field(default_factory=Counter)
    sides: Mapping[Side, Tally] = field(default_factory=lambda: {"gained": Tally(), "lost": Tally()})
    standing_in: int = 0


@dataclass(frozen=True, slots=True)
class Tried:
    """A corpus whose judged pages are tried: its ``parts/``, the tables of judged parts (`measured_tables`) and their
    ``subsets``, the names of those that the rules do not judge, and the tables of drops by part. With ``judged_last``
    duplicates left before the rules judged, with ``hosts_first`` pages of hosts that are not wanted before any were
    compared.
    """

    parts: Path
    tables: Mapping[str, Path]
    subsets: Mapping[str, str]
    unjudged: frozenset[str]
    drops: Mapping[str, Path]
    judged_last: bool
    hosts_first: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """The judged pages of one part as arrays. ``copies`` are duplicates of others; ``kinds`` None where no measure says
    what form a text has."""

    table: pa.Table
    subset: str
    values: Mapping[str, npt.NDArray[np.float64]]
    characters: Rows
    kinds: pa.Array | None
    copies: Flags


def try_rules(tried: Tried, tables: Mapping[str, Sequence[Rule]], examples: int) -> dict[str, Trial]:
    """What each of ``tables`` would change, by its name.

    Raises `RequestError` where a rule needs a measure that was not taken.
    """
    trials = {name: Trial() for name in tables}
    lost_rows: dict[str, dict[str, npt.NDArray[np.uint8]]] = {name: {} for name in tables}
    names = {name for rules in tables.values() for rule in rules for name in (rule.measure, *rule.unless)}
    for part, path in tried.tables.items():
        if tried.subsets[part] in tried.unjudged:
            continue
        read = _read_part(path, tried.subsets[part], names, tried.drops.get(part), tried.judged_last)
        places = rows_in_part(read.table)
        for name, rules in tables.items():
            lost = _try_part(read, rules, trials[name], examples)
            if len(lost):
                lost_rows[name][part] = _bits(places[lost])
    for name, trial in trials.items():
        if lost_rows[name] and not tried.judged_last:
            trial.standing_in = sum(_standing_in(path, lost_rows[name]) for path in tried.drops.values())
    return trials


def rows_in_part(table: pa.Table) -> Rows:
    """The numbers of a judged part's rows: what drops speak of. Of parts with withheld pages not all are left."""
    if ROW in table.column_names:
        return np.asarray(table[ROW], dtype=np.int64)
    return np.arange(table.num_rows)


def values_of(measures: pa.ChunkedArray, names: Collection[str], path: Path) -> dict[str, npt.NDArray[np.float64]]:
    """The values of ``names``, and of what says the form of a text, of all rows; NaN where a row has none.

    Raises `RequestError` for a name that no row has.
    """
    flat = measures.combine_chunks()
    found = measure_columns(flat)
    columns = {name: values for name, values in found if name in names or _is_form(name)}
    missing = sorted(set(names) - columns.keys()) if len(flat) else []
    if missing:
        raise RequestError(f"{path.name}: {how_to_have(missing[0])}")
    return columns or dict.fromkeys(names, np.empty(0))


def how_to_have(measure: str) -> str:
    """That a measure was not taken, and what to write into the recipe to have it."""
    name = measure.partition(":")[0] if ":" in measure else "its set"
    return (
        f"measure {measure!r} was not taken of these pages; build the corpus again with "
        f"`rules: {{measure: [{name}]}}`: pages are judged again, and none is extracted again"
    )


def measures_taken(tried: Tried) -> frozenset[str]:
    """The names of the measures that were taken of the first pages there are: of one that failed there are none."""
    for part, path in tried.tables.items():
        if tried.subsets[part] in tried.unjudged:
            continue
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=256, columns=["measures"]):
                found = frozenset(name for row in batch["measures"].to_pylist() for name, _ in row or ())
                if found:
                    return found
    return frozenset()


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


def _read_part(path: Path, subset: str, names: Collection[str], drops: Path | None, judged_last: bool) -> _Part:
    there = pq.read_schema(path).names
    columns = [name for name in (*COLUMNS, ROW) if name in there]
    table = pq.read_table(path, columns=columns, read_dictionary=list(NAMES), partitioning=None)
    # A page that a station failed on is no page the rules judge.
    crashed = pc.fill_null(pc.ends_with(table["rule"].cast(pa.string()), CRASH), False)
    dropped = np.zeros(table.num_rows, dtype=bool)
    if drops is not None:
        gone = pq.read_table(drops, columns=["row"])["row"].to_numpy()
        dropped = np.isin(rows_in_part(table), gone)
    judged = ~np.asarray(crashed, dtype=bool) & ~(dropped & judged_last)
    if not judged.all():
        table, dropped = table.filter(pa.array(judged)), dropped[judged]
    values = values_of(table["measures"], names, path)
    forms = {name: values[name] for name in sorted(values) if _is_form(name)}
    return _Part(
        table.drop_columns(["measures"]),
        subset,
        values,
        table["characters"].to_numpy(),
        _kinds(forms, table.num_rows) if forms else None,
        dropped,
    )


def _try_part(part: _Part, rules: Sequence[Rule], trial: Trial, examples: int) -> Rows:
    """Count what ``rules`` do to the pages of a part to ``trial``; the rows that they lose."""
    table, values = part.table, part.values
    old = table["keep"].to_numpy(zero_copy_only=False)
    failed = first_failing(values, rules, table.num_rows)
    new = failed == len(rules)
    trial.judged += table.num_rows
    trial.kept += int(old.sum())
    trial.kept_characters += int(part.characters[old].sum())
    trial.keeps += int(new.sum())
    trial.characters += int(part.characters[new].sum())
    rejected = np.bincount(failed, minlength=len(rules) + 1)[: len(rules)]
    trial.rejects.update({rule.name: int(count) for rule, count in zip(rules, rejected, strict=True) if count})
    gained, lost = np.flatnonzero(new & ~old), np.flatnonzero(old & ~new)
    if len(gained):
        deciding = table["rule"].take(pa.array(gained)).cast(pa.string()).combine_chunks()
        met, bounds = (table[name].take(pa.array(gained)).to_numpy() for name in ("value", "threshold"))
        _count(trial.sides["gained"], part, gained, deciding, met, bounds, examples)
    if len(lost):
        deciding = pa.array([rule.name for rule in rules]).take(pa.array(failed[lost]))
        bounds = np.array([rule.threshold for rule in rules], dtype=np.float64)[failed[lost]]
        met = np.empty(len(lost), dtype=np.float64)
        for place in np.unique(failed[lost]).tolist():
            here = failed[lost] == place
            met[here] = values[rules[place].measure][lost[here]]
        _count(trial.sides["lost"], part, lost, deciding, met, bounds, examples)
    return lost


def _count(
    tally: Tally,
    part: _Part,
    rows: Rows,
    rules: pa.Array,
    met: npt.NDArray[np.float64],
    bounds: npt.NDArray[np.float64],
    examples: int,
) -> None:
    tally.copies += int(part.copies[rows].sum())
    if part.kinds is not None:
        _add_counts(tally, "kind", part.kinds.take(pa.array(rows)), part.characters[rows])
    count_pages(tally, part.table, part.subset, rows, rules, met, bounds, examples)


def count_pages(
    tally: Tally,
    table: pa.Table,
    subset: str,
    rows: Rows,
    rules: pa.Array,
    met: npt.NDArray[np.float64],
    bounds: npt.NDArray[np.float64],
    examples: int,
) -> None:
    """Count to ``tally`` the ``rows`` of a judged part, of which ``rules`` decide by the values ``met`` against
    ``bounds``; those nearest to their bounds become examples.
    """
    characters = table["characters"].to_numpy()[rows]
    tally.pages += len(rows)
    tally.characters += int(characters.sum())
    classes = pa.array([length_class(below) for below in (0, *LENGTHS)])
    lengths = classes.take(pa.array(np.searchsorted(LENGTHS, characters, side="right")))
    hosts = table["host"].take(pa.array(rows)).cast(pa.string())
    subsets = pa.array([subset]).take(pa.array(np.zeros(len(rows), dtype=np.int64)))
    for name, values in (("rule", rules), ("host", hosts), ("length", lengths), ("subset", subsets)):
        _add_counts(tally, name, values, characters)
    merge_small_hosts(tally.by["host"], tally.characters_by["host"])
    distances = np.abs(met - bounds) / np.where(bounds == 0, 1.0, np.abs(bounds))
    if not examples:
        return
    farthest = -tally.examples[0][0] if len(tally.examples) == examples else np.inf
    near = np.flatnonzero(distances <= farthest)
    if len(near) > examples:
        near = near[distances[near] <= np.partition(distances[near], examples - 1)[examples - 1]]
    for place in near.tolist():
        row = int(rows[place])
        page, url = (table[name][row].as_py() for name in ("id", "url"))
        figures = (
            float(distances[place]),
            page,
            url,
            rules[place].as_py(),
            float(met[place]),
            float(bounds[place]),
            subset,
        )
        item = (-figures[0], page, Example(*figures))
        if len(tally.examples) < examples:
            heapq.heappush(tally.examples, item)
        elif item[:2] > tally.examples[0][:2]:
            heapq.heapreplace(tally.examples, item)


def _standing_in(path: Path, lost: Mapping[str, npt.NDArray[np.uint8]]) -> int:
    """How many of the duplicates in a table of drops stand behind pages that are ``lost``, and are not lost too."""
    table = pq.read_table(path, columns=["row", "kept_part", "kept_row"], read_dictionary=["kept_part"])
    names = table["kept_part"].combine_chunks()
    codes, rows = np.asarray(names.indices), table["kept_row"].to_numpy()
    behind = np.zeros(table.num_rows, dtype=bool)
    for code, part in enumerate(names.dictionary.to_pylist()):
        if part in lost:
            here = codes == code
            behind[here] = _has(lost[part], rows[here])
    own = lost.get(path.name.partition(".")[0])
    gone = _has(own, table["row"].to_numpy()) if own is not None else np.zeros(table.num_rows, dtype=bool)
    return int((behind & ~gone).sum())


def _bits(rows: Rows) -> npt.NDArray[np.uint8]:
    """Row numbers as a bit each."""
    flags = np.zeros(int(rows.max()) + 1, dtype=bool)
    flags[rows] = True
    return np.packbits(flags)


def _has(bits: npt.NDArray[np.uint8], rows: npt.NDArray[np.integer]) -> Flags:
    """Which of ``rows`` are among the row numbers in ``bits``."""
    within = rows < 8 * len(bits)
    inside = np.where(within, rows, 0)
    found: Flags = within & ((bits[inside >> 3] >> (7 - (inside & 7))) & 1).astype(bool)
    return found


def _is_form(name: str) -> bool:
    return name.rpartition(":")[2].startswith(FORMS)


def _kinds(forms: Mapping[str, npt.NDArray[np.float64]], rows: int) -> pa.Array:
    """The form of each text by the evidence in it, ``prose`` where there is none."""
    names = [PROSE, *(name.rpartition(":")[2].removeprefix(FORMS) for name in forms)]
    codes = np.zeros(rows, dtype=np.int64)
    for place, has in enumerate(forms.values(), 1):
        codes[(codes == 0) & (has > 0)] = place
    return pa.array(names).take(pa.array(codes))


def _add_counts(tally: Tally, name: str, values: pa.Array | pa.ChunkedArray, characters: Rows) -> None:
    """Count pages and their characters by ``values`` to the groups called ``name``."""
    grouped = pa.table({"group": values, "characters": characters}).group_by("group")
    for row in grouped.aggregate([("characters", "sum"), ([], "count_all")]).to_pylist():
        tally.by[name][row["group"]] += row["count_all"]
        tally.characters_by[name][row["group"]] += row["characters_sum"]


def merge_small_hosts(counted: Counter[str], *beside: Counter[str]) -> None:
    """Where ``counted`` holds more than twice `MOST_HOSTS`, count the smallest of them as `OTHERS`, ``beside`` too."""
    if len(counted) <= 2 * MOST_HOSTS:
        return
    small = counted.keys() - {host for host, _ in counted.most_common(MOST_HOSTS)} - {OTHERS}
    for groups in (counted, *beside):
        groups[OTHERS] += sum(groups.pop(host) for host in small)


def opened(output: Path, manifest: Mapping[str, Any]) -> Tried:
    """The corpus at ``output``, ready to be tried. Raises `RequestError` where it keeps nothing that could be."""
    parts = output / "parts"
    if not (parts / "judged").is_dir():
        raise RequestError(f"{output}: parts/ was removed; build the corpus with `parts: keep` to try changes")
    recipe = Recipe.model_validate(manifest["recipe"])
    subsets = subsets_of_parts(output)
    unjudged = frozenset(name for name, subset in recipe.subsets.items() if not subset.judge)
    folder = parts / "drops" / drops_name(recipe, sorted(subsets), manifest["lists"], manifest["code"])
    folders = [folder] if folder.is_dir() else sorted((parts / "drops").glob("*/"))[-1:]
    drops = {path.name.partition(".")[0]: path for each in folders for path in each.glob("*.drops.parquet")}
    tables = {part: path for part, path in measured_tables(parts).items() if part in subsets}
    order = recipe.rules.order
    hosts_first = hosts_come_first(order, recipe.matching)
    return Tried(parts, tables, subsets, unjudged, drops, order == "quality-last", hosts_first)


def subsets_of_parts(output: Path) -> dict[str, str]:
    """The subset of each judged part of the corpus at ``output``, as its documents and ledger say."""
    subsets = {file.path.stem: file.subset for file in CorpusFolder(output).documents()}
    for path in CorpusFolder(output).ledger():
        if path.stem not in subsets:
            names = pc.unique(pq.read_table(path, columns=["subset"], partitioning=None)["subset"]).to_pylist()
            subsets.update((path.stem, name) for name in names)
    return subsets
