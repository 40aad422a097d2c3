"""Between pages and the rows of the tables in `parts`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from tesuki.filters.rules import Verdict
from tesuki.pipelines.journey.page import Duplicate, Fate, Page
from tesuki.pipelines.storage.columns import table_of
from tesuki.pipelines.storage.schemas import FATE_COLUMNS, JUDGED_COLUMNS, PAGE_COLUMNS, RECORD_KEY, SCORES
from tesuki.pipelines.storage.values import account_of, evidence_of


def page_rows(pages: Iterable[Page]) -> pa.Table:
    """Pages with their text, as `PAGES`."""
    return table_of(PAGE_COLUMNS, pages)


def judged_rows(pages: Iterable[Page]) -> pa.Table:
    """What is known of pages beside their text, as `JUDGED`."""
    return table_of(JUDGED_COLUMNS, pages)


def score_rows(scores: Iterable[tuple[str, float | None]]) -> pa.Table:
    """Pages' ids and scores, as `SCORES`."""
    return pa.Table.from_pylist([{"id": document, "score": score} for document, score in scores], SCORES)


def fate_rows(fates: Iterable[Fate]) -> pa.Table:
    """Fates as rows of the ledger, `FATES`."""
    return table_of(FATE_COLUMNS, fates)


def pages_of(table: pa.Table, subset: str) -> Iterator[Page]:
    """The pages in rows of `PAGES`."""
    for row in table.to_pylist():
        del row["id"]
        yield Page(
            **{
                **row,
                "subset": subset,
                "evidence": evidence_of(row["evidence"]),
                "extraction": account_of(row["extraction"]),
            }
        )


def fates_of(table: pa.Table) -> Iterator[Fate]:
    """The fates in rows of `FATES`."""
    for row in table.to_pylist():
        del row["url_hash"]
        yield Fate(**{**row, "url": row["url"] or "", "extraction": account_of(row["extraction"])})


def verdict_of(row: Mapping[str, Any]) -> Verdict:
    """The verdict in a row of `JUDGED`."""
    return Verdict(row["keep"], row["rule"], row["value"], row["threshold"])


def duplicate_of(row: Mapping[str, Any]) -> Duplicate:
    """What a row of `DROPS` says of the page it drops."""
    return Duplicate(row["duplicate_of"], row["band"], row["similarity"])


def record_keys(table: pa.Table) -> list[tuple[str, ...]]:
    """What names the record of each row, in the columns `RECORD_KEY`."""
    return [tuple(str(row[column]) for column in RECORD_KEY) for row in table.to_pylist()]
