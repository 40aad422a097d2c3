"""`tesuki verify`: believing nothing, counting everything again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.corpus.balance import (
    Balance,
    balance_from,
    balance_rows,
    check_disk,
    check_stations,
    count_documents,
    count_ledger,
)
from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.corpus.place import OTHERS, TABLES
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.storage.files import sha256_of
from tesuki.pipelines.storage.names import digest
from tesuki.pipelines.tokens.mixture_rows import shard_lengths
from tesuki.pipelines.tokens.pipeline import USE_OF_SPLIT
from tesuki.release_levels.levels import Level, parse_level
from tesuki.tokenize.passes import declare_passes
from tesuki.tokenize.repeats import parse_repeats
from tesuki.tokenize.shard_metadata import ShardMetadata, read_metadata


def verify_corpus(output: Path) -> Iterator[str]:
    """Check the corpus at ``output``, a line for each thing found true. Raises `WorkError` at the first lie."""
    manifest = read_manifest(output)
    yield verify_files(output, manifest)
    yield verify_balance(output, manifest)
    levels = document_levels(output)
    yield verify_levels(output, levels)
    yield verify_shards(output, manifest, levels)
    yield verify_repeats(output, manifest)


def verify_files(output: Path, manifest: Mapping[str, Any]) -> str:
    """Every file is there with its hash, and no table or shard is there that the manifest does not know."""
    listed = {entry["path"]: entry for entry in manifest["files"]}
    there = {
        str(path.relative_to(output))
        for folder in (*TABLES, "shards", *OTHERS)
        for path in (output / folder).rglob("*")
        if path.is_file()
    }
    for path in sorted(listed.keys() | there):
        if path not in there:
            raise WorkError(f"{path}: the manifest lists it, it is not there; build the corpus again")
        if path not in listed:
            raise WorkError(f"{path}: lies in the corpus but not in the manifest; remove it or build again")
        found = sha256_of(output / path)
        if found != listed[path]["sha256"]:
            raise WorkError(f"{path}: sha256 is {found}, the manifest says {listed[path]['sha256']}")
        if (
            "rows" in listed[path]
            and path.endswith(".parquet")
            and pq.read_metadata(output / path).num_rows != listed[path]["rows"]
        ):
            raise WorkError(f"{path}: rows differ from the manifest's {listed[path]['rows']}")
    if digest(manifest["recipe"]) != manifest["recipe_digest"]:
        raise WorkError("manifest.json: recipe_digest is not that of the recipe it holds")
    return f"files: {len(listed)} with the hashes the manifest gives"


def verify_balance(output: Path, manifest: Mapping[str, Any]) -> str:
    """The sheet closes at every station, and the rows on disk are those it counts."""
    balance: Balance = balance_from(manifest["balance"])
    check_stations(balance.stations)
    rules = count_ledger(sorted((output / "ledger").glob("*.parquet")))
    kept, characters = count_documents(sorted((output / "documents").glob("*/*/*.parquet")))
    check_disk(balance.stations, rules, kept, characters)
    if rules != balance.rules:
        raise WorkError("balance: the rules in ledger/ are not those in the manifest; build the corpus again")
    found = replace(balance, kept=kept, kept_characters=characters, rules=rules)
    if balance_rows(found) != manifest["balance"]:
        raise WorkError("balance: the sums in the manifest are not those of its stations; build the corpus again")
    return f"balance: {balance.read} records read = {kept} kept + {sum(row[3] for row in rules)} in the ledger"


def document_levels(output: Path) -> dict[str, str]:
    """The level of every document, by id. Raises `WorkError` for a document that lies under another level's name."""
    levels: dict[str, str] = {}
    for path in sorted((output / "documents").glob("*/*/*.parquet")):
        for row in pq.read_table(path, columns=["id", "level", "subset"]).to_pylist():
            if (row["subset"], row["level"]) != (path.parts[-3], path.parts[-2]):
                raise WorkError(
                    f"{path.relative_to(output)}: document {row['id']} is {row['subset']}/{row['level']}; "
                    "it lies in the wrong folder"
                )
            if row["level"] not in Level.__members__:
                raise WorkError(f"{path.relative_to(output)}: document {row['id']} has level {row['level']!r}")
            if row["id"] in levels:
                raise WorkError(f"{path.relative_to(output)}: document {row['id']} is there twice")
            levels[row["id"]] = row["level"]
    return levels


def verify_levels(output: Path, levels: Mapping[str, str]) -> str:
    """No LZ document is stored, and the ledger names no address of a withheld page."""
    for document, level in levels.items():
        if parse_level(level).name == "LZ":
            raise WorkError(f"documents/: document {document} is LZ; its text must not be stored")
    for path in sorted((output / "ledger").glob("*.parquet")):
        for row in pq.read_table(path, columns=["fate", "url", "record_id"]).to_pylist():
            if row["fate"] == "withheld" and row["url"] is not None:
                raise WorkError(
                    f"{path.relative_to(output)}: the address of withheld page {row['record_id']} stands there"
                )
    counts = Counter(levels.values())
    return "levels: " + ", ".join(f"{level} {pages}" for level, pages in sorted(counts.items()))


def verify_shards(output: Path, manifest: Mapping[str, Any], levels: Mapping[str, str]) -> str:
    """Each shard holds what its metadata and the manifest say, and only documents its use allows."""
    listed = {shard["path"]: shard for row in manifest["mixture"] for shard in row["shards"]}
    place = {shard["path"]: row for row in manifest["mixture"] for shard in row["shards"]}
    on_disk = {str(path.relative_to(output)) for path in (output / "shards").rglob("*.arrow")}
    if listed.keys() != on_disk:
        odd = sorted(listed.keys() ^ on_disk)[0]
        raise WorkError(f"{odd}: stands in only one of shards/ and the manifest's mixture")
    split_by_document: dict[str, str] = {}
    for path in sorted(on_disk):
        with pa.memory_map(str(output / path)) as source:
            table = pa.ipc.open_stream(source).read_all()
        metadata = _metadata(table.schema, path, place[path])
        if metadata.tokenizer.fingerprint != manifest["tokenizer"]["fingerprint"]:
            raise WorkError(f"{path}: made with tokenizer {metadata.tokenizer.fingerprint}, not the manifest's")
        tokens = pc.sum(pc.list_value_length(table["input_ids"])).as_py() or 0
        if (table.num_rows, tokens) != (listed[path]["rows"], listed[path]["tokens"]):
            raise WorkError(f"{path}: {table.num_rows} rows and {tokens} tokens, the manifest says otherwise")
        for document in table["id"].to_pylist():
            level = levels.get(document)
            if level is None:
                raise WorkError(f"{path}: document {document} is not in documents/")
            if not parse_level(level).allows(USE_OF_SPLIT[metadata.split]):
                raise WorkError(f"{path}: document {document} is {level} and may not stand in {metadata.split}")
            if document in split_by_document:
                raise WorkError(f"{path}: document {document} stands in two shards")
            split_by_document[document] = metadata.split
    splits = Counter(split_by_document.values())
    return "shards: " + (", ".join(f"{split} {rows} documents" for split, rows in sorted(splits.items())) or "none")


def _metadata(schema: pa.Schema, path: str, row: Mapping[str, Any]) -> ShardMetadata:
    """What the shard at ``path`` says of itself, held against its name and its ``row`` of the mixture."""
    try:
        metadata = read_metadata(schema, path)
    except ValueError as failure:
        raise WorkError(str(failure)) from None
    told = metadata.split, metadata.subset, metadata.repeats
    expected = row["split"], row["subset"], row["repeats"]
    if told != expected or Path(path).parts[1:3] != expected[:2]:
        raise WorkError(f"{path}: says that it is {told}, split, subset and repeats are {expected} in the mixture")
    return metadata


def verify_repeats(output: Path, manifest: Mapping[str, Any]) -> str:
    """The readings of the shards are those the recipe's repeat ratios ask for, to the token."""
    for row in manifest["mixture"]:
        shards = row["shards"]
        repeats: Fraction = parse_repeats(row["repeats"])
        asked_for = manifest["recipe"]["subsets"][row["subset"]]["repeats"] if row["split"] == "train" else "1"
        if repeats != parse_repeats(asked_for):
            raise WorkError(
                f"mixture: subset {row['subset']} ({row['split']}) is repeated {row['repeats']} times, "
                f"the recipe asks for {asked_for}"
            )
        held = sum(shard["tokens"] for shard in shards)
        if shards and held != row["tokens"]:
            raise WorkError(
                f"mixture: subset {row['subset']} ({row['split']}) is said to have {row['tokens']} tokens, "
                f"its shards have {held}"
            )
        passes = declare_passes(
            [shard["tokens"] for shard in shards],
            repeats,
            partial(shard_lengths, output, [shard["path"] for shard in shards]),
        )
        declared = [(shard["times"], shard["extra_rows"], shard["extra_tokens"]) for shard in shards]
        asked = [(reading.times, reading.extra_rows, reading.extra_tokens) for reading in passes.shards]
        if declared != asked or row["training_tokens"] != passes.training_tokens:
            raise WorkError(
                f"mixture: subset {row['subset']} ({row['split']}): {row['training_tokens']} tokens a pass are "
                f"declared, {passes.training_tokens} follow from repeats {row['repeats']}"
            )
    total = sum(row["training_tokens"] for row in manifest["mixture"] if row["split"] == "train")
    return f"repeats: {total} training tokens a pass"
