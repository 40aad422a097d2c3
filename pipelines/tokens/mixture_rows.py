"""The mixture of a finished corpus: how often one pass reads each shard, and what that adds up to."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tesuki.pipelines.tokens.buckets import Row
from tesuki.pipelines.tokens.pipeline import ShardFile, UniqueCounts
from tesuki.tokenize.buckets import Bounds
from tesuki.tokenize.passes import Passes, declare_passes
from tesuki.tokenize.repeats import format_repeats


def mixture_rows(
    plan: Sequence[Row],
    counts: Sequence[UniqueCounts],
    shards: Sequence[ShardFile],
    folder: Path,
) -> list[dict[str, Any]]:
    """One row for each row of ``plan`` and split, in its order: tokens, repeats, and each shard's readings.

    ``folder`` is where the shards' paths begin. Valid and test are read once.
    """
    rows = []
    for row in plan:
        for split in ("train", "valid", "test"):
            held = [count for count in counts if (count.subset, count.split) == (row.name, split)]
            files = [file for file in shards if (file.subset, file.split) == (row.name, split)]
            if not held and split != "train":
                continue
            ratio = row.repeats if split == "train" else Fraction(1)
            documents, tokens = sum(count.documents for count in held), sum(count.tokens for count in held)
            unique = UniqueCounts(row.name, split, documents, tokens)
            rows.append(mixture_row(unique, ratio, files, folder, row.holds))
    return rows


def mixture_row(
    unique: UniqueCounts, repeats: Fraction, files: Sequence[ShardFile], folder: Path, holds: Bounds | None = None
) -> dict[str, Any]:
    """One row of the mixture: its ``files`` are ``repeats`` of what is ``unique`` in it; ``holds`` bounds a bucket."""
    passes = declare_passes(
        [file.tokens for file in files], repeats, partial(shard_lengths, folder, [file.path for file in files])
    )
    return {
        "subset": unique.subset,
        "split": unique.split,
        "holds": holds,
        "documents": unique.documents,
        "tokens": unique.tokens,
        "repeats": format_repeats(repeats),
        "training_tokens": passes.training_tokens,
        "short_by": passes.short_by,
        "shards": _shard_rows(files, passes),
    }


def _shard_rows(files: Sequence[ShardFile], passes: Passes) -> list[dict[str, Any]]:
    return [
        {
            "path": file.path,
            "rows": file.rows,
            "tokens": file.tokens,
            "times": reading.times,
            "extra_rows": reading.extra_rows,
            "extra_tokens": reading.extra_tokens,
        }
        for file, reading in zip(files, passes.shards, strict=True)
    ]


def shard_lengths(folder: Path, paths: Sequence[str], number: int) -> npt.NDArray[np.integer[Any]]:
    """The document lengths, in tokens, of the ``number``-th of the shards at ``paths`` below ``folder``."""
    with pa.memory_map(str(folder / paths[number])) as source:
        lengths: npt.NDArray[np.integer[Any]] = pa.ipc.open_stream(source).read_all()["length"].to_numpy()
    return lengths
