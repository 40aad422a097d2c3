"""Arrays as bytes: what was packed comes back, and a claim is never dearer for being alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.dedup.claims import EDGE, claim_type
from tesuki.pipelines.deduplication.chains import NUMBER, POINTER
from tesuki.pipelines.deduplication.numbering import units_of
from tesuki.pipelines.deduplication.packing import packed, unpacked

TYPES = [claim_type(1), claim_type(2), EDGE, POINTER, NUMBER]


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@given(seed=st.integers(0, 2**32 - 1), rows=st.lists(st.integers(0, 60), max_size=4))
def test_what_was_packed_comes_back_in_order(dtype: np.dtype, seed: int, rows: list[int]) -> None:
    draw = np.random.default_rng(seed)
    blocks = [np.frombuffer(draw.bytes(count * dtype.itemsize), dtype=dtype) for count in rows]
    if dtype == POINTER:
        blocks = [block.copy() for block in blocks]
        for block in blocks:
            block["ended"] = draw.integers(0, 2, len(block))
    back = unpacked(map(packed, blocks), dtype)
    assert back.dtype == dtype
    assert back.tobytes() == b"".join(block.tobytes() for block in blocks)
    assert back.flags.writeable


def test_a_row_alone_costs_a_byte_and_many_alike_cost_less_than_their_bytes() -> None:
    claims = np.zeros(500, dtype=claim_type(1))
    claims["key"][:, 0] = np.random.default_rng(1).integers(0, 2**63, 500)
    claims["priority"] = 2**64 - 20250101000000
    claims["document"] = np.arange(500) + (7 << 32)
    assert len(packed(claims[:1])) == 25
    assert len(packed(claims)) < 13 * 500


@given(st.lists(st.integers(0, 20), max_size=30), st.integers(1, 60))
def test_units_are_all_files_in_order_and_no_smaller_than_asked_but_the_last(rows: list[int], least: int) -> None:
    units = list(units_of(rows, least))
    assert [part for first, stop in units for part in range(first, stop)] == list(range(len(rows)))
    assert all(sum(rows[first:stop]) >= least for first, stop in units[:-1])
    assert all(sum(rows[first : stop - 1]) < least for first, stop in units)
