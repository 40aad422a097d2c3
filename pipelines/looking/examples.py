"""From a rule to pages that it turned away, with their texts where these are kept and may be shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq

from tesuki.pipelines.storage.corpus_folder import CorpusFolder

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
