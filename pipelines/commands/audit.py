"""What the index's language column misses: whole archives read, and each of their pages asked by our own detection."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tesuki.pipelines.commands.fetch import Plan
from tesuki.pipelines.corpus.page_store import extraction_of
from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.decoding.detect import detect
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.forecast import cpu_seconds
from tesuki.pipelines.experiments.replay import replay
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.judging.language import identify
from tesuki.pipelines.reading.input_lists import find_inputs
from tesuki.pipelines.reading.inputs import Input, identify_inputs
from tesuki.pipelines.reading.remote.address import name_of, remote_of
from tesuki.pipelines.reading.remote.fetch import RefusedError
from tesuki.pipelines.reading.remote.fetch import identify as identify_file
from tesuki.pipelines.reading.remote.index_plan import index_files, index_word, opened_index
from tesuki.pipelines.reading.remote.index_records import coalesced
from tesuki.pipelines.reading.remote.index_rows import ROWS, Only, index_rows, wanted_rows
from tesuki.pipelines.reading.sources import WHOLE, Source
from tesuki.pipelines.recipe.sections import Extraction

LABELLED = pa.schema([*ROWS, ("content_languages", pa.string())])
"""Rows with what the index says of their language."""

EXAMPLES = 5
"""Addresses told of what is missed: those whose hash is least."""


@dataclass(slots=True)
class Audit:
    """What was found in some archives. ``rows`` have a record there; ``japanese`` of them are so by our detection,
    ``wanted`` by the index, ``both`` by both; ``missed`` counts Japanese rows that are not wanted by what the index
    says of them, ``encodings`` the same by encoding. Bytes are those on disk, CPU in seconds.
    """

    bytes: int = 0
    rows: int = 0
    japanese: int = 0
    wanted: int = 0
    both: int = 0
    wanted_bytes: int = 0
    requests: int = 0
    cpu: float = 0.0
    missed: Counter[str] = field(default_factory=Counter)
    encodings: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def __add__(self, other: Audit) -> Audit:
        """Both together."""
        return Audit(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Audit)))


def audit(plan: Plan, count: int) -> Iterator[str]:
    """Read ``count`` whole archives that the plan's index names, and say what its language column misses there.

    Which archives is decided by a hash of their names. What ``plan.where`` asks beside the language bounds the rows
    that are compared, and so do the files of the index: rows of others are not known. Raises `RequestError` where the
    index names nothing, or an archive that is not there.
    """
    if not plan.where.languages:
        raise RequestError("--audit: asks what --language misses; leave --any-language out")
    plan.output.mkdir(parents=True, exist_ok=True)
    words = [index_word(word, plan.base) for word in plan.index]
    names = find_inputs(words, Path(), "fetch", plan.output, plan.base, plan.manners)
    inputs = identify_inputs({"index": index_files(names, "fetch")}, plan.output / "inputs.json", plan.manners)
    rows = _rows_of(plan, inputs, _chosen(plan, inputs, count))
    total = Audit()
    for archive in sorted(set(rows["warc_filename"].to_pylist())):
        found = _audited(plan, archive, rows.filter(pc.equal(rows["warc_filename"], archive)))
        yield from _told(name_of(f"x:/{archive}"), found)
        total += found
    if not total.rows:
        raise RequestError("--audit: the index names no record that is wanted whatever its language")
    yield from _told("in all", total)
    if total.examples:
        examples = sorted(total.examples, key=_hash)[:EXAMPLES]
        yield f"missed, for example: {' '.join(map(printable, examples))}"


def _hash(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()


def _chosen(plan: Plan, inputs: Sequence[Input], count: int) -> pa.Array:
    """Of the archives that the first file of the index names, those ``count`` whose hash is least."""
    anything = replace(plan.where, languages=())
    with opened_index(inputs[0], plan.manners) as source:
        names = pc.unique(wanted_rows(source, inputs[0].archive, anything)["warc_filename"]).to_pylist()
    return pa.array(sorted(names, key=_hash)[:count], pa.string())


def _rows_of(plan: Plan, inputs: Sequence[Input], archives: pa.Array) -> pa.Table:
    anything, only = replace(plan.where, languages=()), Only("warc_filename", archives)
    found = [LABELLED.empty_table()]
    for entry in inputs:
        with opened_index(entry, plan.manners) as source:
            found.append(wanted_rows(source, entry.archive, anything, only, LABELLED))
    return pa.concat_tables(found).sort_by([("warc_filename", "ascending"), ("warc_record_offset", "ascending")])


def _audited(plan: Plan, archive: str, rows: pa.Table) -> Audit:
    try:
        remote = identify_file(f"{plan.base.rstrip('/')}/{archive.lstrip('/')}", plan.manners)
    except RefusedError as failure:
        raise RequestError(f"--audit: {failure}") from None
    languages = dict(zip(rows["warc_record_offset"].to_pylist(), rows["content_languages"].to_pylist(), strict=True))
    before = cpu_seconds()
    japanese = dict(_japanese(plan, remote.pinned, frozenset(languages)))
    found = Audit(bytes=remote.size, rows=rows.num_rows, japanese=len(japanese), cpu=cpu_seconds() - before)
    wanted = []
    for row in index_rows(rows):
        said = languages[row.offset] or ""
        if set(said.split(",")) & set(plan.where.languages):
            wanted.append(row)
        elif row.offset in japanese:
            found.missed[said or "no language"] += 1
            found.encodings[japanese[row.offset]] += 1
            found.examples.append(row.url)
    spans = list(coalesced([row for row in wanted if row.sound]))
    found.wanted, found.requests = len(wanted), len(spans)
    found.both = sum(row.offset in japanese for row in wanted)
    found.wanted_bytes = sum(max(row.offset + row.length for row in span) - span[0].offset for span in spans)
    return found


def _japanese(plan: Plan, pinned: str, offsets: frozenset[int]) -> Iterator[tuple[int, str]]:
    """(offset, encoding) of the records at ``offsets`` that stations 2 to 5 let pass."""
    archive = name_of(remote_of(pinned).address)
    source = Source("warc", {}, {archive: pinned}, plan.manners)
    with extraction_of(Extraction())() as extract:
        stations = (("detect", detect("kana-bytes")), ("decode", decode), ("extract", extract), ("identify", identify))
        for item in source.read(Range("audit", pinned, archive, 0, WHOLE)):
            if item.offset in offsets:
                last = list(replay(stations, item))[-1].item
                if isinstance(last, Page):
                    yield last.offset, last.encoding


def _told(name: str, found: Audit) -> Iterator[str]:
    yield f"{printable(name)}: {found.rows:,} rows of the index, {found.japanese:,} Japanese by our own detection"
    yield (
        f"  wanted by the index: {found.wanted:,}, of them Japanese {found.both:,}: recall "
        f"{_share(found.both, found.japanese)}, precision {_share(found.both, found.wanted)}"
    )
    if found.missed:
        yield f"  missed {found.missed.total():,}, of which the index says: {_most(found.missed)}"
        yield f"  encodings of these: {_most(found.encodings)}"
    yield (
        f"  to fetch what is wanted: {found.wanted_bytes / 1e6:,.1f} of {found.bytes / 1e6:,.1f} MB in "
        f"{found.requests:,} requests; all read here with {found.cpu:,.1f} s of CPU"
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def _most(counts: Counter[str]) -> str:
    shown = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in shown[8:])
    told = [f"{printable(name)} {count:,}" for name, count in shown[:8]]
    return ", ".join([*told, *([f"others {rest:,}"] if rest else [])])
