"""What a run uses again is what was made: damage is found, made again, and never vouched for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.errors import WorkError

Hashes = Callable[[Path], dict[str, str]]


def changed(recipe: Path, file: str, /, **fields: Any) -> Path:
    value = yaml.safe_load(recipe.read_text(encoding="utf-8")) | fields
    path = recipe.with_name(file)
    path.write_text(yaml.safe_dump(value), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, recipe_with: Any, archive_of: Any, web_page: Any) -> Path:
    """A recipe of two subsets, one part each."""
    folder = tmp_path_factory.mktemp("reuse")
    for name, seeds in (("web", range(4)), ("blog", range(3, 7))):
        archive_of(folder / f"{name}.warc.gz", [web_page(f"https://{name}{n}.example/", n) for n in seeds])
    subsets = {name: {"inputs": f"{name}.warc.gz", "judge": False} for name in ("web", "blog")}
    return recipe_with(folder / "recipe.yaml", subsets=subsets)


@pytest.fixture(scope="module")
def built(small: Path, build: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its corpus, not to be changed."""
    output: Path = build(small, tmp_path_factory.mktemp("built") / "out").output
    return output


@pytest.fixture
def corpus(built: Path, tmp_path: Path) -> Path:
    """Its corpus, to be changed."""
    return Path(shutil.copytree(built, tmp_path / "out"))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [flip, cut, remove], ids=lambda damage: damage.__name__)
def test_damaged_parts_are_made_again(
    damage: Callable[[Path], None], corpus: Path, built: Path, small: Path, build: Any, hashes_of: Hashes
) -> None:
    """One of each kind of file: a table of each stage, a seal, a drop list, the memory of inputs."""
    patterns = ("pages/*.pages.parquet", "judged/*.judged.parquet", "drops/*/*.drops.parquet", "inputs.json")
    victims = [min((corpus / "parts").glob(pattern)) for pattern in patterns]
    victims += [max((corpus / "parts").glob(pattern)) for pattern in ("pages/seals/*", "pages/*.fates.parquet")]
    for victim in victims:
        if (damage, victim.name) != (remove, "inputs.json"):  # by which a folder without a manifest is known to be ours
            damage(victim)
    (corpus / "manifest.json").unlink()
    assert any("parts/: not as written" in found for found in lies(corpus, built))
    build(small, corpus)
    assert hashes_of(corpus) == hashes_of(built)
    assert list(verify_corpus(corpus, parts=True))[-1].startswith("parts: ")


def lies(corpus: Path, built: Path) -> list[str]:
    """What `verify --parts` says of the corpus, its manifest lent to it."""
    shutil.copy(built / "manifest.json", corpus)
    try:
        return list(verify_corpus(corpus, parts=True))
    except WorkError as failure:
        return [str(failure)]
    finally:
        (corpus / "manifest.json").unlink()


def test_whole_parts_are_read_no_second_time(corpus: Path, small: Path, build: Any, identity_of: Any) -> None:
    """Only the damaged part is written again."""
    parts = corpus / "parts" / "pages"
    before = identity_of(parts)
    victim = min(parts.glob("*.pages.parquet"))
    flip(victim)
    build(changed(small, "rules.yaml", rules="none", name="other"), corpus)
    after = identity_of(parts)
    part = victim.name.partition(".")[0]
    assert {name for name in before if before[name] != after[name]} == {name for name in before if part in name}


@pytest.mark.parametrize("folder", ["documents", "ledger"])
def test_damage_is_not_laundered_by_a_change_of_shards(
    folder: str, corpus: Path, built: Path, small: Path, build: Any, hashes_of: Hashes
) -> None:
    whole = hashes_of(built)
    flip(min((corpus / folder).rglob("*.parquet")))
    other = build(changed(small, "shards.yaml", shards={"tokens": 500}), corpus)
    assert list(verify_corpus(corpus))
    after = hashes_of(other.output)
    untouched = ("documents/", "ledger/")
    assert {name: after[name] for name in after if name.startswith(untouched)} == {
        name: whole[name] for name in whole if name.startswith(untouched)
    }


def test_a_learnt_tokenizer_that_was_damaged_is_learnt_again(
    sample_copy: Path, sample: Path, sample_recipe: Path, build: Any, hashes_of: Hashes
) -> None:
    flip(next((sample_copy / "parts" / "tokenizer").rglob("*.model")))
    build(changed(sample_recipe, "smaller.yaml", shards={"tokens": 4_000}), sample_copy)
    name = "tokenizer/tokenizer.model"
    assert hashes_of(sample_copy)[name] == hashes_of(sample)[name]
