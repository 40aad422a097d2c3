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
from tesuki.pipelines.storage.corpus_folder import DocumentFile
from tesuki.pipelines.storage.files import parquet_file, write_bytes
from tesuki.pipelines.tokens.buckets import rows_of_documents
from tesuki.pipelines.tokens.placing import split_for
from tesuki.release_levels.levels import Level, parse_level
from tesuki.tokenize.buckets import Buckets, row_name, subset_of
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
    target: Path,
    file: DocumentFile,
    schema: pa.Schema,
    tables: Tables,
    split_of: SplitOf,
    buckets: Buckets | None,
) -> Counter[tuple[str, str]]:
    """Write the documents of one file as ``data/ROW/SPLIT-PART.LEVEL.parquet``, ROW being the subset or its bucket; how
    many, by row and split.

    A document that no split trains on may only test, and goes there.
    """
    counts: Counter[tuple[str, str]] = Counter()
    subset, level = file.subset, parse_level(file.level)
    with ExitStack() as open_files:
        writers: dict[tuple[str, str], pq.ParquetWriter] = {}
        for table in tables:
            rows = rows_of_documents(subset, buckets, table["scores"].combine_chunks())
            pages = zip(table["url"].to_pylist(), table["id"].to_pylist(), strict=True)
            splits = [SPLIT_NAMES[split_of(subset, level, url, document) or "test"] for url, document in pages]
            places = list(zip(rows, splits, strict=True))
            for row, split in sorted(set(places)):
                path = target / "data" / row / f"{split}-{file.path.stem}.{level.name}.parquet"
                writer = writers.get((row, split)) or open_files.enter_context(parquet_file(path, schema))
                writers[row, split] = writer
                writer.write_table(table.filter(pa.array([place == (row, split) for place in places])))
            counts.update(places)
    return counts


def write_card(target: Path, name: str, use: str, counts: Counter[tuple[str, str]]) -> None:
    """Write ``README.md``: the hub's front matter with a configuration for all, each subset, and each bucket."""
    configs = [_config(ALL, "*", {split for _, split in counts}, default=True)] if counts else []
    for subset in sorted({subset_of(row) for row, _ in counts}):
        rows = sorted({row for row, _ in counts if subset_of(row) == subset})
        if rows != [subset]:
            splits = {split for row, split in counts if row in rows}
            configs.append(_config(subset, row_name(subset, "*"), splits, default=False))
        for row in rows:
            configs.append(_config(row, row, {split for other, split in counts if other == row}, default=False))
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
        *(f"| {row} | {split} | {documents} |" for (row, split), documents in sorted(counts.items())),
    ]
    write_bytes(target / "README.md", ("\n".join(lines) + "\n").encode())


def _config(name: str, folder: str, splits: set[str], *, default: bool) -> dict[str, Any]:
    files = [
        {"split": split, "path": f"data/{folder}/{split}-*.parquet"}
        for split in SPLIT_NAMES.values()
        if split in splits
    ]
    return {"config_name": name, "data_files": files} | ({"default": True} if default else {})
