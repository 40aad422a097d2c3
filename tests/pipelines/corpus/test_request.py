"""A wrong request is answered with one message and exit code 2 before anything is written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.commands.cli import main


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[Any, str, str]]:
    """Runs the command in this process: exit code, standard output, standard error."""

    def run(*words: object) -> tuple[Any, str, str]:
        monkeypatch.setattr(sys, "argv", ["tesuki", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def recipe(tmp_path: Path, recipe_with: Callable[..., Path], archive_of: Any, web_page: Any) -> Path:
    """A recipe with which nothing is wrong."""
    archive_of(tmp_path / "a.warc.gz", [web_page("https://a.example/", 1)])
    return recipe_with(tmp_path / "recipe.yaml")


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def refused(answer: Callable[..., tuple[Any, str, str]], folder: Path, words: Sequence[object]) -> str:
    """The message of a refusal, which wrote nothing anywhere."""
    before = names(folder)
    code, out, err = answer(*words)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert names(folder) == before
    return str(err)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rules": "none of these"}, "recipe.yaml: rules.preset: found 'none of these', expected"),
        ({"colour": "red"}, "recipe.yaml: colour: unknown field"),
        ({"subsets": {"web": {"inputs": "*.gz", "repeats": -2}}}, "subsets.web.repeats: found '-2', expected a ratio"),
        ({"subsets": {"web": {"inputs": "none-*.gz"}}}, "recipe.yaml: subsets.web.inputs: 'none-*.gz' names no file"),
        ({"tokenizer": {"path": "gone.model"}}, "recipe.yaml: tokenizer.path:"),
        ({"tokenizer": {"path": "recipe.yaml"}}, "recipe.yaml: tokenizer.path:"),
        ({"tokenizer": {"path": "a.warc.gz"}}, "recipe.yaml: tokenizer.path:"),
        ({"tokenizer": {"path": "broken.model"}}, "recipe.yaml: tokenizer.path:"),
        ({"policy": {"file": "gone.yaml"}}, "recipe.yaml: policy.file: 'gone.yaml' cannot be read"),
        ({"policy": {"file": "recipe.yaml"}}, "recipe.yaml: policy.file:"),
        ({"policy": {"take_down": "gone.txt"}}, "gone.txt: cannot be read"),
        ({"deduplication": {"preset": "doubri", "keep": "measure:beauty"}}, "deduplication.keep"),
    ],
    ids=str,
)
def test_a_wrong_field_is_named_and_nothing_is_written(
    answer: Any, recipe: Path, recipe_with: Callable[..., Path], fields: dict[str, Any], message: str
) -> None:
    (recipe.parent / "broken.model").write_bytes(b"this is no model")
    recipe_with(recipe, **fields)
    said = refused(answer, recipe.parent, ["corpus", recipe, "--output", recipe.parent / "out"])
    assert message in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--runner=DirectRunner"], "--runner=DirectRunner: "),
        (["--runner", "DirectRunner"], "--runner=DirectRunner: "),
        (["--runner=SwitchingDirectRunner"], "--runner=SwitchingDirectRunner: "),
        (["--runner=apache_beam.runners.direct.DirectRunner"], "--runner=apache_beam.runners.direct.DirectRunner: "),
        (["--runner=BundleBasedDirectRunner"], "--runner=BundleBasedDirectRunner: "),
        (["--runner=PrismRunner"], "--runner=PrismRunner: "),
        (["--runner=DaskRunner"], "--runner=DaskRunner: "),
        (["--direct_running_mode=multi_threading"], "--direct_running_mode=multi_threading"),
        (["--direct_running_mode", "multi_threading"], "--direct_running_mode=multi_threading"),
        (["--direct_running_mode=sometimes"], "--direct_running_mode"),
        (["--direct_num_workers=many"], "--direct_num_workers"),
        (["--direct_num_worker=2"], "--direct_num_worker"),
        (["--inptu=*.warc.gz"], "--inptu"),
        (["stray.warc.gz"], "stray.warc.gz"),
        (["--input", "gone/*.warc.gz"], "--input: 'gone/*.warc.gz' names no file"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_a_wrong_option_is_named_and_nothing_is_written(
    answer: Any, recipe: Path, options: list[str], message: str
) -> None:
    said = refused(answer, recipe.parent, ["corpus", recipe, "--output", recipe.parent / "out", *options])
    assert message in said
    assert len(said.splitlines()) == 1


def test_a_recipe_that_is_missing(answer: Any, tmp_path: Path) -> None:
    said = refused(answer, tmp_path, ["corpus", tmp_path / "none.yaml", "--output", tmp_path / "out"])
    assert "none.yaml: no such recipe" in said


def test_an_output_that_is_missing(answer: Any, recipe: Path) -> None:
    assert "--output" in refused(answer, recipe.parent, ["corpus", recipe])


def test_an_output_that_is_a_file_or_lies_below_one(answer: Any, recipe: Path) -> None:
    file = recipe.parent / "file"
    file.write_text("mine")
    for output in (file, file / "out"):
        said = refused(answer, recipe.parent, ["corpus", recipe, "--output", output])
        assert f"--output: {file} is a file; expected a folder" in said


@pytest.mark.parametrize(
    "theirs",
    [
        {"notes.txt": "mine"},
        {"documents/thesis.txt": "mine"},
        {"manifest.json": '{"manifest_version": 3}', "documents/index.html": "mine"},
        {"manifest.json": "not JSON", "shards/a": "mine"},
        {"manifest.json": "[]", "shards/a": "mine"},
        {"parts/wheel.txt": "mine", "documents/manual.txt": "mine"},
    ],
    ids=lambda theirs: " ".join(theirs),
)
def test_an_output_that_holds_what_is_not_ours_is_left_alone(answer: Any, recipe: Path, theirs: dict[str, str]) -> None:
    output = recipe.parent / "out"
    for name, content in theirs.items():
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_text(content)
    said = refused(answer, recipe.parent, ["corpus", recipe, "--output", output])
    assert f"--output: {output} holds files that are not a corpus" in said
    assert {name: (output / name).read_text() for name in theirs} == theirs


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_an_output_that_cannot_be_written(answer: Any, recipe: Path) -> None:
    locked = recipe.parent / "locked"
    locked.mkdir(mode=0o500)
    said = refused(answer, recipe.parent, ["corpus", recipe, "--output", locked / "out"])
    assert f"--output: {locked} cannot be read and written by this user" in said


def test_two_archives_of_one_name(answer: Any, recipe: Path, archive_of: Any, web_page: Any) -> None:
    archive_of(recipe.parent / "other" / "a.warc.gz", [web_page("https://b.example/", 2)])
    words = ["corpus", recipe, "--output", recipe.parent / "out"]
    inputs = ["--input", recipe.parent / "a.warc.gz", "--input", recipe.parent / "other" / "*.gz"]
    assert "two files are called a.warc.gz" in refused(answer, recipe.parent, [*words, *inputs])


@pytest.mark.parametrize("command", ["report", "verify", "why"])
def test_a_folder_without_a_corpus(answer: Any, tmp_path: Path, command: str) -> None:
    page = ["https://a.example/"] if command == "why" else []
    said = refused(answer, tmp_path, [command, tmp_path, *page])
    assert f"{tmp_path}: no finished corpus here" in said


def test_a_command_there_is_not(answer: Any, tmp_path: Path) -> None:
    assert "no such command: corpse; did you mean corpus?" in refused(answer, tmp_path, ["corpse"])


def test_the_command_itself_refuses_with_exit_code_2(tmp_path: Path, command: Callable[..., list[str]]) -> None:
    """The same through the installed script: nothing else is printed."""
    words = command("corpus", tmp_path / "none.yaml", "--output", tmp_path / "out")
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"tesuki: {tmp_path}/none.yaml: no such recipe; `tesuki init` writes one to start from\n"
    assert not (tmp_path / "out").exists()
