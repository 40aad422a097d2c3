"""`tesuki takedown` on the sample corpus: the same bytes as a rebuild with the list."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.journey import chunk
from tesuki.pipelines.storage import part_writer
from tesuki.pipelines.takedown.take_down import take_down
from tesuki.release_levels.page_lists import text_hash

LIST = "take-down.txt"

Hashes = Callable[[Path], dict[str, str]]


@dataclass(frozen=True)
class Built:
    """The corpus before any take-down, and the recipe that would build it with one (a list named `LIST`)."""

    output: Path
    with_list: Path

    @property
    def list(self) -> Path:
        """Where the recipe looks for the list."""
        return self.with_list.with_name(LIST)

    def rows(self, folder: str) -> list[dict[str, Any]]:
        """The documents, or the pages in the ledger whose address is known."""
        tables = (pq.read_table(path) for path in sorted((self.output / folder).rglob("*.parquet")))
        return [row for table in tables for row in table.to_pylist() if row["url"]]


@pytest.fixture(scope="module", autouse=True)
def small_row_groups() -> Iterator[None]:
    """Row groups of four, so that the tables of the sample have several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part_writer, "ROWS_A_GROUP", 4)
        yield


@pytest.fixture(scope="module")
def built(
    sample_folder: Path, model: Path, build: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Built:
    """The sample by a recipe with all that a take-down must keep up: small shards, splits, index, masks, a deny list.

    Built of chunks of three pages; the rebuilds have them larger.
    """
    folder = tmp_path_factory.mktemp("takedown")
    for beside in sample_folder.iterdir():
        (folder / beside.name).symlink_to(beside)
    recipe = yaml.safe_load((sample_folder / "recipe.yaml").read_text(encoding="utf-8"))
    recipe["subsets"]["forum"]["repeats"] = 0
    recipe["deduplication"]["write_index"] = True
    recipe["tokenizer"] = {"path": str(model)}
    recipe["shards"]["tokens"] = 2500
    recipe["mend"] = {"mask_personal_data": True, "repeated_lines": {"documents": 2}}
    recipe["policy"] = {"file": "default", "deny": "deny.txt"}
    (folder / "deny.txt").write_text("todaimoto-soft.example\n")
    (folder / "without-list.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False))
    recipe["policy"]["take_down"] = LIST
    (folder / "with-list.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunk, "PAGES_PER_CHUNK", 3)
        build(folder / "without-list.yaml", folder / "out")
    return Built(folder / "out", folder / "with-list.yaml")


def cases(built: Built) -> Mapping[str, tuple[list[str], tuple[int, int]]]:
    """The lines of lists, in the sample's own words, and how many documents and other pages go by each."""
    documents, ledger = built.rows("documents"), built.rows("ledger")
    footed = next(row for row in documents if row["url"] == "https://www.aoba-hatsujo.example/letter/31")
    assert text_hash(footed["text"]) != footed["text_hash"], "this page has a footer that mending cuts"
    rejected = next(row for row in ledger if row["url"] == "https://nagai-nikki.example/1")
    kept = {row["url"].replace("://www.", "://") for row in documents}
    duplicates = [row for row in ledger if row["station"] == "deduplicate"]
    same_address = [row for row in duplicates if row["url"].replace("://www.", "://") in kept]
    return {
        # The trail course was captured twice.
        "an address": (["https://hikuyama.example/course/kagami"], (1, 1)),
        # The mirror copied the manual of hinoki-denki, which stands for both.
        "a duplicate's host, and a text as mended": (
            ["toriset-mirror.example", f"text:{text_hash(footed['text'])}"],
            (2, 1),
        ),
        # Eight documents, a duplicate and two rejected pages of the town; four recipes and a duplicate.
        "hosts and beginnings": (
            ["# all of the town\ncity.kawabe-mihon.lg.jp", "https://daidokoro-dayori.example/recipes/*"],
            (12, 4),
        ),
        # The forum is repeated 0 times: no shard tells how many tokens it loses.
        "texts as extracted, rejected pages, a subset without shards": (
            [
                f"text:{footed['text_hash']}",
                f"text:{rejected['text_hash']}",
                "josuiki-kakuyasu.example",
                "www.sougo-link.example",
                "teori-no-wa.example",
            ],
            (2, 3),
        ),
        # Of the second host all is withheld already, by the deny list.
        "nothing": (["nobody.example", "todaimoto-soft.example"], (0, 0)),
        "everything": ([row["url"] for row in documents], (len(documents), len(same_address))),
    }


CASES = (
    "an address",
    "a duplicate's host, and a text as mended",
    "hosts and beginnings",
    "texts as extracted, rejected pages, a subset without shards",
    "nothing",
    "everything",
)


OFTEN = CASES[2:4]
"""Those in which every kind of thing leaves."""


@pytest.mark.parametrize(
    "case", [case if case in OFTEN else pytest.param(case, marks=pytest.mark.slow) for case in CASES]
)
def test_equals_a_rebuild(
    case: str, built: Built, build: Callable[..., Any], tmp_path: Path, hashes_of: Hashes
) -> None:
    lines, (documents, others) = cases(built)[case]
    built.list.write_text("\n".join(lines) + "\n", encoding="utf-8")
    taken = copied(built, tmp_path / "taken")
    said = list(take_down(taken, built.list))
    assert said[0] == (f"withheld: documents {documents}, pages that had left for other reasons {others}")
    assert list(verify_corpus(taken))
    assert made(taken, hashes_of) == rebuilt(built, build, tmp_path / "rebuilt", hashes_of)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_lists_that_grow_equal_a_rebuild_with_the_last(
    seed: int, built: Built, build: Callable[..., Any], tmp_path: Path, hashes_of: Hashes
) -> None:
    draw = random.Random(seed)
    pages = [row for folder in ("documents", "ledger") for row in built.rows(folder) if "://" in row["url"]]
    taken = copied(built, tmp_path / "taken")
    built.list.write_text("")
    for _ in range(draw.randint(1, 4)):
        entries = [entry_for(draw, draw.choice(pages)) for _ in range(draw.randint(1, 4))]
        built.list.write_text(built.list.read_text() + "\n".join(entries) + "\n")
        assert list(take_down(taken, built.list))
    assert list(verify_corpus(taken))
    assert made(taken, hashes_of) == rebuilt(built, build, tmp_path / "rebuilt", hashes_of)


def entry_for(draw: random.Random, page: Mapping[str, Any]) -> str:
    """A line that names ``page``, one way or another."""
    entries = [page["url"], page["url"].split("/")[2], page["url"].rpartition("/")[0] + "/*"]
    if page["text_hash"]:
        entries.append(f"text:{page['text_hash']}")
    return draw.choice(entries)


def copied(built: Built, output: Path) -> Path:
    """The corpus, to be changed."""
    return Path(shutil.copytree(built.output, output))


def rebuilt(built: Built, build: Callable[..., Any], output: Path, hashes_of: Hashes) -> dict[str, str]:
    """What a run with the list makes; extraction and deduplication, which ask no list, are there already."""
    shutil.copytree(built.output / "parts", output / "parts")
    assert build(built.with_list, output).built
    return made(output, hashes_of)


def made(output: Path, hashes_of: Hashes) -> dict[str, str]:
    """The hashes of a corpus, records of take-downs aside."""
    return {path: sha256 for path, sha256 in hashes_of(output).items() if not path.startswith("takedowns/")}
