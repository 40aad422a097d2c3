"""The command ``tesuki fetch``: by the crawl's index, the records that are wanted, as WARC files on this machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.levelling.host_files import hosts_of_parts
from tesuki.pipelines.reading.input_lists import find_inputs
from tesuki.pipelines.reading.inputs import Input, identify_inputs, remember_inputs
from tesuki.pipelines.reading.remote.address import checked_address, is_address
from tesuki.pipelines.reading.remote.index_plan import ROWS_A_PART, crawl_base, index_files, index_word, opened_index
from tesuki.pipelines.reading.remote.index_records import FATES, fetch_rows
from tesuki.pipelines.reading.remote.index_rows import IndexRow, Only, Where, rows_of
from tesuki.pipelines.reading.remote.manners import Manners, pace_of
from tesuki.pipelines.storage.files import atomic_file, parquet_file, remove_unfinished
from tesuki.pipelines.storage.lock import locked
from tesuki.pipelines.storage.names import digest
from tesuki.pipelines.storage.sealed_json import write_sealed

FATE_ROWS = pa.schema(
    [
        ("warc_filename", pa.string()),
        ("warc_record_offset", pa.int64()),
        ("warc_record_length", pa.int64()),
        ("url", pa.string()),
        ("fate", pa.string()),
        ("offset", pa.int64()),
    ]
)
"""What became of each row of the index that was wanted; ``offset`` is where its record lies in the file beside."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to fetch and how: files of the index, the rows wanted, where archives lie, the size of a file here.

    With ``robots_of``, a corpus with its ``parts/``, captures of robots.txt of its hosts.
    """

    index: tuple[str, ...]
    where: Where
    base: str
    output: Path
    file_bytes: int
    manners: Manners
    robots_of: Path | None = None


def manners_for(output: Path, agent: str, per_second: float, requests: int | None, megabytes: int | None) -> Manners:
    """How files are asked for; all that fetch into ``output`` keep one pace."""
    budget = None if megabytes is None else megabytes * 1_000_000
    return Manners(agent, per_second, str((output / "fetching.json").absolute()), requests, budget)


def fetch(plan: Plan) -> Iterator[str]:
    """Fetch, file by file, and say what became of the rows. What is there already is not fetched again.

    Raises `RequestError` for a wrong index, `WorkError` where a row has not exactly one fate.
    """
    if is_address(str(plan.output)):
        raise RequestError(f"--output: {plan.output} is an address; records are written to a folder of this machine")
    checked_address(f"{plan.base.rstrip('/')}/x", "--base")
    plan.output.mkdir(parents=True, exist_ok=True)
    with locked(plan.output):
        remove_unfinished(plan.output)
        known = plan.output / "inputs.json"
        words = [index_word(word, plan.base) for word in plan.index]
        names = find_inputs(words, Path(), "fetch", plan.output, plan.base, plan.manners)
        subset, only = "warc", None
        if plan.robots_of:
            subset, only = "robotstxt", Only("url_host_name", _hosts_of(plan.robots_of))
        inputs = identify_inputs({"index": index_files(names, "fetch", subset)}, known, plan.manners)
        remember_inputs(inputs, known)
        total: Counter[str] = Counter()
        for entry in inputs:
            fates = _fetch_of(entry, plan, only)
            total += fates
            yield f"{entry.archive}: {_shown(fates)}"
        pace = pace_of(plan.manners)
        made = {
            "index": [entry.identity() for entry in inputs],
            "where": plan.where.value(),
            "base": plan.base,
            "rows": sum(total.values()),
            "fates": {fate: total[fate] for fate in FATES},
        }
        write_sealed(plan.output / "fetched.json", made)
        yield f"in all: {_shown(total)}; {pace.requests:,} requests, {pace.bytes / 1e6:,.1f} MB in all runs so far"


def _hosts_of(corpus: Path) -> pa.Array:
    """The hosts of the pages that came as far as station 6, sorted. Raises `RequestError` where parts are gone."""
    judged = sorted((corpus / "parts" / "judged").glob("*.judged.parquet"))
    hosts = sorted({host for host in hosts_of_parts(judged) if host})
    if not hosts:
        raise RequestError(f"--robots-of: {corpus} has no parts/ with pages; name a corpus whose recipe keeps them")
    return pa.array(hosts, pa.string())


def _fetch_of(entry: Input, plan: Plan, only: Only | None) -> Counter[str]:
    wanted = {
        "index": entry.identity(),
        "where": plan.where.value(),
        "base": crawl_base(plan.base),
        "file_bytes": plan.file_bytes,
    }
    if only:
        wanted["only"] = digest([only.column, only.values.to_pylist()])
    name = f"{Path(entry.archive).stem}-{digest(wanted)[:12]}"
    with opened_index(entry, plan.manners) as source:
        rows = rows_of(source, entry.archive, plan.where, only)
    fates: Counter[str] = Counter()
    for number, group in enumerate(_groups(rows, plan.file_bytes)):
        target = plan.output / f"{name}-{number:05d}.warc.gz"
        table = target.with_name(f"{target.name.removesuffix('.warc.gz')}.rows.parquet")
        if not (target.is_file() and table.is_file()):
            _write(target, table, group, plan)
        found = Counter(pq.read_table(table, columns=["fate"])["fate"].to_pylist())
        if sum(found.values()) != len(group) or not found.keys() <= set(FATES):
            raise WorkError(f"{table}: {sum(found.values())} rows, the index has {len(group)}; remove it and run again")
        fates += found
    return fates


def _write(target: Path, table: Path, rows: Sequence[IndexRow], plan: Plan) -> None:
    """The records of ``rows`` to ``target``, and then what became of each row to ``table``."""
    told: list[Mapping[str, Any]] = []
    with atomic_file(target) as sink:
        for found in fetch_rows(rows, plan.base, plan.manners):
            row = found.row
            place = sink.tell() if found.raw else None
            sink.write(found.raw)
            values = (row.archive, row.offset, row.length, row.url, found.fate, place)
            told.append(dict(zip(FATE_ROWS.names, values, strict=True)))
    with parquet_file(table, FATE_ROWS) as writer:
        writer.write_table(pa.Table.from_pylist(sorted(told, key=_place), schema=FATE_ROWS))


def _place(row: Mapping[str, Any]) -> tuple[str, int]:
    return row["warc_filename"], row["warc_record_offset"]


def _groups(rows: Sequence[IndexRow], size: int) -> Iterator[list[IndexRow]]:
    """``rows`` in groups of at least ``size`` bytes of records, but the last and those of `ROWS_A_PART` rows."""
    held: list[IndexRow] = []
    weight = 0
    for row in rows:
        held.append(row)
        weight += row.length if row.sound else 0
        if weight >= size or len(held) == ROWS_A_PART:
            yield held
            held, weight = [], 0
    if held:
        yield held


def _shown(fates: Mapping[str, int]) -> str:
    told = ", ".join(f"{fate} {fates[fate]:,}" for fate in FATES if fates.get(fate))
    return f"{sum(fates.values()):,} rows: {told or 'none wanted'}"
