"""A broken installation, disk or machine ends the run, seals nothing, and after the repair the same command works."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.corpus import extract_pipeline as extract
from tesuki.pipelines.corpus.build import build_corpus
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.mending import step as mending


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory, recipe_with: Any, archive_of: Any, web_page: Any) -> Path:
    folder = tmp_path_factory.mktemp("small")
    archive_of(folder / "web.warc.gz", [web_page(f"https://w{n}.example/", n) for n in range(4)])
    made: Path = recipe_with(folder / "recipe.yaml")
    return made


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, recipe: Path, build: Any, hashes_of: Any) -> dict[str, str]:
    """The files of the corpus as they should be."""
    made: dict[str, str] = hashes_of(build(recipe, tmp_path_factory.mktemp("whole") / "out").output)
    return made


BROKEN_MODULES = {
    "cannot be loaded": "raise ImportError('lxml.html.clean module is now a separate project')",
    "fails at every call": (
        "def bare_extraction(*a, **b): raise AttributeError\nextract = extract_metadata = bare_extraction"
    ),
}


@pytest.mark.parametrize("how", ["cannot be loaded", pytest.param("fails at every call", marks=pytest.mark.slow)])
@pytest.mark.parametrize("mode", ["in_memory", pytest.param("multi_processing", marks=pytest.mark.slow)])
def test_a_broken_extractor_ends_the_run(
    tmp_path: Path, recipe: Path, tesuki: Any, whole: Any, hashes_of: Any, how: str, mode: str
) -> None:
    """Before: every page dead, a corpus of nothing with exit code 0, and nothing to do after the repair."""
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "trafilatura.py").write_text(BROKEN_MODULES[how])
    workers = (f"--direct_running_mode={mode}",)
    path = os.pathsep.join(filter(None, [str(bad), os.environ.get("PYTHONPATH")]))
    run = tesuki("corpus", recipe, "--output", tmp_path / "out", *workers, environment={"PYTHONPATH": path})
    assert run.returncode == 1
    assert "installation" in run.stderr.splitlines()[-1]
    if how == "cannot be loaded":
        assert "lxml.html.clean module is now a separate project" in run.stderr.splitlines()[-1]
        assert len(run.stderr.splitlines()) == 1
    assert not list((tmp_path / "out").rglob("seals/*"))
    assert not (tmp_path / "out" / "manifest.json").exists()

    again = tesuki("corpus", recipe, "--output", tmp_path / "out", *workers)
    assert again.returncode == 0, again.stderr
    assert hashes_of(tmp_path / "out") == whole


@pytest.mark.parametrize(
    "failure",
    [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), sqlite3.OperationalError("disk I/O error"), ImportError("gone")],
    ids=["disk full", "database", "module"],
)
def test_what_no_page_can_cause_passes_through_every_station(
    tmp_path: Path,
    recipe: Path,
    build: Any,
    whole: Any,
    hashes_of: Any,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
) -> None:
    def fail(*_: Any) -> Any:
        raise failure

    with monkeypatch.context() as patched:
        patched.setattr(extract, "measure", fail)
        with pytest.raises(WorkError):
            build(recipe, tmp_path / "out")
    assert not (tmp_path / "out" / "manifest.json").exists()
    build(recipe, tmp_path / "out")
    assert hashes_of(tmp_path / "out") == whole


STATIONS: dict[str, tuple[Any, str]] = {"measure": (extract, "measure"), "mend": (mending, "mend_page")}


@pytest.mark.parametrize("station", ["measure", pytest.param("mend", marks=pytest.mark.slow)])
def test_a_station_that_breaks_every_page_is_itself_broken(
    tmp_path: Path,
    recipe: Path,
    hashes_of: Callable[[Path], dict[str, str]],
    build: Any,
    whole: Any,
    monkeypatch: pytest.MonkeyPatch,
    station: str,
) -> None:
    def fail(*_: Any) -> Any:
        raise ValueError

    with monkeypatch.context() as patched:
        patched.setattr(*STATIONS[station], fail)
        with pytest.raises(WorkError, match=rf"station {station}: all 4 pages .* left by {station}\.crash"):
            build_corpus(check_request(recipe, tmp_path / "out", (), ()), lambda _: None)
    assert not (tmp_path / "out" / "manifest.json").exists()
    build(recipe, tmp_path / "out")
    assert hashes_of(tmp_path / "out") == whole


def test_one_page_that_breaks_a_station_costs_one_page(
    tmp_path: Path, recipe: Path, build: Any, manifest_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = extract.measure

    def fail_once(preset: Any, unjudged: Any, page: Any) -> Any:
        if "w1." in page.url:
            raise MemoryError
        return measure(preset, unjudged, page)

    monkeypatch.setattr(extract, "measure", fail_once)
    build(recipe, tmp_path / "out")
    fates = manifest_at(tmp_path / "out")["balance"]["fates"]
    assert (fates["kept"], fates["dead"]) == (3, 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 kB."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "none", folder], capture_output=True).returncode:
        pytest.skip("this user may not mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.slow
def test_a_full_disk_is_named_and_after_the_repair_the_same_command_goes_on(
    small_disk: Path, sample_recipe: Path, sample: Path, tesuki: Any, hashes_of: Any
) -> None:
    run = tesuki("corpus", sample_recipe, "--output", small_disk / "out")
    assert run.returncode == 1
    (line,) = run.stderr.splitlines()
    assert "No space left" in line
    assert f"make room where {small_disk / 'out' / 'parts'} lies" in line
    assert not list(small_disk.rglob("*.tmp"))
    assert not (small_disk / "out" / "manifest.json").exists()
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    assert tesuki("corpus", sample_recipe, "--output", small_disk / "out").returncode == 0
    assert hashes_of(small_disk / "out") == hashes_of(sample)


POOR = {
    "few files may be open": ("ulimit -n 24;", {}),
    "no home, no locale, no temporary folder": ("unset HOME;", {"LC_ALL": "C", "TMPDIR": "/no/such/folder"}),
    "another locale": ("", {"LC_ALL": "ja_JP.eucJP", "PYTHONUTF8": "0"}),
    "no shared memory": ("umount -l /dev/shm;", {}),
    "little address space": ("ulimit -v 1300000;", {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("how", POOR)
def test_a_poor_environment_gives_the_same_bytes_or_one_clear_line(
    tmp_path: Path, sample_recipe: Path, sample: Path, command: Any, hashes_of: Any, how: str
) -> None:
    shell, variables = POOR[how]
    isolated = ["unshare", "-m"] if "umount" in shell else []
    if isolated and subprocess.run([*isolated, "true"], capture_output=True).returncode:
        pytest.skip("this user may not unmount")
    run = subprocess.run(
        [*isolated, "bash", "-c", f'{shell} exec "$@"', "-", *command("corpus", sample_recipe, "--output", "out")],
        cwd=tmp_path,
        env={**os.environ, **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    if run.returncode == 0:
        assert hashes_of(tmp_path / "out") == hashes_of(sample)
    else:
        assert how == "little address space"
        assert (run.returncode, len(run.stderr.splitlines())) == (1, 1), run.stderr
        assert "memory" in run.stderr
        assert not (tmp_path / "out" / "manifest.json").exists()
