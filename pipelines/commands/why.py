"""`tesuki why`: the whole story of one page, or of many in a line each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tesuki.filters.rule_table import rule_of_row
from tesuki.filters.rules import Rule
from tesuki.pipelines.commands.page_index import PageIndex, Row, open_page_index, read_columns
from tesuki.pipelines.corpus.manifest import Manifest, MixtureEntry, read_manifest
from tesuki.pipelines.corpus.remaining import measured_table
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.judging.preset import RULES
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.tokens.buckets import declared_buckets
from tesuki.release_levels.decision import decide
from tesuki.release_levels.evidence import Evidence
from tesuki.release_levels.levels import Level, Use
from tesuki.release_levels.policy import packaged_policy
from tesuki.tokenize.buckets import row_name, shown_bounds

BATCH = frozenset({"text", "edits", "cluster", "evidence", "measures", "scores", "title"})
"""Columns of documents that an answer of one line does without."""

SNIPPET = 8
"""Characters from which what is no name of a page is looked for in the texts."""


def story_of(output: Path, page: str) -> Iterator[str]:
    """Lines that tell what became of ``page`` in the corpus at ``output``.

    A URL however it is spelled (scheme, ``www.``, slash, fragment, percent), a document id, a record id or some words
    of a text. Every capture is told of. Nothing that would move a terminal is in the lines. Raises `WorkError` where
    the corpus has never met the page, or a table of it cannot be read.
    """
    manifest = read_manifest(output)
    for row in captures_of(output, manifest, page):
        yield from story_of_row(manifest, output, row)


def story_of_row(manifest: Manifest, output: Path, row: Row, *, quoted: bool = True) -> Iterator[str]:
    """The story of the page in a ``row`` of the index; nothing of its title and text is ``quoted`` unless it may be."""
    if not row["kept"]:
        lines = _left_story(manifest, output, row)
    elif quoted:
        lines = chain(_provenance(row), _text_story(row), _standing(manifest, output, row))
    else:
        lines = chain(_provenance(row), _standing(manifest, output, row))
    return map(printable, lines)


def story_as_json(output: Path, page: str) -> Iterator[str]:
    """The same for programs: one JSON object for each capture."""
    manifest = read_manifest(output)
    for row in captures_of(output, manifest, page):
        told = {name: str(value) if isinstance(value, Path) else value for name, value in row.items()}
        judged = _judged(manifest, row["measures"] if row["kept"] else _measures_of(output, row))
        told["rules"] = [
            {
                "rule": f"quality.{rule.name}",
                "value": value,
                "rejects_where": rule.comparison,
                "threshold": rule.threshold,
                "fails": fails,
            }
            for rule, value, fails in judged
        ]
        if row["kept"]:
            told["reason"], told["uses"] = _reason(manifest, row), _uses(row["level"])
            bucket = _bucket(manifest, row)
            told["bucket"] = bucket and {"row": bucket.subset, "holds": bucket.holds, "repeats": bucket.repeats}
        yield json.dumps(told, ensure_ascii=False, sort_keys=True)


def stories_of(output: Path, pages: Iterable[str]) -> Iterator[str]:
    """One JSON object for each of many ``pages``: what was found of it, without reading any text."""
    read_manifest(output)
    asked = [page.strip() for page in pages if page.strip()]
    found = open_page_index(output).find(asked, BATCH)
    for page in asked:
        yield json.dumps({"page": page, "found": [_in_a_line(row) for row in found[page]]}, ensure_ascii=False)


def captures_of(output: Path, manifest: Manifest, page: str) -> list[Row]:
    """The rows of every capture of ``page``, kept ones first. Raises `WorkError` where there is none."""
    index = open_page_index(output)
    rows = index.find([page])[page] or _by_text(index, page)
    if not rows:
        raise WorkError(
            f"{printable(page)}: no page of this corpus has this URL, document id, record id or text "
            f"({manifest.balance.read} records were read)"
        )
    return sorted(rows, key=lambda row: not row["kept"])


def _by_text(index: PageIndex, page: str) -> list[Row]:
    return list(index.with_text(page)) if len(page) >= SNIPPET and "://" not in page else []


def _in_a_line(row: Row) -> dict[str, Any]:
    about = {"fate": "kept" if row["kept"] else row["fate"], "id": row["id"], "record_id": row["record_id"]}
    about |= {"archive": row["archive"], "offset": row["offset"], "subset": row["subset"]}
    if row["kept"]:
        return about | {"url": row["url"], "level": row["level"], "uses": _uses(row["level"])}
    why = ("station", "rule", "value", "threshold", "duplicate_of")
    return about | {"url": row["url"], **{name: row[name] for name in why}}


def _uses(level: str) -> list[str]:
    return [use for use in get_args(Use) if Level[level].allows(use)]


def _reason(manifest: Manifest, row: Row) -> str:
    """Why a document has its level, in the words of the policy."""
    subset = manifest.recipe["subsets"][row["subset"]]
    name = manifest.recipe["policy"]["file"]
    try:
        policy = packaged_policy(name)
    except (OSError, ValueError):
        return f"decided by the policy {name}, which is not in the corpus"
    evidence = [Evidence(**each) for each in row["evidence"]]
    default, given = (Level[subset[field]] if subset[field] else None for field in ("default_level", "level"))
    decision = decide(policy, evidence, subset_default=default, subset_level=given)
    if decision.level.name == row["level"]:
        return decision.reason
    return f"the strictest of its duplicates is {row['cluster']['strictest']}"


def _judged(manifest: Manifest, measures: Iterable[Mapping[str, Any]]) -> list[tuple[Rule, float, bool]]:
    """Each rule of the corpus whose measures were taken, with the value it met and whether that fails."""
    tables = [record["rules"] for record in manifest.lists if record.get("list") == RULES]
    values = {measure["name"]: measure["value"] for measure in measures}
    rules = [rule_of_row(row) for table in tables for row in table]
    return [
        (rule, values[rule.measure], rule.fails(values) is not None)
        for rule in rules
        if {rule.measure, *rule.unless} <= set(values)
    ]


def _measures_of(output: Path, row: Row) -> list[dict[str, Any]]:
    """The measures of a page that left, where ``parts/`` still has them."""
    path = measured_table(output / "parts", row["file"].stem)
    if not row["id"] or path is None:
        return []
    table = read_columns(path, ["id", "measures"])
    found = table.filter(pc.equal(table["id"], row["id"])).to_pylist()
    return [{"name": name, "value": value} for name, value in found[0]["measures"]] if found else []


def _rule_lines(manifest: Manifest, measures: list[dict[str, Any]]) -> Iterator[str]:
    judged = _judged(manifest, measures)
    ruled = {rule.measure for rule, _, _ in judged}
    for rule, value, failing in judged:
        fails = " – fails" if failing else ""
        bound = f"{rule.comparison} {rule.threshold:.6g}"
        yield f"  measure     {rule.measure} {value:.6g}; quality.{rule.name} rejects where {bound}{fails}"
    for measure in measures:
        if measure["name"] not in ruled:
            yield f"  measure     {measure['name']} {measure['value']:.6g}; no rule asks"


def _provenance(row: Row) -> Iterator[str]:
    yield f"{row['url']}"
    yield f"  document    {row['id']} – kept"
    yield f"  read        {row['archive']} at byte {row['offset']} ({row['length']} bytes), captured {row['date']}"
    yield f"  record      {row['record_id']}"
    replaced = f", {row['replacements']} characters replaced" if row["replacements"] else ""
    yield f"  decode      {row['encoding']}, known by {row['encoding_evidence']}{replaced}"


def _text_story(row: Row) -> Iterator[str]:
    yield f"  extract     {len(row['text'])} characters after mending, title {row['title']!r}"
    yield f"  mend        {len(row['edits'])} edits"
    for edit in row["edits"][:20]:
        yield f"              {edit['kind']} at {edit['position']}: {edit['before']!r} → {edit['after']!r}"


def _standing(manifest: Manifest, output: Path, row: Row) -> Iterator[str]:
    yield from _rule_lines(manifest, row["measures"])
    for score in row["scores"]:
        yield f"  score       {score['name']} {score['value']:.6g}"
    cluster = row["cluster"]
    yield f"  deduplicate stands for {cluster['size'] - 1} others"
    for member in cluster["members"]:
        yield f"              {member['id']} {member['level']} {member['url']}"
    yield f"  level       {row['level']} in subset {row['subset']}: {_reason(manifest, row)}"
    yield f"  uses        {', '.join(_uses(row['level'])) or 'none'}"
    for evidence in row["evidence"]:
        yield f"              {evidence['signal']} in {evidence['where']}: {evidence['value']!r} ({evidence['rule']})"
    if bucket := _bucket(manifest, row):
        yield f"  bucket      {bucket.subset}: {shown_bounds(bucket.holds)}, repeats {bucket.repeats}"
    yield from _shard_story(manifest, output, row["id"])


def _bucket(manifest: Manifest, row: Row) -> MixtureEntry | None:
    """The row of the mixture that a document's scores put it in; None where its subset has no buckets."""
    rows = {each.subset: each for each in manifest.mixture if each.split == "train"}
    if row["subset"] in rows or not rows:
        return None
    buckets = declared_buckets(manifest.asked, {name: each.holds for name, each in rows.items()})[row["subset"]]
    scores = {each["name"]: each["value"] for each in row["scores"]}
    values = {axis.score: np.array([scores.get(axis.score, np.nan)]) for axis in buckets.axes}
    return rows[row_name(row["subset"], buckets.names[int(buckets.places(values)[0])])]


def _shard_story(manifest: Manifest, output: Path, document: str) -> Iterator[str]:
    for mixture in manifest.mixture:
        for shard in mixture.shards:
            try:
                table = CorpusFolder(output).open_shard(shard.path)
            except (OSError, pa.ArrowException) as failure:
                raise WorkError(f"{shard.path}: cannot be read ({failure}); see tesuki verify") from None
            row = pc.index(table["id"], document).as_py()
            if row >= 0:
                times = shard.times + (1 if row < shard.extra_rows else 0)
                tokens = table["length"][row].as_py()
                yield f"  shard       {shard.path} row {row}, {tokens} tokens, read {times} times a pass"
                return
    yield "  shard       in none: it is repeated 0 times, or its level allows no split of its host"


def _left_story(manifest: Manifest, output: Path, row: Mapping[str, Any]) -> Iterator[str]:
    yield f"{row['url'] or 'an address that is not kept, hash ' + row['url_hash']}"
    yield f"  record      {row['record_id']}"
    yield f"  read        {row['archive']} at byte {row['offset']} ({row['length']} bytes)"
    if row["encoding"]:
        yield f"  decode      {row['encoding']}"
    yield f"  fate        {row['fate']} at station {row['station']} by {row['rule']}{_figures(row)}"
    if row["duplicate_of"]:
        yield f"              of document {row['duplicate_of']}"
    if row["detail"]:
        yield f"              {row['detail']}"
    yield from _rule_lines(manifest, _measures_of(output, row))


def _figures(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return ""
    bound = "" if row["threshold"] is None else f" against {row['threshold']:.6g}"
    return f": {row['value']:.6g}{bound}"
