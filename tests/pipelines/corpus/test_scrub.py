"""Pages of level LZ: neither their text nor their title nor their address is anywhere in the corpus' folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.storage.files import sha256_of
from tesuki.pipelines.storage.part_writer import read_seal

NOAI = '<meta name="robots" content="noai">'
STRICT = """
policy: strict
unlicensed: {level: L2, reason: none}
rows:
  - {signal: list.takedown, level: LZ, reason: asked}
  - {signal: robots.noai, level: LZ, reason: asked}
"""
WITHHELD = {
    "https://alone.example/secret": "alone",
    "https://older.example/secret": "older",
    "https://newer.example/copy-of-older": "older",
    "https://newer.example/secret": "newer",
}
"""Addresses that must not be kept, and the seeds of their texts. The copy of a withheld page is withheld with it."""


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory, recipe_with: Any, archive_of: Any, web_page: Any) -> Path:
    """Withheld pages of all kinds: alone; with a newer copy, which would stay; with an older one, which would not."""
    folder = tmp_path_factory.mktemp("withheld")
    archive_of(
        folder / "a.warc.gz",
        [
            web_page("https://kept.example/1", "kept"),
            web_page("https://alone.example/secret", "alone", head=NOAI),
            web_page("https://older.example/secret", "older", head=NOAI, date="2025-01-01T00:00:00Z"),
            web_page("https://newer.example/secret", "newer", head=NOAI, date="2026-01-01T00:00:00Z"),
        ],
    )
    archive_of(
        folder / "b.warc.gz",
        [
            web_page("https://newer.example/copy-of-older", "older", date="2026-01-01T00:00:00Z"),
            web_page("https://older.example/copy-of-newer", "newer", date="2025-01-01T00:00:00Z"),
            web_page("https://kept.example/2", "kept too"),
        ],
    )
    (folder / "strict.yaml").write_text(STRICT, encoding="utf-8")
    return Path(recipe_with(folder / "recipe.yaml", policy={"file": "strict.yaml"}))


def variant(recipe: Path, name: str, **fields: Any) -> Path:
    path = recipe.with_name(name)
    path.write_text(yaml.safe_dump(yaml.safe_load(recipe.read_text(encoding="utf-8")) | fields), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def open_recipe(recipe: Path) -> Path:
    """The same by the default policy, which withholds none of these pages."""
    return variant(recipe, "open.yaml", policy={"file": "default"})


@pytest.fixture
def leaks(words_in: Callable[[Path], dict[str, str]], article: Callable[[object], list[str]]) -> Any:
    """(file, secret) for everything of the withheld pages that a folder says."""

    def find(folder: Path) -> list[tuple[str, str]]:
        secrets = [*WITHHELD]
        for seed in set(WITHHELD.values()):
            secrets.append(f"題名その{seed}")
            secrets.extend(sentence for text in article(seed) for sentence in text.split("。") if sentence)
        return [(name, secret) for name, words in words_in(folder).items() for secret in secrets if secret in words]

    return find


def test_the_search_finds_what_is_there(tmp_path: Path, open_recipe: Path, build: Any, leaks: Any) -> None:
    """The control: where the policy lets them, the same words are found in documents and in parts."""
    build(open_recipe, tmp_path / "out")
    found = leaks(tmp_path / "out")
    assert {name.split("/")[0] for name, _ in found} >= {"documents", "parts"}
    assert {secret for _, secret in found} >= {"https://alone.example/secret", "題名そのalone"}


def test_nothing_of_a_withheld_page_is_kept(
    tmp_path: Path, recipe: Path, build: Any, leaks: Any, rows_of: Any, manifest_at: Any
) -> None:
    output = tmp_path / "out"
    build(recipe, output)
    assert leaks(output) == []
    balance = manifest_at(output)["balance"]["fates"]
    assert (balance["kept"], balance["withheld"], balance["duplicate"]) == (2, 4, 1)
    withheld = [row for row in rows_of(output, "ledger") if row["fate"] == "withheld"]
    assert all(row["url"] is None and row["url_hash"] for row in withheld)
    assert {row["url"] for row in rows_of(output, "documents")} == {"https://kept.example/1", "https://kept.example/2"}


def test_nothing_is_kept_of_a_page_that_becomes_withheld(
    tmp_path: Path, recipe: Path, open_recipe: Path, build: Any, leaks: Any, hashes_of: Any
) -> None:
    """Also where the rules or the extraction change at the same time, so that former parts are not used again."""
    fresh = hashes_of(build(recipe, tmp_path / "fresh").output)
    for name, fields in (
        ("rules", {"rules": "swallow-code"}),
        ("extraction", {"extraction": {"range_megabytes": 1}, "subsets": {"web": {"inputs": "a.*", "judge": False}}}),
    ):
        output = tmp_path / name
        build(variant(open_recipe, f"{name}.yaml", **fields), output)
        assert leaks(output)
        build(recipe, output)
        assert leaks(output) == []
        assert hashes_of(output) == fresh


@pytest.mark.slow
def test_nothing_stays_of_a_run_that_was_killed(
    tmp_path: Path, recipe: Path, open_recipe: Path, build: Any, leaks: Any
) -> None:
    """What a killed run leaves: half-written files, chunks that were never joined."""
    build(open_recipe, tmp_path / "open")
    output = tmp_path / "out"
    (table,) = [path for path in (tmp_path / "open" / "documents").rglob("*.parquet") if "LX" in path.parts][:1]
    for place in (
        "parts/pages/.a.pages.parquet.77.123.tmp",
        "parts/building/documents-old/documents/web/L2/.a.parquet.77.123.tmp",
        "parts/building/documents-old/documents/web/L2/a.parquet",
        "parts/pages/chunks/a/.pages.parquet.000000.arrow",
    ):
        (output / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(table, output / place)
    (output / "parts" / "inputs.json").write_text("{}")
    assert leaks(output)
    build(recipe, output)
    assert leaks(output) == []


@pytest.mark.slow
def test_a_scrubbed_part_keeps_its_shape(tmp_path: Path, recipe: Path, build: Any) -> None:
    build(recipe, tmp_path / "out")
    pages = tmp_path / "out" / "parts" / "pages"
    texts = [text for path in sorted(pages.glob("*.pages.parquet")) for text in pq.read_table(path)["text"].to_pylist()]
    assert len(texts) == 7
    assert len([text for text in texts if text]) == 2
    for path in sorted((pages / "seals").glob("*.json")):
        seal = read_seal(pages, path.stem)
        assert seal
        for file in seal.files:
            path = pages / file.path
            assert (file.sha256, file.bytes) == (sha256_of(path), path.stat().st_size)
            assert file.rows == pq.read_metadata(path).num_rows


@pytest.mark.slow
def test_an_archive_that_has_changed_since_is_refused(tmp_path: Path, recipe: Path, build: Any, rows_of: Any) -> None:
    """A scrubbed page is read again at its place; what stands there now must not be taken for it."""
    shutil.copytree(recipe.parent, tmp_path / "in")
    strict = tmp_path / "in" / recipe.name
    build(strict, tmp_path / "out")
    row = next(row for row in rows_of(tmp_path / "out", "ledger") if row["fate"] == "withheld")
    archive = tmp_path / "in" / row["archive"]
    status, content = archive.stat(), bytearray(archive.read_bytes())
    content[row["offset"] + 20 : row["offset"] + row["length"]] = bytes(row["length"] - 20)
    archive.write_bytes(content)
    os.utime(archive, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(WorkError, match="could not be read again"):
        build(variant(strict, "open.yaml", policy={"file": "default"}), tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").exists(), "the old corpus stays until the new one is whole"
