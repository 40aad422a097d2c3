"""The mixture of a corpus, against sums done by hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.pipelines.tokens.buckets import Row
from tesuki.pipelines.tokens.mixture_rows import mixture_rows
from tesuki.pipelines.tokens.pipeline import ShardFile, UniqueCounts, shard_path


def plan(repeats: dict[str, Fraction]) -> list[Row]:
    """Subsets without buckets."""
    return [Row(name, name, ratio) for name, ratio in repeats.items()]


def shard_of(folder: Path, lengths: list[int], number: int, of: int, split: Any = "train") -> ShardFile:
    """A shard of documents of these lengths in tokens; its ids do not matter here."""
    path = shard_path("web", split, number, of)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    table = pa.table({"length": pa.array(lengths, pa.uint32())})
    with pa.OSFile(str(folder / path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return ShardFile(path, "web", split, number, len(lengths), sum(lengths), bytes=0, sha256="")


def counted(files: list[ShardFile], split: Any = "train") -> UniqueCounts:
    return UniqueCounts("web", split, sum(file.rows for file in files), sum(file.tokens for file in files))


@pytest.mark.parametrize(
    ("repeats", "readings", "training", "short_by"),
    [
        # 18 tokens in two shards of 7 and 11.
        ("1", [(1, 0, 0), (1, 0, 0)], 18, 0),
        ("3", [(3, 0, 0), (3, 0, 0)], 54, 0),
        # Half of 18 is 9: the first shard (7) whole; of the other 2 no document fits, the first has 5.
        ("3/2", [(2, 0, 0), (1, 0, 0)], 25, 2),
        # Three quarters are 13: the first shard, and of the other 6 the document of 5.
        ("3/4", [(1, 0, 0), (0, 1, 5)], 12, 1),
        # A tenth is 1: less than any document.
        ("0.1", [(0, 0, 0), (0, 0, 0)], 0, 1),
        # Three elevenths are 4: of the first shard the document of 3.
        ("3/11", [(0, 1, 3), (0, 0, 0)], 3, 1),
        ("0", [(0, 0, 0), (0, 0, 0)], 0, 0),
    ],
)
def test_readings_by_hand(
    tmp_path: Path, repeats: str, readings: list[tuple[int, int, int]], training: int, short_by: int
) -> None:
    files = [shard_of(tmp_path, [3, 4], 0, 2), shard_of(tmp_path, [5, 6], 1, 2)]
    (row,) = mixture_rows(plan({"web": Fraction(repeats)}), [counted(files)], files, tmp_path)
    assert [(shard["times"], shard["extra_rows"], shard["extra_tokens"]) for shard in row["shards"]] == readings
    assert (row["training_tokens"], row["short_by"]) == (training, short_by)
    assert (row["documents"], row["tokens"], Fraction(row["repeats"])) == (4, 18, Fraction(repeats))


def test_validation_and_test_are_read_once_whatever_the_ratio(tmp_path: Path) -> None:
    train = [shard_of(tmp_path, [3, 4], 0, 1)]
    valid, test = ([shard_of(tmp_path, [2], 0, 1, split)] for split in ("valid", "test"))
    counts = [counted(train), counted(valid, "valid"), counted(test, "test")]
    rows = mixture_rows(plan({"web": Fraction(5)}), counts, [*train, *valid, *test], tmp_path)
    assert [(row["split"], row["repeats"], row["training_tokens"]) for row in rows] == [
        ("train", "5", 35),
        ("valid", "1", 2),
        ("test", "1", 2),
    ]


def test_a_subset_of_which_nothing_was_kept_stands_there_with_nothing(tmp_path: Path) -> None:
    rows = mixture_rows(plan({"web": Fraction(2), "books": Fraction(1)}), [], [], tmp_path)
    assert [(row["subset"], row["split"], row["documents"], row["training_tokens"]) for row in rows] == [
        ("web", "train", 0, 0),
        ("books", "train", 0, 0),
    ]


@settings(max_examples=30, deadline=None)
@given(
    shards=st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=4), min_size=1, max_size=4),
    repeats=st.fractions(0, 9, max_denominator=100),
)
def test_a_pass_is_short_by_less_than_a_document(
    tmp_path_factory: pytest.TempPathFactory, shards: list[list[int]], repeats: Fraction
) -> None:
    folder = tmp_path_factory.mktemp("mixture")
    files = [shard_of(folder, lengths, number, len(shards)) for number, lengths in enumerate(shards)]
    (row,) = mixture_rows(plan({"web": repeats}), [counted(files)], files, folder)
    asked = sum(map(sum, shards)) * repeats
    read = 0
    for lengths, shard in zip(shards, row["shards"], strict=True):
        assert shard["extra_tokens"] == sum(lengths[: shard["extra_rows"]])
        read += shard["times"] * sum(lengths) + shard["extra_tokens"]
    assert read == row["training_tokens"]
    assert 0 <= asked - read < max(map(max, shards))
    assert row["short_by"] == int(asked) - read
