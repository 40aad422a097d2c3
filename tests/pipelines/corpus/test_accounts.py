"""Characters inside a page: an account that does not close is found, whatever lies around it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.corpus.accounts import check_accounts, unaccounted
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.account import Account
from tesuki.pipelines.storage.schemas import EXTRACTION
from tesuki.pipelines.storage.values import account_row

REASONS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 9)), max_size=4, unique_by=lambda item: item[0])
ACCOUNTS = st.lists(
    st.none()
    | st.builds(Account, st.just("tesuki"), seen=st.integers(0, 20), taken=st.integers(0, 9), left_out=REASONS)
)


@given(ACCOUNTS, ACCOUNTS)
def test_it_says_of_each_page_what_the_account_says_of_itself(
    before: list[Account | None], accounts: list[Account | None]
) -> None:
    column = pa.array([account_row(each) for each in (*before, *accounts)], EXTRACTION).slice(len(before))
    rows, missing = unaccounted(column)
    assert rows.tolist() == [row for row, account in enumerate(accounts) if account is not None]
    assert (missing == 0).tolist() == [account.closes for account in accounts if account is not None]


def test_the_first_page_that_does_not_close_is_named(sample: Path, tmp_path: Path) -> None:
    tables = sorted(sample.glob("documents/*/*/*.parquet"))
    held = check_accounts([*tables, *sample.glob("ledger/*.parquet")])
    assert held > sum(pq.read_metadata(path).num_rows for path in tables)
    table = next(
        table
        for table in map(pq.read_table, tables)
        if np.asarray(table["extraction"].combine_chunks().is_valid()).any()
    )
    accounts = table["extraction"].to_pylist()
    place = next(row for row, account in enumerate(accounts) if account)
    accounts[place]["taken"] -= 3
    column = table.schema.get_field_index("extraction")
    path = tmp_path / "documents" / "changed.parquet"
    path.parent.mkdir()
    pq.write_table(table.set_column(column, "extraction", pa.array(accounts, EXTRACTION)), path)
    record = table["record_id"][place].as_py()
    with pytest.raises(WorkError, match=f"balance: 3 characters of page {record} in documents/changed.parquet"):
        check_accounts([path])
