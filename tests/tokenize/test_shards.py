"""Shards: bytes that depend on rows alone, metadata that says what the ids are, and refusals before a byte."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.tokenize.document_contract import DocumentContract
from tesuki.tokenize.document_order import order_hashes
from tesuki.tokenize.shard_metadata import ShardMetadata, TokenizerStamp, read_metadata
from tesuki.tokenize.shards import ROWS_A_BATCH, ShardCounts, write_shard
from tesuki.tokenize.token_rows import (
    TokenRows,
    concatenate_rows,
    ordered_rows,
    rows_in_range,
    rows_of,
    take_rows,
)

CONTRACT = DocumentContract("bos text eos", 1, 2)
WIDE = ShardMetadata(TokenizerStamp("f" * 64, 100_000, CONTRACT), "ja_cc", "train", "0.5")
NARROW = ShardMetadata(TokenizerStamp("e" * 64, 65_536, CONTRACT), "ja_wiki", "test", "2")


def rows(texts: list[list[int]], dtype: str = "uint32", prefix: str = "d") -> TokenRows:
    """Framed documents ``d0``, ``d1``, … with these ids of text."""
    ids = [f"{prefix}{number}" for number in range(len(texts))]
    return rows_of(ids, [np.array([1, *text, 2], dtype=dtype) for text in texts], order_hashes(ids))


def written(some: TokenRows, metadata: ShardMetadata) -> bytes:
    sink = io.BytesIO()
    write_shard(sink, some, metadata, np.ones(len(some), dtype=np.bool_))
    return sink.getvalue()


TEXTS = st.lists(st.lists(st.integers(3, 65_535), max_size=6), min_size=1, max_size=20)


@given(texts=TEXTS)
def test_a_shard_gives_back_its_rows(texts: list[list[int]]) -> None:
    table = pa.ipc.open_stream(written(rows(texts), WIDE)).read_all()
    assert table["input_ids"].to_pylist() == [[1, *text, 2] for text in texts]
    assert table["length"].to_pylist() == [len(text) + 2 for text in texts]
    assert table["id"].to_pylist() == [f"d{number}" for number in range(len(texts))]
    assert read_metadata(table.schema, "x") == WIDE


@given(texts=TEXTS)
def test_a_narrow_vocabulary_is_stored_in_two_bytes(texts: list[list[int]]) -> None:
    table = pa.ipc.open_stream(written(rows(texts, "uint16"), NARROW)).read_all()
    assert table.schema.field("input_ids").type == pa.list_(pa.uint16())
    assert table["input_ids"].to_pylist() == [[1, *text, 2] for text in texts]


def test_the_same_rows_give_the_same_bytes_however_they_were_gathered() -> None:
    texts = [[n % 60_000 + 3] * (n % 7) for n in range(ROWS_A_BATCH * 2 + 5)]
    whole = rows(texts)
    pieces = [take_rows(whole, np.arange(low, min(low + 300, len(whole)))) for low in range(0, len(whole), 300)]
    assert written(concatenate_rows(pieces), WIDE) == written(whole, WIDE)
    batches = [batch.num_rows for batch in pa.ipc.open_stream(written(whole, WIDE))]
    assert batches == [ROWS_A_BATCH, ROWS_A_BATCH, 5]


def test_the_counts_are_those_written() -> None:
    some = rows([[5], [6, 7]])
    assert write_shard(io.BytesIO(), some, WIDE, np.array([True, True])) == ShardCounts(documents=2, tokens=7)


def test_a_forbidden_document_stops_the_shard_before_a_byte() -> None:
    sink = io.BytesIO()
    with pytest.raises(PermissionError, match=r"d1.*train.*'ja_cc'"):
        write_shard(sink, rows([[5], [6]]), WIDE, np.array([True, False]))
    assert sink.getvalue() == b""


def test_permission_is_asked_for_each_row() -> None:
    with pytest.raises(ValueError, match="expected 2 × bool"):
        write_shard(io.BytesIO(), rows([[5], [6]]), WIDE, np.array([True]))


@pytest.mark.parametrize(
    ("ids", "dtype", "message"),
    [
        ([1, 5, 2], "uint16", "uint16.*stored as uint32"),
        ([1, 100_000, 2], "uint32", "100000 is outside"),
        ([5, 2], "uint32", "document a does not keep"),
        ([1, 5], "uint32", "document a does not keep"),
        ([1], "uint32", "document a does not keep"),
    ],
)
def test_ids_that_break_the_tokenizers_word_are_refused(ids: list[int], dtype: str, message: str) -> None:
    broken = rows_of(["a"], [np.array(ids, dtype=dtype)], order_hashes(["a"]))
    with pytest.raises(ValueError, match=message):
        write_shard(io.BytesIO(), broken, WIDE, np.array([True]))


def test_a_file_that_is_no_shard_is_named() -> None:
    with pytest.raises(ValueError, match=r"other\.arrow: format"):
        read_metadata(pa.schema([("id", pa.string())]), "other.arrow")


def test_metadata_and_columns_must_agree() -> None:
    schema = pa.ipc.open_stream(written(rows([[5]]), WIDE)).schema
    claims = {**schema.metadata, b"tesuki.vocabulary_size": b"300"}
    with pytest.raises(ValueError, match=r"x\.arrow: columns.*uint32.*uint16"):
        read_metadata(schema.with_metadata(claims), "x.arrow")
    del claims[b"tesuki.eos"]
    with pytest.raises(ValueError, match=r"x\.arrow: shard metadata cannot be read"):
        read_metadata(schema.with_metadata(claims), "x.arrow")


def test_datasets_opens_a_shard_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "shard-00000-of-00001.arrow"
    texts = [[n + 3] * (n % 5) for n in range(2500)]
    path.write_bytes(written(rows(texts), WIDE))
    mapped = datasets.Dataset.from_file(str(path))
    assert mapped.column_names == ["id", "input_ids", "length"]
    assert mapped.features["input_ids"].feature.dtype == "uint32"
    assert mapped[2499] == {"id": "d2499", "input_ids": [1, *texts[2499], 2], "length": len(texts[2499]) + 2}
    loaded = datasets.load_dataset("arrow", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded[:]["input_ids"] == [[1, *text, 2] for text in texts]


@given(texts=TEXTS, data=st.data())
def test_taking_rows_takes_their_tokens(texts: list[list[int]], data: st.DataObject) -> None:
    some = rows(texts)
    order = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=30))
    taken = take_rows(some, np.array(order, dtype=np.int64))
    tokens = [taken.ids[low:high].tolist() for low, high in pairwise(taken.offsets)]
    assert tokens == [[1, *texts[row], 2] for row in order]
    assert taken.document_ids.to_pylist() == [f"d{row}" for row in order]


@given(texts=TEXTS, borders=st.lists(st.integers(0, 2**64 - 1), max_size=4))
def test_ranges_of_the_hash_order_part_the_rows(texts: list[list[int]], borders: list[int]) -> None:
    some = ordered_rows(rows(texts))
    assert (np.diff(some.hashes.astype(object)) >= 0).all()
    edges = [0, *sorted(borders), 2**64]
    parts = [rows_in_range(some, low, high) for low, high in pairwise(edges)]
    again = concatenate_rows(parts)
    assert again.document_ids.to_pylist() == some.document_ids.to_pylist()
    assert again.ids.tolist() == some.ids.tolist()
    assert again.offsets.tolist() == some.offsets.tolist()


def test_unequal_columns_are_refused() -> None:
    some = rows([[5]])
    with pytest.raises(ValueError, match="unequal"):
        TokenRows(some.document_ids, some.ids, some.offsets, some.hashes[:0])
    with pytest.raises(ValueError, match="ascend"):
        TokenRows(some.document_ids, some.ids, some.offsets + 1, some.hashes)
    with pytest.raises(ValueError, match="same one"):
        concatenate_rows([some, rows([[5]], "uint16")])
    with pytest.raises(ValueError, match="no documents"):
        rows_of([], [], order_hashes([]))
