"""Inside a page, too, the balance closes: characters seen = taken + left out, of every page that was extracted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.printable import printable

ROWS_AT_ONCE = 20_000
"""Accounts that are held at a time; some 100 bytes each."""


def check_accounts(tables: Iterable[Path]) -> int:
    """How many pages in ``tables`` (documents, ledger) have an account of their characters.

    Raises `WorkError` naming the first one whose account does not close (`tesuki.pipelines.journey.account.Account`).
    """
    pages = 0
    for path in tables:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=["record_id", "extraction"]):
                rows, missing = unaccounted(batch["extraction"])
                pages += len(rows)
                if missing.any():
                    place = int(np.flatnonzero(missing)[0])
                    record = printable(str(batch["record_id"][int(rows[place])].as_py()))
                    raise WorkError(
                        f"balance: {int(missing[place])} characters of page {record} in {path.parent.name}/{path.name} "
                        "are unaccounted for at station extract; remove parts/ and run again"
                    )
    return pages


def unaccounted(accounts: pa.StructArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The rows of ``accounts`` that hold one, and of each how many characters it does not account for."""
    rows = np.flatnonzero(np.asarray(accounts.is_valid()))
    known = accounts.drop_null()
    left_out = pc.struct_field(known, "left_out")
    lengths = np.asarray(pc.fill_null(pc.list_value_length(left_out), 0))
    counts = np.asarray(pc.struct_field(left_out.flatten(), "characters"), dtype=np.int64)
    sums = np.concatenate(([0], np.cumsum(counts)))
    ends = np.cumsum(lengths)
    return rows, _field(known, "seen") - _field(known, "taken") - (sums[ends] - sums[ends - lengths])


def _field(accounts: pa.StructArray, name: str) -> npt.NDArray[np.int64]:
    values: npt.NDArray[Any] = np.asarray(pc.struct_field(accounts, name), dtype=np.int64)
    return values
