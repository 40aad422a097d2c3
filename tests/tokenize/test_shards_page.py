"""docs/shards.md describes the shards that are written."""

from __future__ import annotations

import re
from pathlib import Path

from tesuki.tokenize.document_contract import DocumentContract
from tesuki.tokenize.shard_metadata import ShardMetadata, TokenizerStamp, shard_schema
from tesuki.tokenize.shards import ROWS_A_BATCH

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "shards.md").read_text(encoding="utf-8")
SCHEMA = shard_schema(
    ShardMetadata(TokenizerStamp("f" * 64, 98_452, DocumentContract("bos text eos", 1, 2)), "web", "train", "3/2")
)


def test_the_page_names_every_key_of_the_metadata_and_no_other() -> None:
    assert {key.decode() for key in SCHEMA.metadata} == set(re.findall(r"`(tesuki\.(?!tokenize\.)\w+)`", PAGE))


def test_the_page_names_every_column_with_its_type() -> None:
    described = dict(re.findall(r"^\| `(\w+)` \| ([\w ]+) \|", PAGE, re.MULTILINE))
    assert list(described) == SCHEMA.names
    assert described["id"] == str(SCHEMA.field("id").type)
    assert described["length"] == str(SCHEMA.field("length").type)
    assert str(SCHEMA.field("input_ids").type.value_type) in described["input_ids"]


def test_the_page_names_the_size_of_a_batch() -> None:
    assert f"record batches of {ROWS_A_BATCH:,} rows" in PAGE
