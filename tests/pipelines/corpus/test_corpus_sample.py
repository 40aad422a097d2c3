"""The sample corpus, built by the command, held to its tables: every page meets the fate they name."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from warcio.archiveiterator import ArchiveIterator

from tesuki.release_levels.levels import Level
from tesuki.tokenize.tokenizers import open_tokenizer

ROOT = Path(__file__).resolve().parents[3]
Rows = Callable[[Path, str], list[dict[str, Any]]]
Place = tuple[str, int]


@pytest.fixture(scope="module")
def documents(sample: Path, rows_of: Rows) -> dict[Place, dict[str, Any]]:
    return {(row["archive"], row["offset"]): row for row in rows_of(sample, "documents")}


@pytest.fixture(scope="module")
def ledger(sample: Path, rows_of: Rows) -> dict[Place, dict[str, Any]]:
    return {(row["archive"], row["offset"]): row for row in rows_of(sample, "ledger")}


@pytest.fixture(scope="module")
def places(make_warc: ModuleType) -> dict[str, Place]:
    """Where each record of the table lies, from the bytes that its archive is made of."""
    return {
        record: (archive, offset)
        for archive, members in make_warc.archives(make_warc.captures()).items()
        for record, offset, _ in make_warc.places(members)
    }


def told() -> list[dict[str, str]]:
    with (ROOT / "samples" / "fates.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("row", told(), ids=lambda row: row["record"])
def test_a_page_meets_its_fate(
    row: dict[str, str],
    places: dict[str, Place],
    documents: dict[Place, dict[str, Any]],
    ledger: dict[Place, dict[str, Any]],
) -> None:
    place = places[row["record"]]
    if row["fate"] == "kept":
        assert place in documents, f"left: {ledger.get(place)}"
        assert documents[place]["level"] == row["level"], documents[place]["evidence"]
        assert documents[place]["url"] == row["url"]
    else:
        assert place in ledger, f"kept as {documents.get(place)}"
        found = ledger[place]
        assert (found["fate"], found["station"], found["rule"]) == (row["fate"], row["station"], row["rule"])


def test_the_sample_is_as_large_as_it_should_be() -> None:
    kept = sum(row["fate"] == "kept" for row in told())
    assert len(told()) >= 60
    assert kept >= 30
    assert {row["fate"] for row in told()} == {"kept", "rejected", "duplicate", "withheld", "dead", "skipped"}
    assert {row["level"] for row in told()} >= {"L1", "L2", "L3", "LX", "LZ"}


def test_every_record_has_one_fate(
    sample: Path, sample_folder: Path, make_warc: ModuleType, rows_of: Rows, manifest_at: Any
) -> None:
    """For whole archives against warcio's own count; of damaged ones every whole record must be told of."""
    damaged = {capture.archive for capture in make_warc.captures() if capture.damage}
    met = Counter((row["archive"], row["offset"]) for name in ("documents", "ledger") for row in rows_of(sample, name))
    manifest = manifest_at(sample)
    assert sum(met.values()) == manifest["balance"]["read"] == sum(manifest["balance"]["fates"].values())
    assert set(met.values()) == {1}
    archives = sorted((sample_folder / "archives").glob("*.warc.gz"))
    assert {path.name for path in archives} == {entry["archive"] for entry in manifest["inputs"]}
    assert any(path.name not in damaged for path in archives)
    for path in archives:
        if path.name not in damaged:
            with path.open("rb") as stream:
                records = ArchiveIterator(stream)
                offsets = {(path.name, records.get_record_offset()) for _ in records}
            assert offsets == {place for place in met if place[0] == path.name}


def test_the_command_says_what_happened(sample_run: tuple[Path, Any], manifest_at: Any) -> None:
    output, run = sample_run
    assert (run.returncode, run.stderr) == (0, "")
    balance = manifest_at(output)["balance"]
    fates = " + ".join(f"{fate} {pages}" for fate, pages in balance["fates"].items())
    sheet = re.search(r"Balance sheet: (\d+) records read = (.*)", run.stdout)
    assert sheet
    assert int(sheet[1]) == balance["read"]
    assert sorted(sheet[2].split(" + ")) == sorted(fates.split(" + "))
    for name in ("report.html", "documents", "shards", "ledger", "manifest.json"):
        assert str(output / name) in run.stdout.replace("\n", "")
        assert (output / name).exists()


def test_what_verify_says_of_it(sample: Path, tesuki: Any) -> None:
    run = tesuki("verify", sample)
    assert (run.returncode, run.stderr) == (0, "")
    assert [line.split(":")[0] for line in run.stdout.splitlines()] == [
        "files",
        "records",
        "balance",
        "levels",
        "shards",
        "rows",
        "repeats",
    ]


DOCUMENT_COLUMNS = """
id record_id url date title text encoding encoding_evidence replacements measures level evidence edits cluster archive
offset
"""
LEDGER_COLUMNS = """
record_id url url_hash fate station rule value threshold duplicate_of detail encoding archive offset length
"""


def test_tables_have_the_columns_they_promise(sample: Path) -> None:
    for folder, columns in (("documents", DOCUMENT_COLUMNS), ("ledger", LEDGER_COLUMNS)):
        for path in (sample / folder).rglob("*.parquet"):
            assert set(columns.split()) <= set(pq.read_schema(path).names)
            assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_duplicate_names_the_document_that_stands_for_it(
    documents: dict[Place, dict[str, Any]], ledger: dict[Place, dict[str, Any]]
) -> None:
    by_id = {row["id"]: row for row in documents.values()}
    duplicates = [row for row in ledger.values() if row["fate"] == "duplicate"]
    assert duplicates
    for row in duplicates:
        kept = by_id[row["duplicate_of"]]
        assert row["url"] in {member["url"] for member in kept["cluster"]["members"]}
        assert row["value"] is None or 0 < row["value"] <= 1
    assert sum(row["cluster"]["size"] - 1 for row in documents.values()) == len(duplicates)


def test_a_cluster_takes_its_strictest_level(documents: dict[Place, dict[str, Any]]) -> None:
    clusters = [row for row in documents.values() if row["cluster"]["size"] > 1]
    assert clusters
    for row in clusters:
        assert all(Level[row["level"]] >= Level[member["level"]] for member in row["cluster"]["members"])


def shard_tables(output: Path) -> dict[Path, pa.Table]:
    tables = {}
    for path in sorted((output / "shards").rglob("*.arrow")):
        with pa.memory_map(str(path)) as source:
            tables[path.relative_to(output / "shards")] = pa.ipc.open_stream(source).read_all()
    return tables


def test_shards_hold_the_tokens_of_the_documents_and_no_others(
    sample: Path, documents: dict[Place, dict[str, Any]]
) -> None:
    tokenizer = open_tokenizer(sample / "tokenizer" / "tokenizer.model")
    by_id = {row["id"]: row for row in documents.values()}
    seen: set[str] = set()
    for path, table in shard_tables(sample).items():
        split, subset, _ = path.parts
        for row in table.to_pylist():
            document = by_id[row["id"]]
            assert row["id"] not in seen
            seen.add(row["id"])
            assert row["input_ids"] == tokenizer.encode_document(document["text"]).tolist()
            assert row["length"] == len(row["input_ids"])
            assert document["subset"] == subset
            assert Level[document["level"]].allows("test" if split == "test" else "train")
    absent = [row for row in by_id.values() if row["id"] not in seen]
    assert all(not Level[row["level"]].allows("train") for row in absent)


def test_shards_open_with_datasets_and_decode_to_the_documents_words(
    sample: Path, documents: dict[Place, dict[str, Any]]
) -> None:
    tokenizer = open_tokenizer(sample / "tokenizer" / "tokenizer.model")
    texts = {row["id"]: row["text"] for row in documents.values()}
    (path, *_) = sorted((sample / "shards" / "train").rglob("*.arrow"))
    shard = datasets.Dataset.from_file(str(path))
    assert len(shard) > 0
    for row in shard:
        decoded = tokenizer.decode(np.array(row["input_ids"], dtype=tokenizer.dtype))
        assert "".join(decoded.split()) == "".join(texts[row["id"]].split())


def test_a_host_is_in_one_split(sample: Path, documents: dict[Place, dict[str, Any]]) -> None:
    hosts = {row["id"]: row["url"].split("/")[2].removeprefix("www.") for row in documents.values()}
    splits: dict[str, set[str]] = {}
    for path, table in shard_tables(sample).items():
        for document in table["id"].to_pylist():
            splits.setdefault(hosts[document], set()).add(path.parts[0])
    assert {len(found) for found in splits.values()} == {1}
    assert {split for found in splits.values() for split in found} == {"train", "valid", "test"}


def test_the_mixture_is_the_recipes_to_the_token(sample: Path, sample_recipe: Path, manifest_at: Any) -> None:
    """Repeats × unique tokens, less than one document short, counted from the shards by hand."""
    recipe = yaml.safe_load(sample_recipe.read_text(encoding="utf-8"))
    tables = shard_tables(sample)
    for row in manifest_at(sample)["mixture"]:
        repeats = Fraction(str(recipe["subsets"][row["subset"]]["repeats"])) if row["split"] == "train" else Fraction(1)
        assert Fraction(row["repeats"]) == repeats
        lengths = {shard["path"]: tables[Path(*Path(shard["path"]).parts[1:])]["length"] for shard in row["shards"]}
        unique = sum(sum(length.to_pylist()) for length in lengths.values())
        assert unique == row["tokens"]
        read = 0
        for shard in row["shards"]:
            tokens = lengths[shard["path"]].to_pylist()
            assert shard["extra_tokens"] == sum(tokens[: shard["extra_rows"]])
            read += shard["times"] * sum(tokens) + shard["extra_tokens"]
        longest = max((max(length.to_pylist()) for length in lengths.values()), default=0)
        assert read == row["training_tokens"]
        assert 0 <= unique * repeats - read < max(longest, 1)
        whole = {shard["times"] for shard in row["shards"]} == {int(repeats)}
        assert whole == (repeats.denominator == 1) or not row["shards"], "a broken ratio reads some rows more often"


def test_the_manifest_says_what_the_corpus_is_made_of(sample: Path, sample_folder: Path, manifest_at: Any) -> None:
    manifest = manifest_at(sample)
    assert {"recipe", "recipe_digest", "inputs", "libraries", "code", "lists", "balance", "mixture"} <= manifest.keys()
    assert {entry["archive"]: entry["bytes"] for entry in manifest["inputs"]} == {
        path.name: path.stat().st_size for path in (sample_folder / "archives").iterdir()
    }
    text = (sample / "manifest.json").read_text(encoding="utf-8")
    assert str(sample_folder) not in text
    assert str(sample) not in text
    paths = [entry["path"] for entry in manifest["files"]]
    assert paths == sorted(paths)
    assert {str(path.relative_to(sample)) for path in sample.rglob("*.arrow") if "parts" not in path.parts} <= set(
        paths
    )
