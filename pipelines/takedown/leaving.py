"""Which pages of a corpus a take-down list makes leave, and the rows the ledger gets for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.journey.page import Fate
from tesuki.pipelines.levelling.page_level import TAKEN_DOWN
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.storage.rows import fates_of
from tesuki.release_levels.page_lists import PageList, listed, text_hash

ROWS_AT_ONCE = 2_048
"""Rows read at once: bounds memory, costs nothing."""

HOSTS_AT_ONCE = 1_000
"""Hosts in one expression: RE2 refuses far larger ones."""

NOTHING = "^$"
"""Finds no address."""

ODD_HOST = r"[\t\r\n]|^[^/]*//[^/?#]*[^!-$&-~]"
"""Addresses whose host may be written otherwise than lists have it: percent signs, spaces, other than ASCII, and what
`urllib.parse` overlooks."""

Stations = dict[int, str]
"""Of one table: the rows that go, and the station at which a run with the list would withhold them."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A page that goes: ``row`` of the table at ``path`` (below the corpus' folder) becomes ``fate`` in the ledger.

    ``was`` is the station, fate and rule of a page that had left already, None for a document. ``extracted`` counts
    the characters of its text, ``mended`` those of a document's after mending; ``level`` is a document's.
    """

    path: str
    row: int
    fate: Fate
    was: tuple[str, str, str] | None
    extracted: int
    mended: int = 0
    level: str = ""

    @property
    def part(self) -> str:
        """The part whose ledger the page goes to."""
        return Path(self.path).stem


def find_leaving(output: Path, pages: PageList) -> tuple[Leaving, ...]:
    """The pages of the corpus at ``output`` that ``pages`` names, and the documents that stand for one of them.

    Pages that left before station 6 stay as they are, for a run with the list would not come to ask it about them; so
    do withheld pages, whose rows say nothing that a list could match.
    """
    documents, ledger = CorpusFolder(output).document_paths(), CorpusFolder(output).ledger()
    worth_asking, is_named = partial(may_be_named, pages, hosts_expression(pages)), partial(_is_named, pages)
    found: dict[Path, Stations] = {}
    stood_for: set[str] = set()
    for path in ledger:
        for row, known in _rows(path, ("url", "text_hash", "duplicate_of"), worth_asking):
            if is_named(known["url"], known["text_hash"]):
                found.setdefault(path, {})[row] = "withhold"
                stood_for.update(filter(None, [known["duplicate_of"]]))
    for path in documents:
        columns = ("url", "text_hash", "text") if pages.texts else ("url", "text_hash")
        for row, known in _rows(path, columns, _has_text_hash if pages.texts else worth_asking):
            if is_named(known["url"], known["text_hash"]):
                found.setdefault(path, {})[row] = "withhold"
            elif pages.texts and text_hash(known["text"]) in pages.texts:
                found.setdefault(path, {})[row] = "level"
    if stood_for:
        stand = partial(_has_id, pa.array(sorted(stood_for)))
        for path in (*documents, *ledger):
            for row, _ in _rows(path, ("id", "text_hash"), stand):
                found.setdefault(path, {})[row] = "withhold"
    return tuple(leaving for path in sorted(found) for leaving in _leaving(output, path, found[path]))


def _is_named(pages: PageList, url: str, hashed: str) -> bool:
    return bool(listed(pages, url, (hashed,)))


def hosts_expression(pages: PageList) -> str:
    """An expression that finds every host the list speaks of; everything, where it speaks of too many for one."""
    of_pages = (re.split(r"[/:?]", page, maxsplit=1)[0] for page in pages.pages)
    hosts = {*of_pages, *pages.beginnings, *pages.hosts, *pages.domains}
    if not hosts:
        return NOTHING
    return "|".join(map(re.escape, sorted(hosts))) if len(hosts) <= HOSTS_AT_ONCE else ""


def may_be_named(pages: PageList, hosts: str, batch: pa.RecordBatch) -> pa.Array:
    """The rows worth asking `listed` about, which takes its time with addresses: a few among millions."""
    url = batch["url"]
    named = pc.match_substring_regex(url, hosts, ignore_case=True)
    hashed = pc.is_in(batch["text_hash"], pa.array(sorted(pages.texts), pa.string()))
    found = pc.or_(pc.or_(named, pc.match_substring_regex(url, ODD_HOST)), hashed)
    return pc.and_kleene(_has_text_hash(batch), found)


def _has_text_hash(batch: pa.RecordBatch) -> pa.Array:
    return batch["text_hash"].is_valid()


def _has_id(ids: pa.Array, batch: pa.RecordBatch) -> pa.Array:
    return pc.and_(_has_text_hash(batch), pc.is_in(batch["id"], ids))


def _rows(
    path: Path, columns: Sequence[str], chosen: Callable[[pa.RecordBatch], pa.Array] = _has_text_hash
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows of a table that are ``chosen``, with their numbers."""
    first = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=list(columns)):
            numbers = pc.indices_nonzero(chosen(batch))
            yield from zip((first + row for row in numbers.to_pylist()), batch.take(numbers).to_pylist(), strict=True)
            first += batch.num_rows


def _leaving(output: Path, path: Path, stations: Stations) -> Iterator[Leaving]:
    name = str(path.relative_to(output))
    with pq.ParquetFile(path) as file:
        for first, group in _groups(file):
            rows = [row for row in sorted(stations) if first <= row < first + group.num_rows]
            table = group.take(pa.array([row - first for row in rows], pa.int64()))
            make = _of_ledger if name.startswith("ledger/") else _of_documents
            yield from make(name, rows, [stations[row] for row in rows], table)


def _groups(file: pq.ParquetFile) -> Iterator[tuple[int, pa.Table]]:
    first = 0
    for number in range(file.num_row_groups):
        group = file.read_row_group(number)
        yield first, group
        first += group.num_rows


def _of_ledger(name: str, rows: Sequence[int], stations: Sequence[str], table: pa.Table) -> Iterator[Leaving]:
    for row, station, left in zip(rows, stations, fates_of(table), strict=True):
        fate = replace(
            left,
            fate="withheld",
            station=station,
            rule=TAKEN_DOWN,
            value=None,
            threshold=None,
            duplicate_of=None,
            detail="",
        )
        yield Leaving(name, row, fate, (left.station, left.fate, left.rule), left.characters)


def _of_documents(name: str, rows: Sequence[int], stations: Sequence[str], table: pa.Table) -> Iterator[Leaving]:
    for row, station, known in zip(rows, stations, table.to_pylist(), strict=True):
        mended = len(known["text"])
        fate = Fate(
            subset=known["subset"],
            archive=known["archive"],
            offset=known["offset"],
            length=known["length"],
            record_id=known["record_id"],
            url=known["url"],
            fate="withheld",
            station=station,
            rule=TAKEN_DOWN,
            encoding=known["encoding"],
            characters=known["characters"] if station == "withhold" else mended,
            id=known["id"],
        )
        yield Leaving(name, row, fate, None, known["characters"], mended, known["level"])


def duplicates_of(output: Path, ids: Iterable[str]) -> Iterator[str]:
    """The ids of the pages that the ledger calls duplicates of one of the documents ``ids``."""
    wanted = pa.array(sorted(ids), pa.string())
    for path in CorpusFolder(output).ledger():
        for _, known in _rows(path, ("id", "duplicate_of"), lambda batch: pc.is_in(batch["duplicate_of"], wanted)):
            yield known["id"]
