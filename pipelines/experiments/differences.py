"""Two corpora, record by record: whose fate, text or level differs.

Records are joined within one archive at a time, so that memory grows with an archive and not with the corpus.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.experiments.causes import STATIONS, Cause, cause_of
from tesuki.pipelines.levelling.shown import shown_levels
from tesuki.pipelines.reading.gathered import GATHERED
from tesuki.release_levels.levels import parse_level

KEY = ("archive", "offset", "record_id")
"""The columns that together name one record."""

DOCUMENT_COLUMNS = (*KEY, "id", "url", "text", "level", "subset", "characters", "text_hash")
LEDGER_COLUMNS = (
    *(*KEY, "id", "url", "url_hash", "fate", "station", "rule", "value", "threshold", "subset", "characters"),
    "duplicate_of",
)

Key = tuple[str, int, str, int]
"""`KEY`, and which of several records that share it: strangers' archives repeat even record ids."""


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
    text_hash: str
    duplicate_of: str

    @property
    def label(self) -> str:
        """The fate in a word or two: ``kept``, ``rejected quality.characters``."""
        return f"{self.fate} {self.rule}".rstrip()

    @property
    def is_shown(self) -> bool:
        """Whether its text may be shown; of what was not kept there is none here."""
        return bool(self.level) and parse_level(self.level) in shown_levels(internal=False)


@dataclass(frozen=True, slots=True)
class Change:
    """One record that differs: how (``fate``, ``text``, ``level``, ``stands for``, ``added``, ``removed``), from what
    to what, and at which station it shows.
    """

    kind: str
    before: str
    after: str
    station: str
    characters: int
    old: Entry | None
    new: Entry | None
    key: Key


@dataclass(slots=True)
class Group:
    """Changes of one kind, from one thing to one thing, by one cause."""

    pages: int = 0
    characters: int = 0
    examples: list[tuple[bytes, int, Change]] = field(default_factory=list)


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


def differences(before: Path, after: Path, causes: Sequence[Cause], examples: int) -> Differences:
    """What differs between the corpora at ``before`` and ``after``; ``examples`` of each group are kept.

    Which ones is decided by a hash of the record, so that the same corpora give the same examples.
    """
    groups: defaultdict[GroupKey, Group] = defaultdict(Group)
    subsets: defaultdict[str, Counter[str]] = defaultdict(Counter)
    records = same = 0
    old_files, new_files = files_by_archive(before), files_by_archive(after)
    for archive in sorted(old_files.keys() | new_files.keys()):
        old = dict(entries_of(old_files.get(archive, ()), archive))
        new = dict(entries_of(new_files.get(archive, ()), archive))
        for key in sorted(old.keys() | new.keys()):
            records += 1
            found = list(changes(key, old.get(key), new.get(key)))
            same += not found
            for change in found:
                cause = cause_of(causes, change.station)
                group = groups[GroupKey(change.kind, change.before, change.after, change.station, cause)]
                _add(group, change, examples)
                entry = change.new or change.old
                subsets[entry.subset if entry else ""][change.kind] += 1
    return Differences(dict(groups), records, same, dict(subsets))


def changes(key: Key, old: Entry | None, new: Entry | None) -> Iterator[Change]:
    """How a record differs: nothing where it does not."""
    if old is None or new is None:
        there = new or old
        assert there is not None
        kind = "added" if old is None else "removed"
        before, after = (entry.label if entry else "–" for entry in (old, new))
        yield Change(kind, before, after, "read", there.characters, old, new, key)
        return
    if old.label != new.label:
        lost = max(old.characters, new.characters)
        yield Change("fate", old.label, new.label, parting_station(old, new), lost, old, new, key)
        return
    if old.fate == "duplicate" and old.duplicate_of != new.duplicate_of:
        yield Change("stands for", old.label, "another document", "deduplicate", new.characters, old, new, key)
    if old.level != new.level:
        yield Change("level", old.level, new.level, "level", new.characters, old, new, key)
    if old.text != new.text:
        extracted = (old.text_hash, old.characters) != (new.text_hash, new.characters)
        station = "extract" if extracted else "mend"
        yield Change("text", "text", f"text from {station}", station, len(new.text) - len(old.text), old, new, key)


def parting_station(old: Entry, new: Entry) -> str:
    """Where two journeys of a record part: the earlier of the stations at which they end."""
    places = [STATIONS.index(entry.station) for entry in (old, new) if entry.station in STATIONS]
    return STATIONS[min(places)] if places else "read"


def files_by_archive(corpus: Path) -> dict[str, list[Path]]:
    """The tables of ``corpus`` by the archives whose records are in them."""
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for path in sorted([*corpus.glob("documents/*/*/*.parquet"), *corpus.glob("ledger/*.parquet")]):
        for archive in pc.unique(pq.read_table(path, columns=["archive"], partitioning=None)["archive"]).to_pylist():
            found[archive].append(path)
    return dict(found)


def entries_of(paths: Sequence[Path], archive: str) -> Iterator[tuple[Key, Entry]]:
    """What the tables at ``paths`` say of the records of ``archive``, by record."""
    seen: Counter[tuple[str, int, str]] = Counter()
    for path in paths:
        kept = path.parent.name != "ledger"
        columns = DOCUMENT_COLUMNS if kept else LEDGER_COLUMNS
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1_000, columns=list(columns)):
                for row in _of_archive(pa.Table.from_batches([batch]), archive, kept):
                    name = row["archive"], row["offset"], row["record_id"]
                    yield (*name, seen[name]), _entry(row, kept)
                    seen[name] += 1


def _of_archive(table: pa.Table, archive: str, kept: bool) -> list[dict[str, Any]]:
    """The rows that stand for one record each: how many requests share a row depends on where parts are cut."""
    rows = table.filter(pc.field("archive") == archive)
    return list((rows if kept else rows.filter(~pc.field("rule").isin(sorted(GATHERED)))).to_pylist())


def _entry(row: Mapping[str, Any], kept: bool) -> Entry:
    return Entry(
        fate="kept" if kept else row["fate"],
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
        text_hash=row.get("text_hash") or "",
        duplicate_of=row.get("duplicate_of") or "",
    )


def _add(group: Group, change: Change, examples: int) -> None:
    group.pages += 1
    group.characters += change.characters
    # The largest of the negated hashes go first out of the heap: the smallest hashes stay.
    name = blake2b(repr(change.key).encode("utf-8", "replace"), digest_size=8).digest()
    item = (bytes(255 - byte for byte in name), group.pages, change)
    if len(group.examples) < examples:
        heapq.heappush(group.examples, item)
    elif group.examples and item[:2] > group.examples[0][:2]:
        heapq.heapreplace(group.examples, item)
