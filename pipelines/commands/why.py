"""`tesuki why`: the whole story of one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.corpus.manifest import Manifest, read_manifest
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.storage.values import url_hash


def story_of(output: Path, page: str) -> Iterator[str]:
    """Lines that tell what became of ``page``, a URL, document id or record id, in the corpus at ``output``.

    Every capture of the URL is told of. Raises `WorkError` where the corpus has never met the page.
    """
    manifest = read_manifest(output)
    kept = list(_rows(output, "documents", ("id", "record_id", "url"), page))
    left = list(_rows(output, "ledger", ("record_id", "url", "url_hash"), page, url_hash(page)))
    if not kept and not left:
        raise WorkError(
            f"{page}: no page of this corpus has this URL, document id or record id "
            f"({manifest.balance.read} records were read)"
        )
    for row in kept:
        yield from _kept_story(manifest, output, row)
    for row in left:
        yield from _left_story(row)


def _rows(output: Path, folder: str, columns: tuple[str, ...], *values: str) -> Iterator[Mapping[str, Any]]:
    for path in sorted((output / folder).rglob("*.parquet")):
        table = pq.read_table(path)
        found = pa.array([False] * table.num_rows, pa.bool_())
        for column in columns:
            found = pc.or_(found, pc.fill_null(pc.is_in(table[column], pa.array(values)), False))
        yield from table.filter(found).to_pylist()


def _kept_story(manifest: Manifest, output: Path, row: Mapping[str, Any]) -> Iterator[str]:
    yield f"{row['url']}"
    yield f"  document    {row['id']} – kept"
    yield f"  read        {row['archive']} at byte {row['offset']} ({row['length']} bytes), captured {row['date']}"
    yield f"  record      {row['record_id']}"
    replaced = f", {row['replacements']} characters replaced" if row["replacements"] else ""
    yield f"  decode      {row['encoding']}, known by {row['encoding_evidence']}{replaced}"
    yield f"  extract     {len(row['text'])} characters after mending, title {row['title']!r}"
    measures = ", ".join(f"{measure['name']} {measure['value']:.4g}" for measure in row["measures"])
    yield f"  measure     {measures}"
    cluster = row["cluster"]
    yield f"  deduplicate stands for {cluster['size'] - 1} others"
    for member in cluster["members"]:
        yield f"              {member['id']} {member['level']} {member['url']}"
    yield f"  mend        {len(row['edits'])} edits"
    for edit in row["edits"][:20]:
        yield f"              {edit['kind']} at {edit['position']}: {edit['before']!r} → {edit['after']!r}"
    yield f"  level       {row['level']} in subset {row['subset']}"
    for evidence in row["evidence"]:
        yield f"              {evidence['signal']} in {evidence['where']}: {evidence['value']!r} ({evidence['rule']})"
    yield from _shard_story(manifest, output, row["id"])


def _shard_story(manifest: Manifest, output: Path, document: str) -> Iterator[str]:
    for mixture in manifest.mixture:
        for shard in mixture.shards:
            table = CorpusFolder(output).open_shard(shard.path)
            row = pc.index(table["id"], document).as_py()
            if row >= 0:
                times = shard.times + (1 if row < shard.extra_rows else 0)
                tokens = table["length"][row].as_py()
                yield f"  shard       {shard.path} row {row}, {tokens} tokens, read {times} times a pass"
                return
    yield "  shard       in none: its subset repeats 0 times, or its level allows no split of its host"


def _left_story(row: Mapping[str, Any]) -> Iterator[str]:
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


def _figures(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return ""
    bound = "" if row["threshold"] is None else f" against {row['threshold']:.6g}"
    return f": {row['value']:.6g}{bound}"
