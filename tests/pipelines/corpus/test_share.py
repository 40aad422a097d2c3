"""Shares of a corpus, made by commands that know nothing of each other, are the corpus that one command makes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.corpus.build import build_corpus, build_share
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.corpus.share import Share, refuse_shares, share_of
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.lock import locked


@given(st.lists(st.integers(0, 9), max_size=5), st.integers(1, 7))
def test_shares_hold_every_file_once_and_are_even(sizes: list[int], of: int) -> None:
    files = {f"s{number}": tuple(f"{number}-{each}" for each in range(size)) for number, size in enumerate(sizes)}
    shares = [Share(number, of).of_files(files) for number in range(1, of + 1)]
    for subset, group in files.items():
        assert sorted(name for share in shares for name in share[subset]) == sorted(group)
    counts = [sum(map(len, share.values())) for share in shares]
    assert max(counts) - min(counts) <= 1


SLURM = {"SLURM_ARRAY_TASK_ID": "4", "SLURM_ARRAY_TASK_MIN": "2", "SLURM_ARRAY_TASK_MAX": "9"}


def test_a_share_is_named_by_hand_or_by_slurm() -> None:
    assert share_of("3/64", {}) == Share(3, 64)
    assert share_of("slurm", {**SLURM, "SLURM_ARRAY_TASK_COUNT": "8"}) == Share(3, 8)


@pytest.mark.parametrize("word", ["0/4", "5/4", "3", "a/b", "1/0", "slurm"])
def test_other_shares_are_refused(word: str) -> None:
    with pytest.raises(RequestError, match="--share"):
        share_of(word, {**SLURM, "SLURM_ARRAY_TASK_COUNT": "7"})


@pytest.mark.slow
def test_shares_and_then_the_command_without_are_one_run(sample: Path, sample_recipe: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    made = []
    for number in (2, 1):
        request = check_request(sample_recipe, output, (), (), Share(number, 2))
        made.append(build_share(request, lambda _: None))
        assert not (output / "manifest.json").exists()
    seals = {path.name: path.stat().st_mtime_ns for path in (output / "parts" / "pages" / "seals").iterdir()}
    assert len(seals) == sum(made)
    build_corpus(check_request(sample_recipe, output, (), ()), lambda _: None)
    again = {path.name: path.stat().st_mtime_ns for path in (output / "parts" / "pages" / "seals").iterdir()}
    changed = [name for name in seals if again[name] != seals[name]]
    assert len(changed) <= 1, "no part is read twice; the one with a withheld page is scrubbed"
    assert (output / "manifest.json").read_bytes() == (sample / "manifest.json").read_bytes()
    assert not (output / "parts" / "shares").exists()


def test_a_share_and_a_run_of_the_whole_exclude_each_other(
    sample_recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tesuki.pipelines.corpus.share.PATIENCE", 0.0)
    output = tmp_path / "out"
    share = check_request(sample_recipe, output, (), (), Share(1, 99))
    whole = check_request(sample_recipe, output, (), ())
    folder = Share(2, 99).folder(output / "parts")
    folder.mkdir(parents=True)
    with locked(folder):
        with pytest.raises(RequestError, match="2-of-99: in use by process"):
            build_corpus(whole, lambda _: None)
        with pytest.raises(RequestError, match="2-of-99: in use by process"):
            refuse_shares(output / "parts")
        assert build_share(share, lambda _: None) == 1
    with locked(output), pytest.raises(RequestError, match="in use by process"):
        build_share(share, lambda _: None)
    with locked(Share(1, 99).folder(output / "parts")), pytest.raises(RequestError, match="1-of-99: in use"):
        build_share(share, lambda _: None)


@pytest.mark.slow
def test_three_at_once_one_of_them_killed(
    sample: Path, sample_recipe: Path, tmp_path: Path, command: Callable[..., list[str]], tesuki: Any
) -> None:
    output = tmp_path / "out"

    def start(number: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command("corpus", sample_recipe, "--output", output, "--share", f"{number}/3"))

    running = {number: start(number) for number in (1, 2, 3)}
    seals = output / "parts" / "pages" / "seals"
    while not (seals.is_dir() and any(seals.iterdir())):
        time.sleep(0.05)
    running[2].send_signal(signal.SIGKILL)
    assert running[2].wait() == -signal.SIGKILL
    assert [running[number].wait() for number in (1, 3)] == [0, 0]
    assert start(2).wait() == 0
    done = tesuki("corpus", sample_recipe, "--output", output)
    assert done.returncode == 0, done.stderr
    assert (output / "manifest.json").read_bytes() == (sample / "manifest.json").read_bytes()
    shutil.rmtree(output)
