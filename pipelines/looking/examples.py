"""From a rule to pages that it turned away, with their texts where these are kept and may be shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.looking.shown import level_by_own_evidence
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.release_levels.levels import Level

EXAMPLES = 20
"""Pages shown of a rule."""

SHOWN = 2_000
"""Characters shown of each."""


@dataclass(frozen=True, slots=True)
class Example:
    """A page that left by a rule, without its text."""

    record_id: str
    id: str | None
    url: str | None
    fate: str
    value: float | None
    threshold: float | None
    subset: str
    characters: int


_COLUMNS = [*Example.__dataclass_fields__]


def examples_of(output: Path, rule: str, most: int = EXAMPLES) -> list[Example]:
    """Pages that left by ``rule``, those nearest to its bound first among the first thousand of them.

    Withheld pages are left out: of them nothing is shown.
    """
    rows = list(islice(_left_by(CorpusFolder(output).ledger(), rule), 1000))
    return sorted(rows, key=_distance)[:most]


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


def _left_by(ledger: Collection[Path], rule: str) -> Iterator[Example]:
    for path in ledger:
        table = pq.read_table(path, columns=[*_COLUMNS, "rule"], filters=[("rule", "=", rule)])
        for row in table.drop_columns(["rule"]).to_pylist():
            if row["fate"] != "withheld":
                yield Example(**row)


def _distance(example: Example) -> float:
    if example.value is None or example.threshold is None:
        return 0.0
    return abs(example.value - example.threshold)
