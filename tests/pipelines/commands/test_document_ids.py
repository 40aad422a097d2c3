"""Document ids as bytes, and what is no id."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.commands.document_ids import keys_of
from tesuki.pipelines.errors import WorkError

IDS = st.lists(st.integers(0, (1 << 128) - 1))


@given(IDS, st.integers(0, 3))
def test_an_id_is_sixteen_bytes(numbers: list[int], start: int) -> None:
    """Of a slice, too: batches of a table are."""
    keys = keys_of(pa.array([f"{number:032x}" for number in numbers], pa.string()).slice(start))
    assert [int.from_bytes(key.ljust(16, b"\0")) for key in keys.tolist()] == numbers[start:]


@pytest.mark.parametrize("odd", ["", "0" * 31, "0" * 33, "g" + "0" * 31, "あ" * 32, "あ" * 10 + "00", None, "A" * 32])
def test_what_is_no_id(odd: str | None) -> None:
    with pytest.raises(WorkError, match="is no document id"):
        keys_of(pa.array(["0" * 32, odd], pa.string()))
