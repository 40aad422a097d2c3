"""The same recipe and inputs give the same bytes: whatever the engine, the workers, the order of inputs, the place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Hashes = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="module")
def expected(sample: Path, hashes_of: Hashes) -> dict[str, str]:
    """What the sample is in this machine's one process, manifest and report included."""
    return hashes_of(sample)


@pytest.mark.parametrize(
    "workers", [pytest.param(1, marks=pytest.mark.slow), 2, pytest.param(3, marks=pytest.mark.slow)]
)
def test_any_number_of_worker_processes(
    tmp_path: Path, sample_recipe: Path, tesuki: Any, expected: dict[str, str], hashes_of: Hashes, workers: int
) -> None:
    options = ["--direct_running_mode=multi_processing", f"--direct_num_workers={workers}"]
    run = tesuki("corpus", sample_recipe, "--output", tmp_path / "out", *options)
    assert (run.returncode, run.stderr) == (0, "")
    assert hashes_of(tmp_path / "out") == expected


@pytest.mark.slow
def test_elsewhere_with_another_hash_seed_and_inputs_in_another_order(
    tmp_path: Path, sample_folder: Path, tesuki: Any, expected: dict[str, str], hashes_of: Hashes
) -> None:
    """Another folder, file times, clock zone and language, and the first subset's archives given last one first."""
    elsewhere = tmp_path / "ほか の 場所"
    for path in sorted(sample_folder.rglob("*"), reverse=True):
        if path.is_file():
            target = elsewhere / path.relative_to(sample_folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    web = sorted((elsewhere / "archives").glob("web-*.warc.gz"), reverse=True)
    assert len(web) > 1
    run = tesuki(
        *("corpus", elsewhere / "recipe.yaml", "--output", tmp_path / "out"),
        *(word for path in web for word in ("--input", path)),
        cwd=tmp_path,
        environment={"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert hashes_of(tmp_path / "out") == expected


@pytest.mark.slow
def test_the_order_of_subsets_is_the_recipes_and_of_globs_nobodys(
    tmp_path: Path, sample_folder: Path, build: Any, sample: Path, manifest_at: Any
) -> None:
    """Globs spelled out in another order are another recipe, and yet the same documents and shards."""
    recipe = (sample_folder / "recipe.yaml").read_text(encoding="utf-8")
    names = sorted((path.name for path in (sample_folder / "archives").glob("web-*")), reverse=True)
    spelled = ", ".join(f"archives/{name}" for name in names)
    (sample_folder / "spelled.yaml").write_text(
        recipe.replace("inputs: archives/web-*.warc.gz", f"inputs: [{spelled}]"), encoding="utf-8"
    )
    made = build(sample_folder / "spelled.yaml", tmp_path / "out").manifest
    assert made["recipe"] != manifest_at(sample)["recipe"]
    for key in ("inputs", "balance", "files", "mixture", "stages"):
        assert made[key] == manifest_at(sample)[key]
