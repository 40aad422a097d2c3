"""Texts to be shown, by document id: of pages whose level allows it, and of no others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.levelling.shown import level_by_own_evidence
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.release_levels.levels import Level, parse_level


def kept_texts(output: Path, ids: Collection[str], shown: Collection[Level]) -> dict[str, str]:
    """Texts of the documents ``ids`` of the corpus at ``output``, of those whose level is ``shown``."""
    wanted = pa.array(sorted(ids), pa.string())
    found: dict[str, str] = {}
    for file in CorpusFolder(output).documents() if ids else ():
        if parse_level(file.level) in shown:
            with pq.ParquetFile(file.path) as table:
                for group in range(table.num_row_groups):
                    there = pc.is_in(table.read_row_group(group, columns=["id"])["id"], wanted)
                    if pc.any(there).as_py():
                        rows = table.read_row_group(group, columns=["id", "text"]).filter(there).to_pylist()
                        found |= {row["id"]: row["text"] for row in rows}
    return found


def rejected_texts(
    output: Path, recipe: Mapping[str, Any], subsets: Mapping[str, str], shown: Collection[Level]
) -> dict[str, str]:
    """Texts as they were extracted, from ``parts/``, of rejected pages by document id.

    ``subsets`` names the pages and the subset of each. None of a page whose own evidence gives it a level that is not
    ``shown``, nor of one that is not in ``parts/`` any more.
    """
    wanted = pa.array(sorted(subsets), pa.string())
    found: dict[str, str] = {}
    for path in sorted((output / "parts" / "pages").glob("*.pages.parquet")) if len(wanted) else ():
        with pq.ParquetFile(path) as table:
            for group in range(table.num_row_groups):
                there = pc.is_in(table.read_row_group(group, columns=["id"])["id"], wanted)
                if pc.any(there).as_py():
                    rows = table.read_row_group(group, columns=["id", "text", "evidence"]).filter(there).to_pylist()
                    for row in rows:
                        level = level_by_own_evidence(recipe, subsets[row["id"]], row["evidence"])
                        if row["text"] and level in shown:
                            found[row["id"]] = row["text"]
        if len(found) == len(wanted):
            break
    return found
