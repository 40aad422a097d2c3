"""Chains of duplicates across many workers' buckets, against following them one by one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import apache_beam as beam
import numpy as np
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from tesuki.dedup.claims import EDGE, make_edges
from tesuki.pipelines.deduplication.chains import FollowChains
from tesuki.pipelines.deduplication.packing import packed, unpacked


def save(folder: Path, bucket: int, edges: bytes) -> None:
    np.save(folder / f"{bucket}.npy", unpacked([edges], EDGE))


def followed(edges: Iterable[np.ndarray], buckets: int, folder: Path) -> dict[int, tuple[int, int]]:
    folder.mkdir()
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        _ = (
            pipeline
            | beam.Create([(number, packed(block)) for number, block in enumerate(edges)])
            | FollowChains(buckets)
            | beam.MapTuple(partial(save, folder))
        )
    found = np.concatenate([np.load(path) for path in folder.iterdir()])
    return {loser: (first, band) for loser, first, band in found.tolist()}


@pytest.mark.parametrize("buckets", [1, 2, 8])
def test_long_and_short_chains_end_at_the_kept_document(tmp_path: Path, buckets: int) -> None:
    rng = np.random.default_rng(buckets)
    names = rng.permutation(10_000).astype(np.uint64) << np.uint64(20)
    chain = np.arange(1, 500)  # one chain of 499 links, far beyond what the hops reach
    forest = np.arange(501, 2_000)
    parents = np.concatenate([chain - 1, rng.integers(500, forest)])
    nodes = np.concatenate([chain, forest])
    edges = make_edges(names[nodes], names[parents], (nodes % 20).astype(np.int32))
    parent = dict(zip(nodes.tolist(), parents.tolist(), strict=True))

    def end(node: int) -> int:
        while node in parent:
            node = parent[node]
        return node

    expected = {int(names[node]): (int(names[end(node)]), node % 20) for node in nodes.tolist()}
    assert followed(np.array_split(rng.permutation(edges), 5), buckets, tmp_path / "out") == expected


def test_many_pointers_to_one_document_ask_once_a_bucket(tmp_path: Path) -> None:
    losers = np.arange(1, 5_001, dtype=np.uint64)
    edges = make_edges(losers, np.where(losers == 1, 0, 1).astype(np.uint64), 0)
    found = followed([edges], 4, tmp_path / "out")
    assert len(found) == 5_000
    assert {first for first, _ in found.values()} == {0}
