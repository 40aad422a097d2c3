"""What was taken down stays so in every later run into the folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.corpus.take_downs import PLAN, read_record
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.storage.sealed_json import write_sealed
from tesuki.pipelines.takedown.take_down import take_down

GONE = "https://g.example/1"


@pytest.fixture
def recipe(tmp_path: Path, recipe_with: Callable[..., Path], archive_of: Any, web_page: Any) -> Path:
    """A recipe of three pages, one of which somebody will ask to be removed."""
    pages = [web_page(url, number) for number, url in enumerate([GONE, "https://a.example/", "https://b.example/"])]
    archive_of(tmp_path / "a.warc.gz", pages)
    (tmp_path / "take-down.txt").write_text("g.example\n")
    return recipe_with(tmp_path / "recipe.yaml", tokenizer=None)


def changed(recipe: Path, **fields: Any) -> Path:
    path = recipe.with_name("changed.yaml")
    path.write_text(yaml.safe_dump(yaml.safe_load(recipe.read_text(encoding="utf-8")) | fields), encoding="utf-8")
    return path


def test_a_page_never_comes_back(tmp_path: Path, recipe: Path, build: Any, rows_of: Any, hashes_of: Any) -> None:
    out, listed = tmp_path / "out", tmp_path / "take-down.txt"
    build(recipe, out)
    assert GONE in {row["url"] for row in rows_of(out, "documents")}
    said = list(take_down(out, listed))
    assert "every later run into this folder needs policy.take_down: take-down.txt in its recipe" in said
    taken = hashes_of(out)

    for other in (recipe, changed(recipe, mend="none"), changed(recipe, name="another")):
        with pytest.raises(RequestError, match=r"policy\.take_down: missing; take-downs were .*take-down\.txt"):
            build(other, out)
        assert hashes_of(out) == taken

    with_list = changed(recipe, policy={"take_down": "take-down.txt"})
    assert not build(with_list, out).built
    listed.write_text("other.example\n")
    with pytest.raises(RequestError, match=r"policy\.take_down: .*which this list does not begin with"):
        build(with_list, out)
    assert hashes_of(out) == taken

    listed.write_text("g.example\nb.example\n")
    for fields in ({"mend": "none"}, {"mend": "none"}):
        build(changed(recipe, policy={"take_down": "take-down.txt"}, **fields), out)
        assert [row["url"] for row in rows_of(out, "documents")] == ["https://a.example/"]
        assert list(verify_corpus(out))
    assert [path.name for path in sorted((out / "takedowns").iterdir())] == ["1.json", "2.json"]
    assert not read_record(out, 2).pages

    # The longer list binds by now, and a folder that lost its manifest is bound as well.
    listed.write_text("g.example\n")
    (out / "manifest.json").unlink()
    with pytest.raises(RequestError, match="does not begin with"):
        build(with_list, out)


@pytest.mark.slow
def test_a_take_down_that_was_interrupted_is_finished_first(tmp_path: Path, recipe: Path, build: Any) -> None:
    out = tmp_path / "out"
    build(recipe, out)
    (out / "takedowns" / "unfinished").mkdir(parents=True)
    (out / PLAN).write_text("{}")
    (out / "manifest.json").unlink()
    for asked in (recipe, changed(recipe, policy={"take_down": "take-down.txt"})):
        with pytest.raises(RequestError, match=r"interrupted here; finish it first: tesuki takedown"):
            build(asked, out)


def test_a_plan_from_a_stranger_is_not_obeyed(tmp_path: Path, recipe: Path, build: Any, monkeypatch: Any) -> None:
    from tesuki.pipelines.takedown import swap

    out, listed = tmp_path / "out", tmp_path / "take-down.txt"
    build(recipe, out)
    mine = tmp_path / "mine.txt"
    mine.write_text("dear to me")
    (out / "documents" / "way").symlink_to(tmp_path)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(swap, "scrub_documents", killed)
    with pytest.raises(KeyboardInterrupt):
        list(take_down(out, listed))
    monkeypatch.undo()
    plan = json.loads((out / PLAN).read_bytes())
    for path in (str(mine), "../mine.txt", "documents/../../mine.txt", "documents/way/mine.txt", "mine.txt", ""):
        write_sealed(out / PLAN, plan | {"ended": [path]})
        with pytest.raises(RequestError, match="which is no file of the corpus"):
            list(take_down(out, listed))
        assert mine.read_text() == "dear to me"
    (out / PLAN).write_text(json.dumps(plan | {"ended": []}))
    with pytest.raises(RequestError, match="not what its digest says"):
        list(take_down(out, listed))


@pytest.fixture(scope="module")
def taken(
    tmp_path_factory: pytest.TempPathFactory,
    recipe_with: Callable[..., Path],
    archive_of: Any,
    web_page: Any,
    build: Any,
) -> Path:
    """A corpus from which two lists took pages down."""
    folder = tmp_path_factory.mktemp("taken")
    archive_of(folder / "a.warc.gz", [web_page(f"https://{name}.example/", name) for name in "abg"])
    build(recipe_with(folder / "recipe.yaml", tokenizer=None), folder / "out")
    for entries in ("g.example\n", "g.example\nb.example\n"):
        (folder / "take-down.txt").write_text(entries)
        assert list(take_down(folder / "out", folder / "take-down.txt"))
    return folder / "out"


@pytest.mark.parametrize("change", ["lost", "flipped", "foreign", "undone"])
def test_verify_follows_the_records(tmp_path: Path, taken: Path, change: str) -> None:
    out = Path(shutil.copytree(taken, tmp_path / "copy"))
    record = out / "takedowns" / "1.json"
    if change == "lost":
        record.unlink()
    elif change == "flipped":
        content = bytearray(record.read_bytes())
        content[len(content) // 2] ^= 1
        record.write_bytes(content)
    elif change == "foreign":
        record.with_name("note.txt").write_text("")
    else:
        write_sealed(
            out / "takedowns" / "2.json",
            json.loads((out / "takedowns" / "2.json").read_bytes()) | {"manifest": {"before": None, "after": "0" * 64}},
        )
    with pytest.raises(WorkError, match="takedowns/"):
        list(verify_corpus(out))
