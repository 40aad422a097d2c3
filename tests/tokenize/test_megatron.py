"""Megatron's files, byte by byte as docs/shards.md writes the layout down, and weights that sum to the pass."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.tokenize.document_contract import DocumentContract
from tesuki.tokenize.document_order import order_hashes
from tesuki.tokenize.listed_shards import ListedMixture, ListedShard
from tesuki.tokenize.megatron import data_path, megatron_dtype, megatron_pieces, write_ids, write_index, write_piece
from tesuki.tokenize.shard_metadata import ShardMetadata, TokenizerStamp
from tesuki.tokenize.shards import write_shard
from tesuki.tokenize.token_rows import rows_of

CONTRACT = DocumentContract("bos text eos", 1, 2)
TEXTS = [[1, 5, 2], [1, 2], [1, 6, 7, 8, 2]]


def shard(vocabulary_size: int) -> io.BytesIO:
    dtype = np.uint16 if vocabulary_size <= 65_536 else np.uint32
    ids = [f"d{number}" for number in range(len(TEXTS))]
    rows = rows_of(ids, [np.array(text, dtype=dtype) for text in TEXTS], order_hashes(ids))
    metadata = ShardMetadata(TokenizerStamp("f" * 64, vocabulary_size, CONTRACT), "ja_cc", "train", "1")
    sink = io.BytesIO()
    write_shard(sink, rows, metadata, np.ones(3, dtype=np.bool_))
    sink.seek(0)
    return sink


def listed(times: int, extra_rows: int, extra_tokens: int) -> ListedShard:
    path = "shards/train/ja_cc/shard-00000-of-00001.arrow"
    return ListedShard(path, "ja_cc", 3, 10, times, extra_rows, extra_tokens)


@pytest.mark.parametrize(("vocabulary_size", "code", "number", "width"), [(1000, 8, "H", 2), (100_000, 4, "i", 4)])
def test_the_layout_byte_by_byte(vocabulary_size: int, code: int, number: str, width: int) -> None:
    (piece,) = megatron_pieces([listed(1, 0, 0)])
    ids, index = io.BytesIO(), io.BytesIO()
    write_piece(shard(vocabulary_size), piece, ids, index)
    assert ids.getvalue() == struct.pack(f"<10{number}", 1, 5, 2, 1, 2, 1, 6, 7, 8, 2)
    assert index.getvalue() == b"".join(
        (
            b"MMIDIDX\x00\x00",
            (1).to_bytes(8, "little"),
            bytes([code]),
            (3).to_bytes(8, "little"),
            (4).to_bytes(8, "little"),
            struct.pack("<3i", 3, 2, 5),
            struct.pack("<3q", 0, 3 * width, 5 * width),
            struct.pack("<4q", 0, 1, 2, 3),
        )
    )


def test_a_declared_split_makes_two_pieces() -> None:
    head, tail = megatron_pieces([listed(2, 2, 5)])
    assert (head.weight, tail.weight) == (15, 10)  # 5 tokens three times, the other 5 twice
    ids, index = io.BytesIO(), io.BytesIO()
    write_piece(shard(1000), tail, ids, index)
    assert ids.getvalue() == struct.pack("<5H", *TEXTS[2])
    assert index.getvalue()[18:34] == struct.pack("<QQ", 1, 2)
    assert data_path((head, tail), "out/") == (
        "15 out/ja_cc/shard-00000-of-00001-head 10 out/ja_cc/shard-00000-of-00001-tail"
    )


def test_rows_that_are_not_read_are_not_exported() -> None:
    assert megatron_pieces([listed(0, 0, 0)]) == ()
    assert [piece.end_row for piece in megatron_pieces([listed(0, 1, 3)])] == [1]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 90), st.integers(0, 90), st.integers(1, 50)), max_size=6))
def test_the_weights_are_the_tokens_of_one_pass(drawn: list[tuple[int, int, int, int]]) -> None:
    shards = tuple(
        ListedShard(
            f"shards/train/s/shard-{n:05d}.arrow",
            "s",
            rows,
            rows * each,
            times,
            min(extra, rows),
            min(extra, rows) * each,
        )
        for n, (times, rows, extra, each) in enumerate(drawn)
    )
    mixture = ListedMixture(TokenizerStamp("f" * 64, 1000, CONTRACT), "train", shards)
    assert sum(piece.weight for piece in megatron_pieces(shards)) == mixture.tokens_a_pass


def test_an_id_megatron_cannot_store_is_refused() -> None:
    wide = megatron_dtype(np.dtype(np.uint32))
    write_ids(io.BytesIO(), np.array([2**31 - 1], dtype=np.uint32), wide)
    with pytest.raises(ValueError, match=str(2**31)):
        write_ids(io.BytesIO(), np.array([2**31], dtype=np.uint32), wide)


def test_an_index_of_nothing_is_only_a_header() -> None:
    sink = io.BytesIO()
    write_index(sink, np.zeros(0, dtype=np.uint32), megatron_dtype(np.dtype(np.uint16)))
    assert sink.getvalue() == b"MMIDIDX\x00\x00" + struct.pack("<QBQQq", 1, 8, 0, 1, 0)


@pytest.mark.parametrize("vocabulary_size", [1000, 100_000])
def test_megatron_reads_the_files(tmp_path: Path, vocabulary_size: int) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    indexed_dataset = pytest.importorskip(
        "megatron.core.datasets.indexed_dataset", reason="megatron-core is not installed"
    )
    (piece,) = megatron_pieces([listed(1, 0, 0)])
    with (tmp_path / "piece.bin").open("wb") as ids, (tmp_path / "piece.idx").open("wb") as index:
        write_piece(shard(vocabulary_size), piece, ids, index)
    dataset = indexed_dataset.IndexedDataset(str(tmp_path / "piece"))
    assert [document.tolist() for document in dataset] == TEXTS
    assert dataset.sequence_lengths.tolist() == [3, 2, 5]
    assert dataset.document_indices.tolist() == [0, 1, 2, 3]
