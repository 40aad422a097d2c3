"""A corpus of archives that lie elsewhere is that of the same archives here."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.reading.remote import fetch


def tables_of(output: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of documents and ledger by folder: files are named by what the inputs are known by."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted([*(output / "documents").rglob("*.parquet"), *(output / "ledger").rglob("*.parquet")]):
        rows = pa.Table.from_batches(pq.read_table(path).to_batches()).to_pylist()
        found.setdefault(str(path.parent.relative_to(output)), []).extend(rows)
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def recipe_for(sample_recipe: Path, target: Path, base: str) -> Path:
    """The sample's recipe over the same archives, each by its address in a list."""
    recipe = yaml.safe_load(sample_recipe.read_text(encoding="utf-8"))
    shutil.copytree(sample_recipe.parent / "lists", target / "lists")
    for name, subset in recipe["subsets"].items():
        listing = target / f"{name}.paths"
        files = sorted(sample_recipe.parent.glob(subset["inputs"]))
        listing.write_text("".join(f"{path.name}\n" for path in files))
        recipe["subsets"][name] |= {"inputs": listing.name, "base": base}
    recipe["tokenizer"] = None
    recipe["extraction"] = {"range_megabytes": 1}
    recipe["fetch"] = {"requests_per_second": 10_000}
    (target / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    return target / "recipe.yaml"


@pytest.mark.slow
def test_the_same_documents_and_ledger_and_after_an_outage_too(
    served: Any, sample_recipe: Path, tmp_path: Path, build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "FIRST_PAUSE", 0.001)
    archives = sample_recipe.parent / "archives"
    for path in archives.glob("*.warc.gz"):
        shutil.copy(path, served.folder)
    faults = ("", "503", "", "cut", "", "", "429", "long", "", "500")
    served.faults = lambda number: faults[number % len(faults)] if number < 60 else ""
    there = recipe_for(sample_recipe, tmp_path, served.address)

    asked_first = 2 * len(list(served.folder.iterdir()))  # once for the version of each, and some to read it
    working = served.faults
    served.faults = lambda number: "503" if number > asked_first else working(number)
    with pytest.raises(WorkError, match="not to be had"):
        build(there, tmp_path / "there")
    served.faults = working
    built = build(there, tmp_path / "there")
    assert all("tag" in entry and "sha256" not in entry for entry in built.manifest["inputs"])

    here = tmp_path / "here"
    here.mkdir()
    build(recipe_for(sample_recipe, here, str(archives)), tmp_path / "out")
    assert tables_of(tmp_path / "there") == tables_of(tmp_path / "out")
    assert not build(there, tmp_path / "there").built
    assert not list(Path(tempfile.gettempdir()).glob(f"tesuki-{os.getpid()}-*"))


def test_no_corpus_is_written_to_an_address(sample_recipe: Path, build: Any, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="--output: s3:/bucket/corpus is an address"):
        build(sample_recipe, Path("s3://bucket/corpus"))
    assert not Path("s3:").exists()
