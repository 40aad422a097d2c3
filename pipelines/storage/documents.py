"""The documents table: what is kept of a page, and the rows of it that `assemble` writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import pyarrow as pa

from tesuki.pipelines.journey.chunk import Chunk
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.storage.rows import cluster_row, evidence_rows, fate_rows
from tesuki.pipelines.storage.schemas import DOCUMENTS

LEDGER = "ledger/{part}.parquet"
"""The ledger's table of a part."""

LEDGER_ORDER = ("offset", "record_id", "url_hash")
"""The order of the archive, whatever the chunks were, so that a row can be put in where a run would have put it."""


def document_tables(chunk: Chunk) -> Mapping[str, pa.Table]:
    """The rows of ``documents/``, apart by subset and level, and of ``ledger/``."""
    tables = {LEDGER: fate_rows(chunk.fates)}
    by_place = sorted(chunk.pages, key=_place)
    for (subset, level), pages in groupby(by_place, key=_place):
        tables[f"documents/{subset}/{level}/{{part}}.parquet"] = document_rows(pages)
    return tables


def document_rows(pages: Iterable[Page]) -> pa.Table:
    """Kept pages as `DOCUMENTS`."""
    return pa.Table.from_pylist([_row(page) for page in pages], DOCUMENTS)


def _place(page: Page) -> tuple[str, str]:
    return page.subset, page.level


def _row(page: Page) -> dict[str, Any]:
    return {
        "id": page.id,
        "record_id": page.record_id,
        "url": page.url,
        "date": page.date,
        "published": page.published,
        "title": page.title,
        "text": page.text,
        "encoding": page.encoding,
        "encoding_evidence": page.encoding_evidence,
        "replacements": page.replacements,
        "measures": [{"name": name, "value": value} for name, value in sorted(page.measures.items())],
        "level": page.level,
        "evidence": evidence_rows(page.evidence),
        "edits": [
            {"kind": edit.kind, "position": edit.position, "before": edit.before, "after": edit.after}
            for edit in page.edits
        ],
        "cluster": cluster_row(page.cluster),
        "archive": page.archive,
        "offset": page.offset,
        "length": page.length,
        "subset": page.subset,
        "characters": page.characters,
        "text_hash": page.text_hash,
    }
