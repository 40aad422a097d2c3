"""A corpus that starts as a copy of another is whole, stands for itself, and keeps what was withheld."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.corpus.start_from import copy_corpus
from tesuki.pipelines.errors import RequestError


def test_a_copy_is_whole_and_shares_no_file_that_is_written_in_place(sample: Path, tmp_path: Path) -> None:
    copy_corpus(sample, tmp_path / "copy")
    assert list(verify_corpus(tmp_path / "copy"))
    shared = {path.stat().st_ino for path in sample.rglob("*") if path.is_file()}
    assert not list((tmp_path / "copy" / "parts").glob("under-way*"))
    assert any(path.stat().st_ino in shared for path in (tmp_path / "copy" / "documents").rglob("*.parquet"))


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
