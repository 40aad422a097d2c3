"""MDS: every whole sequence once, in order, as Streaming's own reader finds it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.tokenize import mosaic
from tesuki.tokenize.mosaic import write_mosaic

BATCHES = st.lists(st.lists(st.integers(0, 65_535), max_size=12), max_size=8)


class Files:
    """Files in memory."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        sink = io.BytesIO()
        yield sink
        self.content[name] = sink.getvalue()


def read(files: Files) -> list[list[int]]:
    """The sequences of a folder, by what the index and the shards' own offsets say."""
    found = []
    for shard in json.loads(files.content["index.json"])["shards"]:
        content = files.content[shard["raw_data"]["basename"]]
        assert len(content) == shard["raw_data"]["bytes"]
        count = int(np.frombuffer(content, "<u4", 1)[0])
        assert count == shard["samples"]
        ends = np.frombuffer(content, "<u4", count + 1, 4)
        columns = json.loads(content[4 + 4 * (count + 1) : ends[0]])
        assert columns.items() <= shard.items()
        found += [
            np.frombuffer(content[a:b], "<i4").tolist()
            for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
        ]
        assert int(ends[-1]) == len(content)
    return found


@given(batches=BATCHES, length=st.integers(1, 7), a_shard=st.integers(1, 5))
def test_every_whole_sequence_is_there_once_and_in_order(batches: list[list[int]], length: int, a_shard: int) -> None:
    ids = [token for batch in batches for token in batch]
    files = Files()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mosaic, "SHARD_BYTES", a_shard * length * 4)
        written = write_mosaic((np.array(batch, np.uint16) for batch in batches), len(ids), length, files.open)
    assert written == len(ids) // length
    if not written:
        assert not files.content
        return
    assert read(files) == [ids[start : start + length] for start in range(0, written * length, length)]
    assert len(files.content) == 1 + -(-written // a_shard)


def test_an_id_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit int32"):
        write_mosaic([np.array([2**31], np.uint32)], 1, 1, Files().open)


def test_streamings_own_reader_finds_the_same(tmp_path: Path) -> None:
    streaming = pytest.importorskip("streaming", reason="mosaicml-streaming is not installed")
    ids = np.arange(10_000, dtype=np.uint32) % 977

    @contextmanager
    def open_file(name: str) -> Iterator[BinaryIO]:
        with (tmp_path / name).open("wb") as sink:
            yield sink

    write_mosaic(np.array_split(ids, 7), ids.size, 64, open_file)
    dataset = streaming.LocalDataset(local=str(tmp_path))
    assert len(dataset) == ids.size // 64
    assert [dataset[n]["tokens"].tolist() for n in range(len(dataset))] == ids[: len(dataset) * 64].reshape(
        -1, 64
    ).tolist()
