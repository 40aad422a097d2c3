"""Two commands never write in one folder at a time; the second changes nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.commands.cli import main
from tesuki.pipelines.storage.lock import LOCK, locked

Hashes = Callable[[Path], dict[str, str]]


@pytest.mark.parametrize("command", ["corpus", "takedown", "report"])
def test_the_second_is_refused_and_the_corpus_stays_whole(
    command: str,
    sample_copy: Path,
    sample_recipe: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    hashes_of: Hashes,
) -> None:
    (tmp_path / "list.txt").write_text("hikuyama.example\n")
    words: dict[str, list[Any]] = {
        "corpus": [sample_recipe, "--output", sample_copy],
        "takedown": [sample_copy, "--list", tmp_path / "list.txt"],
        "report": [sample_copy],
    }
    monkeypatch.setattr(sys, "argv", ["tesuki", command, *map(str, words[command])])
    with locked(sample_copy):
        before = hashes_of(sample_copy)
        with pytest.raises(SystemExit) as end:
            main()
        assert hashes_of(sample_copy) == before
    said = capsys.readouterr().err
    assert end.value.code == 2, said
    assert f"{sample_copy}: in use by process " in said
    assert not (sample_copy / LOCK).exists()


def test_what_a_killed_run_leaves_at_once_is_ours(
    tmp_path: Path, build: Any, recipe_with: Any, archive_of: Any, web_page: Any
) -> None:
    """Killed before anything but the lock was written: the same command again works."""
    archive_of(tmp_path / "a.warc.gz", [web_page("https://a.example/", 1)])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / LOCK).write_text("")
    assert build(recipe_with(tmp_path / "recipe.yaml", tokenizer=None), tmp_path / "out").built
    assert not (tmp_path / "out" / LOCK).exists()


def test_a_run_that_was_taken_for_dead_puts_nothing_in_place(
    sample_copy: Path, sample_recipe: Path, build: Any, hashes_of: Hashes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tesuki.pipelines.corpus import build as corpus_module
    from tesuki.pipelines.errors import WorkError

    recipe = sample_recipe.with_name("taken-over.yaml")
    recipe.write_text(sample_recipe.read_text(encoding="utf-8").replace("name: ", "name: other "), encoding="utf-8")
    before = hashes_of(sample_copy)
    make = corpus_module.make_tokens

    def taken_over(*arguments: Any) -> Any:
        (sample_copy / LOCK).unlink()
        return make(*arguments)

    monkeypatch.setattr(corpus_module, "make_tokens", taken_over)
    with pytest.raises(WorkError, match="taken over"):
        build(recipe, sample_copy)
    assert hashes_of(sample_copy) == before
