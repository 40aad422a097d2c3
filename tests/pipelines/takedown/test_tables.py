"""The bytes of a table depend on its rows alone, not on the pieces they came in: what lets a take-down rewrite one."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from tesuki.pipelines.storage.files import parquet_file
from tesuki.pipelines.storage.part_writer import in_order, row_groups


def written(path: Path, pieces: list[pa.Table]) -> bytes:
    with parquet_file(path, pieces[0].schema) as writer:
        for group in row_groups(pieces):
            writer.write_table(group)
    return path.read_bytes()


@pytest.mark.parametrize("cuts", [(1,), (777, 1500), (2048,), (2047, 2049, 2900)])
def test_pieces_do_not_show(cuts: tuple[int, ...], tmp_path: Path) -> None:
    draw = random.Random(1)
    letters = [chr(code) for code in range(0x3041, 0x3090)]
    # Texts long enough for several pages of a column: one page would hide where the pieces end.
    texts = ["".join(draw.choices(letters, k=1000)) for _ in range(3000)]
    table = pa.table({"text": pa.array(texts, pa.large_string())})
    ends = [0, *cuts, len(texts)]
    pieces = [table.slice(start, end - start) for start, end in pairwise(ends)]
    assert written(tmp_path / "pieces", pieces) == written(tmp_path / "whole", [table])


def test_rows_are_put_where_a_run_has_them() -> None:
    rows = [{"offset": offset, "record_id": name} for offset, name in ((10, "a"), (10, "c"), (30, "a"))]
    late = [{"offset": 10, "record_id": "b"}, {"offset": 5, "record_id": "z"}]
    tables = [pa.Table.from_pylist(rows), pa.Table.from_pylist(late)]
    (ordered,) = in_order(tables, ("offset", "record_id"))
    assert [(row["offset"], row["record_id"]) for row in ordered.to_pylist()] == [
        (5, "z"),
        (10, "a"),
        (10, "b"),
        (10, "c"),
        (30, "a"),
    ]
    assert list(in_order(tables, ())) == tables
