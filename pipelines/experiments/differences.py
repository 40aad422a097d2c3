"""Two corpora, record by record: whose fate, text or level differs.

Records are joined within one archive, some thousands at a time, as arrays. Memory grows neither with the corpus nor
with an archive. Tables that both manifests list with one hash are not read.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tesuki.dedup.mixing import mix64
from tesuki.pipelines.experiments.causes import STATIONS, Cause, cause_of, stations_of
from tesuki.pipelines.experiments.record_blocks import (
    KEPT,
    Block,
    Piece,
    blocks_by_archive,
    read_side,
    records_in,
    windows,
)
from tesuki.pipelines.storage.corpus_folder import DOCUMENTS, LEDGER
from tesuki.release_levels.levels import Level, parse_level

Rows = npt.NDArray[np.int64]

ABSENT = "–"
"""What stands for a record that one corpus does not have."""


UNREAD = ("measures", "scores", "evidence", "edits", "cluster", "extraction", "title")
"""Columns that no example shows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one corpus says of a record. ``station`` is where it left, ``""`` where it was kept."""

    fate: str
    station: str
    rule: str
    value: float | None
    threshold: float | None
    level: str
    subset: str
    characters: int
    url: str
    id: str
    text: str

    def has_level_in(self, shown: Collection[Level]) -> bool:
        """Whether its level is ``shown``; what was not kept has none."""
        return bool(self.level) and parse_level(self.level) in shown


@dataclass(frozen=True, slots=True)
class Change:
    """One record that differs: how (``fate``, ``text``, ``level``, ``stands for``, ``added``, ``removed``), from what
    to what, and at which station it shows. ``place`` is where the record lies: archive, offset, record id.
    """

    kind: str
    before: str
    after: str
    station: str
    old: Entry | None
    new: Entry | None
    place: tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one kind, from one thing to one thing, by one cause: how many, and some, in the order of places."""

    pages: int
    characters: int
    examples: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What the changes of a group have in common."""

    kind: str
    before: str
    after: str
    station: str
    cause: str


@dataclass(frozen=True, slots=True)
class Differences:
    """All differences, summed up: groups with examples, and how many records were the same or in both."""

    groups: Mapping[GroupKey, Group]
    records: int
    same: int
    subsets: Mapping[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A finished corpus that is compared: its folder, the hash of each of its tables, by path, and the journey's
    stations in the order of its recipe."""

    folder: Path
    tables: Mapping[str, str]
    stations: tuple[str, ...] = STATIONS


Source = tuple[Piece, int]
"""Where all that one corpus says of a record is found."""


@dataclass(slots=True)
class _Tally:
    """A group in the making. ``chosen`` is a heap of examples: the negated hash of the place, two numbers that tell
    equals apart, the place, and where both sides have more.
    """

    pages: int = 0
    characters: int = 0
    chosen: list[tuple[int, int, int, tuple[str, int, str], tuple[Source | None, Source | None]]] = field(
        default_factory=list
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """Changes of one kind within a window, row by row. ``old`` and ``new`` are rows of the sides, -1 for none."""

    kind: str
    before: pa.Array
    after: pa.Array
    station: pa.Array
    characters: Rows
    subset: pa.Array
    old: Rows
    new: Rows


@dataclass(frozen=True, slots=True)
class _Side:
    """Records of one corpus in a window, and the pieces of tables they stand in."""

    table: pa.Table
    pieces: list[Piece]

    def column(self, name: str, rows: Rows) -> pa.Array:
        """The values of a column in ``rows``, none of which is below 0."""
        return self.table[name].chunk(0).take(pa.array(rows))

    def source(self, row: int) -> Source | None:
        """Where more is found of the record in ``row``; None below 0."""
        return None if row < 0 else (self.pieces[self.table["piece"][row].as_py()], self.table["row"][row].as_py())


def corpus_of(folder: Path, manifest: Mapping[str, Any]) -> Corpus:
    """The corpus in ``folder`` as its ``manifest`` lists it."""
    tables = {
        entry["path"]: entry["sha256"]
        for entry in manifest["files"]
        if entry["path"].startswith((f"{DOCUMENTS}/", f"{LEDGER}/"))
    }
    return Corpus(folder, tables, stations_of(manifest))


def differences(before: Corpus, after: Corpus, causes: Sequence[Cause], examples: int) -> Differences:
    """What differs between two corpora; ``examples`` of each group are kept.

    Which ones is decided by a hash of the record's place, so that the same corpora give the same examples. Stations
    are in the order of ``after``.
    """
    tallies: defaultdict[GroupKey, _Tally] = defaultdict(_Tally)
    subsets: defaultdict[str, Counter[str]] = defaultdict(Counter)
    equal = _equal_tables(before, after)
    records = same = sum(records_in(before.folder / path) for path in equal)
    old_blocks = blocks_by_archive(before.folder, equal)
    new_blocks = blocks_by_archive(after.folder, frozenset(equal.values()))
    for archive in sorted(old_blocks.keys() | new_blocks.keys()):
        here: tuple[Sequence[Block], Sequence[Block]] = (old_blocks.get(archive, ()), new_blocks.get(archive, ()))
        for start, stop in windows([*here[0], *here[1]]):
            old, new = sides = _side(here[0], start, stop), _side(here[1], start, stop)
            old_rows, new_rows = joined(old.table, new.table)
            changed = np.zeros(len(old_rows), dtype=bool)
            for places, found in _changes(old, new, old_rows, new_rows, after.stations):
                changed[places] = True
                _add(tallies, found, sides, archive, causes, after.stations, examples)
                for subset, count in _counted(found.subset):
                    subsets[subset][found.kind] += count
            records += len(changed)
            same += int(len(changed) - changed.sum())
    return Differences({key: _group(key, tally) for key, tally in tallies.items()}, records, same, dict(subsets))


def joined(old: pa.Table, new: pa.Table) -> tuple[Rows, Rows]:
    """Rows of both tables that speak of one record, side by side, -1 where a side has none.

    Strangers' archives repeat offsets and record ids: of records that share both, the n-th of one side is the n-th of
    the other.
    """
    names = pa.concat_arrays([_whole(table["record_id"]) for table in (old, new)]).dictionary_encode()
    codes = np.asarray(names.indices, dtype=np.int64)
    offsets = np.concatenate([np.asarray(table["offset"]) for table in (old, new)])
    is_new = np.arange(len(codes)) >= old.num_rows
    # Within a side rows stay in their order: lexsort is stable.
    order = np.lexsort((is_new, codes, offsets))
    first = ~_as_before(order, offsets, codes, is_new)
    times = np.empty(len(order), dtype=np.int64)
    times[order] = np.arange(len(order)) - np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    order = np.lexsort((is_new, times, codes, offsets))
    second = _as_before(order, offsets, codes, times)
    heads = np.flatnonzero(~second)
    paired = np.append(second, False)[heads + 1]
    leading = order[heads]
    old_rows, new_rows = np.where(is_new[leading], -1, leading), np.where(is_new[leading], leading, -1)
    new_rows[paired] = order[heads[paired] + 1]
    new_rows[new_rows >= 0] -= old.num_rows
    return old_rows, new_rows


def _as_before(order: Rows, *columns: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Which rows, in this ``order``, have in all ``columns`` what the one before them has."""
    alike = np.ones(len(order), dtype=bool)
    alike[:1] = False
    for values in columns:
        ordered = values[order]
        alike[1:] &= ordered[1:] == ordered[:-1]
    return alike


def _side(blocks: Sequence[Block], start: int, stop: int) -> _Side:
    table, pieces = read_side(blocks, start, stop)
    return _Side(table, pieces)


def _changes(
    old: _Side, new: _Side, old_rows: Rows, new_rows: Rows, stations: Sequence[str]
) -> Iterator[tuple[Rows, _Found]]:
    """How records differ, a kind at a time, with their places among the joined rows."""
    for kind, places in (("added", np.flatnonzero(old_rows < 0)), ("removed", np.flatnonzero(new_rows < 0))):
        if len(places):
            side, rows = (new, new_rows[places]) if kind == "added" else (old, old_rows[places])
            labels, nothing = _labels(side, rows), _constant(ABSENT, len(rows))
            before, after = (nothing, labels) if kind == "added" else (labels, nothing)
            yield (
                places,
                _Found(
                    *(kind, before, after, _constant("read", len(rows)), _characters(side, rows)),
                    *(side.column("subset", rows), old_rows[places], new_rows[places]),
                ),
            )
    both = np.flatnonzero((old_rows >= 0) & (new_rows >= 0))
    parted = _differing(old, new, "fate", old_rows[both], new_rows[both]) | _differing(
        old, new, "rule", old_rows[both], new_rows[both]
    )
    if parted.any():
        places = both[parted]
        rows, others = old_rows[places], new_rows[places]
        yield (
            places,
            _Found(
                *("fate", _labels(old, rows), _labels(new, others), _parting(old, new, rows, others, stations)),
                np.maximum(_characters(old, rows), _characters(new, others)),
                *(new.column("subset", others), rows, others),
            ),
        )
    yield from _changes_within(old, new, old_rows, new_rows, both[~parted])


def _changes_within(
    old: _Side, new: _Side, old_rows: Rows, new_rows: Rows, places: Rows
) -> Iterator[tuple[Rows, _Found]]:
    """How records differ whose fate is the same in both."""
    rows, others = old_rows[places], new_rows[places]
    stands = _differing(old, new, "duplicate_of", rows, others)
    levels = _differing(old, new, "level", rows, others)
    texts = _differing(old, new, "text", rows, others)
    for kind, differs in (("stands for", stands), ("level", levels), ("text", texts)):
        here = np.flatnonzero(differs)
        if len(here) == 0:
            continue
        one, other = rows[here], others[here]
        count = len(here)
        characters = _characters(new, other)
        if kind == "stands for":
            before, after = _labels(old, one), _constant("another document", count)
            station = _constant("deduplicate", count)
        elif kind == "level":
            before, after, station = old.column("level", one), new.column("level", other), _constant("level", count)
        else:
            extracted = _differing(old, new, "text_hash", one, other) | _differing(old, new, "characters", one, other)
            station = pa.array(np.where(extracted, "extract", "mend"))
            before = _constant("text", count)
            after = pc.binary_join_element_wise("text from", station, " ")
            lengths = (pc.utf8_length(side.column("text", some)) for side, some in ((new, other), (old, one)))
            longer, shorter = (np.asarray(length, dtype=np.int64) for length in lengths)
            characters = longer - shorter
        subset = new.column("subset", other)
        yield places[here], _Found(kind, before, after, station, characters, subset, one, other)


def _add(
    tallies: defaultdict[GroupKey, _Tally],
    found: _Found,
    sides: tuple[_Side, _Side],
    archive: str,
    causes: Sequence[Cause],
    stations: Sequence[str],
    examples: int,
) -> None:
    """Count the changes ``found`` to their groups; those whose places have the smallest hashes become examples."""
    names = pc.binary_join_element_wise(found.before, found.after, found.station, "\n").dictionary_encode()
    codes = np.asarray(names.indices, dtype=np.int64)
    pages = np.bincount(codes)
    characters = np.zeros(len(pages), dtype=np.int64)
    np.add.at(characters, codes, found.characters)
    hashes = _hashes(archive, found, sides)
    order = np.lexsort((hashes, codes))
    starts = np.searchsorted(codes[order], np.arange(len(pages)))
    for code, name in enumerate(names.dictionary.to_pylist()):
        before, after, station = name.split("\n")
        tally = tallies[GroupKey(found.kind, before, after, station, cause_of(causes, station, stations))]
        tally.pages += int(pages[code])
        tally.characters += int(characters[code])
        for row in order[starts[code] : starts[code] + min(examples, pages[code])].tolist():
            # The largest of the negated hashes go first out of the heap: the smallest hashes stay.
            name = -int(hashes[row]), -tally.pages, -row
            if len(tally.chosen) < examples:
                heapq.heappush(tally.chosen, (*name, *_sources(found, row, sides, archive)))
            elif name[0] > tally.chosen[0][0]:
                heapq.heapreplace(tally.chosen, (*name, *_sources(found, row, sides, archive)))


def _sources(
    found: _Found, row: int, sides: tuple[_Side, _Side], archive: str
) -> tuple[tuple[str, int, str], tuple[Source | None, Source | None]]:
    """The place of the record in ``row``, and where each side has more of it."""
    rows = int(found.old[row]), int(found.new[row])
    side, there = next((side, there) for side, there in zip(sides, rows, strict=True) if there >= 0)
    place = archive, side.table["offset"][there].as_py(), side.table["record_id"][there].as_py()
    return place, (sides[0].source(rows[0]), sides[1].source(rows[1]))


def _group(key: GroupKey, tally: _Tally) -> Group:
    unread = UNREAD if key.kind == "text" else (*UNREAD, "text")
    examples = [
        Change(key.kind, key.before, key.after, key.station, _entry(old, unread), _entry(new, unread), place)
        for *_, place, (old, new) in tally.chosen
    ]
    return Group(tally.pages, tally.characters, tuple(sorted(examples, key=lambda change: change.place)))


def _hashes(archive: str, found: _Found, sides: tuple[_Side, _Side]) -> npt.NDArray[np.uint64]:
    """A hash of the place of each record."""
    old, new = (np.asarray(side.table["offset"]) for side in sides)
    offsets = np.empty(len(found.old), dtype=np.int64)
    there = found.new >= 0
    offsets[there], offsets[~there] = new[found.new[there]], old[found.old[~there]]
    return mix64(offsets.astype(np.uint64) ^ mix64(np.array([crc32(archive.encode())], dtype=np.uint64)))


def _equal_tables(before: Corpus, after: Corpus) -> dict[str, str]:
    """Tables of ``before`` that ``after`` has byte for byte: the path there by the path here."""
    others: defaultdict[str, list[str]] = defaultdict(list)
    for path, name in sorted(after.tables.items(), reverse=True):
        others[name].append(path)
    return {path: others[name].pop() for path, name in sorted(before.tables.items()) if others[name]}


def _labels(side: _Side, rows: Rows) -> pa.Array:
    """Fates in a word or two: ``kept``, ``rejected quality.characters``."""
    fate, rule = (side.column(name, rows) for name in ("fate", "rule"))
    return pc.binary_join_element_wise(fate, rule, " ", null_handling="skip")


def _parting(old: _Side, new: _Side, rows: Rows, others: Rows, stations: Sequence[str]) -> pa.Array:
    """Where two journeys of a record part: the earlier, of ``stations`` in order, of those at which they end."""
    places = [
        pc.fill_null(pc.index_in(side.column("station", some), pa.array(stations)), len(stations))
        for side, some in ((old, rows), (new, others))
    ]
    return pa.array([*stations, "read"]).take(pc.min_element_wise(*places))


def _differing(old: _Side, new: _Side, name: str, rows: Rows, others: Rows) -> npt.NDArray[np.bool_]:
    one, other = old.column(name, rows), new.column(name, others)
    both_null = pc.and_(pc.is_null(one), pc.is_null(other))
    same = pc.or_(pc.fill_null(pc.equal(one, other), False), both_null)
    return ~np.asarray(same, dtype=bool)


def _characters(side: _Side, rows: Rows) -> Rows:
    return np.asarray(pc.fill_null(side.column("characters", rows), 0), dtype=np.int64)


def _constant(value: str, rows: int) -> pa.Array:
    return pa.array([value]).take(pa.array(np.zeros(rows, dtype=np.int32)))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece, ``""`` for what is not there."""
    return pc.fill_null(pa.concat_arrays([pa.array([], column.type), *column.chunks]), "")


def _counted(subsets: pa.Array) -> Iterator[tuple[str, int]]:
    for item in pc.value_counts(subsets).to_pylist():
        yield item["values"], item["counts"]


def _entry(source: Source | None, unread: tuple[str, ...]) -> Entry | None:
    if source is None:
        return None
    piece, number = source
    row = piece.row(number, unread)
    kept = piece.path.parent.name != LEDGER
    return Entry(
        fate=KEPT if kept else row["fate"],
        station="" if kept else row["station"],
        rule="" if kept else row["rule"],
        value=row.get("value"),
        threshold=row.get("threshold"),
        level=row.get("level") or "",
        subset=row["subset"],
        characters=row["characters"] or 0,
        url=row["url"] or f"(address withheld, hash {row.get('url_hash')})",
        id=row["id"] or "",
        text=row.get("text") or "",
    )
