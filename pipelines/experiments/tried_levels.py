"""What another policy would make of a corpus, from the evidence that is stored of its documents and their duplicates.

No text is read. What is held grows with a part, and by a byte for each judged page that stands for others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.common.hosts import host_of
from tesuki.pipelines.corpus.plan import judged_names
from tesuki.pipelines.corpus.remaining import ROW
from tesuki.pipelines.experiments.trial import Tried, merge_small_hosts, rows_in_part
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.levelling.host_evidence import NOTHING_KNOWN, load_page_list
from tesuki.pipelines.levelling.page_level import LevelPage, PageLevel
from tesuki.pipelines.levelling.policy_file import load_policy
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.storage.corpus_folder import CorpusFolder, DocumentFile
from tesuki.pipelines.storage.values import evidence_of
from tesuki.release_levels.evidence import Evidence
from tesuki.release_levels.levels import USES, Level, Use, parse_level
from tesuki.release_levels.page_lists import ListKind, PageList, signals_page_list

LISTS: Final[Mapping[str, ListKind]] = {"take_down": "takedown", "deny": "deny", "allow": "allow"}
"""Fields of the policy that name lists, and the kinds of these."""

CLUSTER = "level.cluster"
"""Why a document's level changes that a duplicate of it decides."""

REMEMBERED = 100_000
"""Sets of evidence whose level is remembered."""

AUTHORITY: Final = r"^[^:/?#]+://(?P<host>[^/?#]*)"
"""What of an address names its host, and whatever stands around it; read by RE2, in linear time."""

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class LevelledPage:
    """A document whose level changes, and by which rule. ``url`` is ``""`` where it may not be shown."""

    id: str
    url: str
    rule: str


@dataclass(slots=True)
class Move:
    """Documents that go from one level to another."""

    documents: int = 0
    characters: int = 0
    by: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: list[LevelledPage] = field(default_factory=list)


@dataclass(slots=True)
class LevelTrial:
    """What another policy changes: ``moves`` by level before and after, ``uses`` the documents and characters that
    each use has before and after.

    What can't be told is counted: ``withheld`` pages of today by rule (their evidence went with their text), and
    ``unheard``, documents that stand for others of which files of hosts and lists may say what is not stored.
    """

    documents: int = 0
    moves: dict[tuple[str, str], Move] = field(default_factory=dict)
    uses: dict[Use, list[int]] = field(default_factory=lambda: {use: [0, 0, 0, 0] for use in USES})
    withheld: Counter[str] = field(default_factory=Counter)
    unheard: int = 0


@dataclass(frozen=True)
class Levelling:
    """What decides levels: a policy with what the recipe says of subsets, and lists that take the place of those the
    corpus was built with."""

    level_page: LevelPage
    lists: tuple[PageList, ...]
    replaced: frozenset[str]

    @cached_property
    def _known(self) -> dict[tuple[str, str], PageLevel]:
        return {}

    def levels(self, table: pa.Table, subset: str) -> tuple[Codes, list[str], npt.NDArray[np.int64]]:
        """The level of each row of ``table`` (``evidence``, and with lists ``url`` and ``text_hash``) as a number, and
        the rule that decides as the position of its name."""
        evidence = table["evidence"].combine_chunks()
        names = _evidence_names(evidence)
        codes = np.asarray(names.indices, dtype=np.int64)
        _, firsts = np.unique(codes, return_index=True)
        decided = [
            self._decide(names.dictionary[int(codes[row])].as_py(), subset, evidence, int(row)) for row in firsts
        ]
        levels = np.array([Level[each.level] for each in decided], dtype=np.uint8)[codes]
        rules = [each.rule for each in decided]
        of_rows = codes.copy()
        for row, listed in self._listed(table):
            told = self._level((*_stored(evidence, row, self.replaced), *listed), subset)
            levels[row] = Level[told.level]
            of_rows[row] = len(rules)
            rules.append(told.rule)
        return levels, rules, of_rows

    def _decide(self, name: str, subset: str, evidence: pa.Array, row: int) -> PageLevel:
        if (name, subset) not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[name, subset] = self._level(_stored(evidence, row, self.replaced), subset)
        return self._known[name, subset]

    def _level(self, evidence: tuple[Evidence, ...], subset: str) -> PageLevel:
        return self.level_page(Page(subset, "", 0, 0, "", "", "", evidence=evidence))

    def _listed(self, table: pa.Table) -> Iterator[tuple[int, tuple[Evidence, ...]]]:
        """The rows that the new lists speak of, and what they say."""
        if self.lists:
            hashed = "text_hash" in table.column_names
            hashes = table["text_hash"].to_pylist() if hashed else [None] * table.num_rows
            for row, (url, text) in enumerate(zip(table["url"].to_pylist(), hashes, strict=True)):
                found = [
                    each for pages in self.lists for each in signals_page_list(pages, url, (text,) if text else ())
                ]
                if found:
                    yield row, tuple(found)


def levelling_of(changed: Recipe, fields: Sequence[str], folder: Path) -> Levelling:
    """What decides levels by the recipe ``changed``, whose files are relative to ``folder``; ``fields`` are those that
    were set. Raises `RequestError` for a policy or list that can't be read."""
    policy, _ = load_policy(changed.policy.file, folder, "--set policy.file")
    named = {field: getattr(changed.policy, field) for field in LISTS if f"policy.{field}" in fields}
    level_page = LevelPage(
        policy,
        NOTHING_KNOWN,
        {name: parse_level(subset.level) for name, subset in changed.subsets.items() if subset.level},
        {name: parse_level(subset.default_level) for name, subset in changed.subsets.items() if subset.default_level},
    )
    lists = tuple(load_page_list(folder / name, LISTS[field]) for field, name in named.items() if name)
    return Levelling(level_page, lists, frozenset(f"list.{LISTS[field]}" for field in named))


def try_levels(
    output: Path,
    tried: Tried,
    manifest: Mapping[str, Any],
    recipe: Recipe,
    levelling: Levelling,
    examples: int,
    shown: Collection[Level],
) -> LevelTrial:
    """What the policy in ``levelling`` would make of the documents of the corpus at ``output``.

    Addresses are told of those examples whose levels, before and after, are both ``shown``.
    """
    trial = LevelTrial()
    folder = CorpusFolder(output)
    members = _member_levels(tried, manifest, recipe, levelling)
    spoken = bool(recipe.policy.host_files or recipe.policy.deny or recipe.policy.allow)
    for file in folder.documents():
        _count_documents(trial, file, tried, levelling, members.get(file.path.stem), spoken, examples, shown)
    for path in folder.ledger():
        table = pq.read_table(path, columns=["fate", "rule"], read_dictionary=["fate", "rule"], partitioning=None)
        gone = table.filter(pc.field("fate") == "withheld")
        for item in pc.value_counts(gone["rule"]).to_pylist():
            trial.withheld[item["values"]] += item["counts"]
    return trial


def _count_documents(
    trial: LevelTrial,
    file: DocumentFile,
    tried: Tried,
    levelling: Levelling,
    members: Codes | None,
    spoken: bool,
    examples: int,
    shown: Collection[Level],
) -> None:
    columns = ["id", "url", "characters", "text_hash", "evidence", "cluster.size"]
    with pq.ParquetFile(file.path) as source:
        table = source.read(columns=columns)
    levels, names, rules = levelling.levels(table, file.subset)
    sizes = np.asarray(pc.fill_null(pc.struct_field(table["cluster"], "size"), 1))
    strictest = np.zeros(table.num_rows, dtype=np.uint8)
    if members is not None and (sizes > 1).any() and file.path.stem in tried.tables:
        judged = _ids(tried.tables[file.path.stem])
        places = np.asarray(pc.fill_null(pc.index_in(table["id"], judged["id"].combine_chunks()), 0))
        rows = rows_in_part(judged)[places]
        strictest = np.where(sizes > 1, _of_length(members, int(rows.max()) + 1)[rows], 0).astype(np.uint8)
    after = np.maximum(levels, strictest)
    by_cluster = strictest > levels
    trial.documents += table.num_rows
    trial.unheard += int((sizes > 1).sum()) if spoken else 0
    characters = table["characters"].to_numpy()
    before = Level[file.level]
    for use in USES:
        allowed = np.array([level.allows(use) for level in Level])[after - 1]
        old = table.num_rows * before.allows(use), int(characters.sum()) * before.allows(use)
        found = (*old, int(allowed.sum()), int(characters[allowed].sum()))
        trial.uses[use] = [one + other for one, other in zip(trial.uses[use], found, strict=True)]
    for level in np.unique(after).tolist():
        here = np.flatnonzero(after == level)
        if level == before:
            continue
        move = trial.moves.setdefault((before.name, Level(level).name), Move())
        move.documents += len(here)
        move.characters += int(characters[here].sum())
        move.by["subset"][file.subset] += len(here)
        deciding = pa.array([*names, CLUSTER]).take(pa.array(np.where(by_cluster[here], len(names), rules[here])))
        some = table.select(["id", "url"]).take(pa.array(here))
        for item in pc.value_counts(deciding).to_pylist():
            move.by["rule"][item["values"]] += item["counts"]
        for item in pc.value_counts(pc.struct_field(pc.extract_regex(some["url"], AUTHORITY), "host")).to_pylist():
            move.by["host"][host_of(f"https://{item['values']}/") or ""] += item["counts"]
        merge_small_hosts(move.by["host"])
        told = before in shown and Level(level) in shown
        for row in range(min(len(here), examples - len(move.examples))):
            url = some["url"][row].as_py() if told else ""
            move.examples.append(LevelledPage(some["id"][row].as_py(), url, deciding[row].as_py()))


def _ids(path: Path) -> pa.Table:
    columns = [name for name in ("id", ROW) if name in pq.read_schema(path).names]
    return pq.read_table(path, columns=columns, partitioning=None)


def _member_levels(tried: Tried, manifest: Mapping[str, Any], recipe: Recipe, levelling: Levelling) -> dict[str, Codes]:
    """For each part, by row, the strictest level of the pages it stands for, by their own evidence; 0 for none."""
    found: dict[str, Codes] = {}
    for part, pages in _pages_of(tried, manifest, recipe).items():
        drops = pq.read_table(tried.drops[part], columns=["row", "kept_part", "kept_row"])
        if not drops.num_rows:
            continue
        rows = drops["row"]
        table = pq.read_table(pages, columns=["url", "evidence"]).take(rows.cast(pa.int64()))
        levels, _, _ = levelling.levels(table, tried.subsets[part])
        names = drops["kept_part"].combine_chunks().dictionary_encode()
        codes, kept = np.asarray(names.indices), drops["kept_row"].to_numpy()
        for code, name in enumerate(names.dictionary.to_pylist()):
            here = codes == code
            grown = _of_length(found.get(name), int(kept[here].max()) + 1)
            np.maximum.at(grown, kept[here], levels[here])
            found[name] = grown
    return found


def _pages_of(tried: Tried, manifest: Mapping[str, Any], recipe: Recipe) -> dict[str, Path]:
    """The table of pages beside each judged part that has drops: names follow from names."""
    lists, code = manifest["lists"], manifest["code"]
    names = {subset: judged_names(recipe, subset, lists, code) for subset in sorted(set(tried.subsets.values()))}
    found = {}
    for path in sorted((tried.parts / "pages").glob("*.pages.parquet")):
        for subset, judged_name in names.items():
            name = judged_name(path.name.partition(".")[0])
            if tried.subsets.get(name) == subset and name in tried.drops:
                found[name] = path
    return found


def _of_length(levels: Codes | None, rows: int) -> Codes:
    """``levels`` of at least so many rows, 0 where nothing is known."""
    known = np.zeros(0, dtype=np.uint8) if levels is None else levels
    return np.pad(known, (0, max(rows - len(known), 0)))


def _evidence_names(evidence: pa.ListArray) -> pa.DictionaryArray:
    """Each row's evidence as a word, equal where all of it is equal."""
    flat = evidence.flatten()
    items = pc.binary_join_element_wise(*(pc.fill_null(flat.field(name), "") for name in _FIELDS), "\x1e")
    counts = pc.fill_null(pc.list_value_length(evidence), 0)
    offsets = pa.array(np.concatenate([[0], np.cumsum(np.asarray(counts))]).astype(np.int32))
    return pc.binary_join(pa.ListArray.from_arrays(offsets, items), "\x1f").dictionary_encode()


_FIELDS = ("signal", "where", "value", "rule")


def _stored(evidence: pa.Array, row: int, replaced: frozenset[str]) -> tuple[Evidence, ...]:
    return tuple(each for each in evidence_of(evidence[row].as_py() or ()) if each.signal not in replaced)
