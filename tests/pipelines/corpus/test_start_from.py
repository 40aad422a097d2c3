"""A corpus that starts as a copy of another is whole, stands for itself, and keeps what was withheld."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.corpus import start_from
from tesuki.pipelines.corpus.start_from import copy_corpus
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.lock import LOCK


def test_a_copy_is_whole_and_shares_no_file_that_is_written_in_place(sample: Path, tmp_path: Path) -> None:
    copy_corpus(sample, tmp_path / "copy")
    assert list(verify_corpus(tmp_path / "copy"))
    shared = {path.stat().st_ino for path in sample.rglob("*") if path.is_file()}
    assert not list((tmp_path / "copy" / "parts").glob("under-way*"))
    assert any(path.stat().st_ino in shared for path in (tmp_path / "copy" / "documents").rglob("*.parquet"))


def test_subsets_may_be_called_as_what_belongs_to_one_run(tmp_path: Path) -> None:
    names = ("plan", "hosts", "lines", "templates", "building", "scratch", "shares")
    stay = [f"{folder}/{name}/1" for folder in ("documents", "shards/train", "parts/judged") for name in names]
    for path in (*stay, *(f"parts/{name}/1" for name in names), "parts/page-index-1.npy", "documents/a/.1.tmp"):
        (tmp_path / "other" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "other" / path).write_text("", "utf-8")
    copy_corpus(tmp_path / "other", tmp_path / "out")
    found = [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert sorted(found) == sorted(stay)


def test_a_folder_that_is_there_stays(sample: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "note").write_text("mine", "utf-8")
    copy_corpus(sample, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["note"]


def test_what_is_no_corpus_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RequestError, match="holds no parts/"):
        copy_corpus(tmp_path / "empty", tmp_path / "out")


def test_a_wrong_option_copies_nothing(
    sample: Path, sample_recipe: Path, tmp_path: Path, tesuki: Callable[..., Any]
) -> None:
    run = tesuki("corpus", sample_recipe, "--output", tmp_path / "out", "--start-from", sample, "--outptu", "x")
    assert run.returncode == 2
    assert not (tmp_path / "out").exists()


def test_a_copy_that_was_killed_is_not_taken_for_a_whole_one(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hashes_of: Callable[[Path], dict[str, str]]
) -> None:
    """Killed anywhere: nothing stands at OUT, and the next copy is whole, take-downs and manifest included."""
    other = tmp_path / "other"
    copy_corpus(sample, other)
    (other / "takedowns").mkdir(exist_ok=True)
    (other / "takedowns" / "1.json").write_text("{}", "utf-8")
    linked = start_from._link
    files = sum(path.is_file() for path in other.rglob("*"))
    for most in (1, files // 2, files - 1):
        done = []

        def link(source: str, target: str, most: int = most, done: list[str] = done) -> None:
            if len(done) == most:
                raise KeyboardInterrupt
            done.append(target)
            linked(source, target)

        monkeypatch.setattr(start_from, "_link", link)
        with pytest.raises(KeyboardInterrupt):
            copy_corpus(other, tmp_path / "out")
        assert not (tmp_path / "out").exists()
    monkeypatch.setattr(start_from, "_link", linked)
    copy_corpus(other, tmp_path / "out")
    assert hashes_of(tmp_path / "out") == hashes_of(other)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "out"]
    assert not (tmp_path / "out" / LOCK).exists()


def test_a_corpus_that_changes_meanwhile_is_not_copied(
    sample_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = start_from._link

    def link(source: str, target: str) -> None:
        (sample_copy / "manifest.json").unlink(missing_ok=True)
        linked(source, target)

    monkeypatch.setattr(start_from, "_link", link)
    with pytest.raises(RequestError, match="changed while it was copied"):
        copy_corpus(sample_copy, tmp_path / "out")
    assert not (tmp_path / "out").exists()
