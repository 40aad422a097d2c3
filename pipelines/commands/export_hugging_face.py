"""`tesuki export --format hf`: a folder that can be pushed to the Hugging Face hub as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.storage.files import parquet_file, write_bytes
from tesuki.pipelines.tokens.pipeline import split_for
from tesuki.release_levels.levels import Level
from tesuki.tokenize.splits import Split, SplitFractions

SPLIT_NAMES: Mapping[Split, str] = {"train": "train", "valid": "validation", "test": "test"}
"""What the hub calls the splits; its viewer and `load_dataset` know these names."""

ALL = "default"
"""The configuration of all subsets together: what `load_dataset(FOLDER)` opens."""

SplitOf = Callable[[str, Level, str | None, str], Split | None]
"""(subset, level, URL, document id) to the split a document is used in."""

Tables = Iterator[pa.Table]


def split_of_documents(recipe: Recipe) -> SplitOf:
    """Where the shards of a corpus made by ``recipe`` have its documents."""
    return partial(split_for, SplitFractions(recipe.splits.valid, recipe.splits.test), recipe.test_sets)


def write_splits(
    target: Path, part: str, subset: str, level: Level, schema: pa.Schema, tables: Tables, split_of: SplitOf
) -> Counter[tuple[str, str]]:
    """Write the documents of one file as ``data/SUBSET/SPLIT-PART.LEVEL.parquet``; how many, by subset and split.

    A document that no split trains on may only test, and goes there.
    """
    counts: Counter[tuple[str, str]] = Counter()
    with ExitStack() as open_files:
        writers: dict[str, pq.ParquetWriter] = {}
        for table in tables:
            urls, ids = table["url"].to_pylist(), table["id"].to_pylist()
            splits = [
                SPLIT_NAMES[split_of(subset, level, url, document) or "test"]
                for url, document in zip(urls, ids, strict=True)
            ]
            for name in sorted(set(splits)):
                path = target / "data" / subset / f"{name}-{part}.{level.name}.parquet"
                writer = writers.get(name) or open_files.enter_context(parquet_file(path, schema))
                writers[name] = writer
                writer.write_table(table.filter(pa.array([split == name for split in splits])))
            counts.update((subset, name) for name in splits)
    return counts


def write_card(target: Path, name: str, use: str, counts: Counter[tuple[str, str]]) -> None:
    """Write ``README.md``: the hub's front matter with a configuration for all and one for each subset."""
    subsets = sorted({subset for subset, _ in counts})
    configs = [_config(ALL, "*", {split for _, split in counts}, default=True)] if counts else []
    for subset in subsets:
        configs.append(_config(subset, subset, {split for other, split in counts if other == subset}, default=False))
    front = {"pretty_name": name, "language": ["ja"], "task_categories": ["text-generation"], "configs": configs}
    lines = [
        "---",
        yaml.safe_dump(front, allow_unicode=True, sort_keys=False).rstrip(),
        "---",
        "",
        f"# {name}",
        "",
        f"Documents that their release level allows to be used for `{use}`, exported by Tesuki. Each row names its",
        "level (`level`) and how that is known (`evidence`); `export.manifest` lists the files with their hashes.",
        "",
        "| subset | split | documents |",
        "|---|---|---|",
        *(f"| {subset} | {split} | {documents} |" for (subset, split), documents in sorted(counts.items())),
    ]
    write_bytes(target / "README.md", ("\n".join(lines) + "\n").encode())


def _config(name: str, folder: str, splits: set[str], *, default: bool) -> dict[str, Any]:
    files = [
        {"split": split, "path": f"data/{folder}/{split}-*.parquet"}
        for split in SPLIT_NAMES.values()
        if split in splits
    ]
    return {"config_name": name, "data_files": files} | ({"default": True} if default else {})
