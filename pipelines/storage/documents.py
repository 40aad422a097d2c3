"""The documents table: what is kept of a page, and the rows of it that `assemble` writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

import pyarrow as pa

from tesuki.pipelines.journey.chunk import Chunk
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.storage.columns import table_of
from tesuki.pipelines.storage.rows import fate_rows
from tesuki.pipelines.storage.schemas import DOCUMENT_COLUMNS

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
    return table_of(DOCUMENT_COLUMNS, pages)


def _place(page: Page) -> tuple[str, str]:
    return page.subset, page.level
