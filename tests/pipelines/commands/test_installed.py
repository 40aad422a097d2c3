"""The wheel, away from the checkout: what it holds, its types, and a corpus by a recipe of one's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("common", "dedup", "filters", "pipelines", "release_levels", "tokenize")
SHIPPED = {".html", ".json", ".py", ".tsv", ".txt", ".typed", ".yaml"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Installed:
    """An environment into which nothing of the checkout leads."""

    folder: Path

    def run(self, *words: object, cwd: Path) -> str:
        """What a program of the environment prints. Raises where it fails."""
        name, *rest = map(str, words)
        keep = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        done = subprocess.run(
            [str(self.folder / "bin" / name), *rest],
            cwd=cwd,
            env=keep,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def pip(*words: object) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *map(str, words)], check=True
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of the rooms, so that building leaves nothing in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ROOMS:
        shutil.copytree(ROOT / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "source")
    pip("wheel", "--no-deps", "--wheel-dir", folder / "wheels", folder / "source")
    (path,) = (folder / "wheels").glob("tesuki-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An empty environment with the wheel; other people's packages are those of the tests' own environment.

    The line in the ``.pth`` file comes last, and a folder named there has its own ``.pth`` files not read: Tesuki
    itself can only be the wheel's.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    pip("--python", folder / "bin" / "python", "install", "--no-deps", wheel)
    (packages,) = (folder / "lib").glob("python*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    return Installed(folder)


def test_it_holds_the_rooms_with_their_tables_and_their_types(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    shipped = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in SHIPPED]
    assert {f"tesuki/{path.relative_to(ROOT).as_posix()}" for path in shipped} <= held
    assert {f"tesuki/{room}/py.typed" for room in ROOMS} <= held


ALL = """
import importlib, pathlib, sys
(folder,) = {pathlib.Path(path) for path in importlib.import_module("tesuki").__path__}
assert folder.is_relative_to(sys.prefix), folder
for path in sorted(folder.rglob("*.py")):
    name = ".".join(("tesuki", *path.relative_to(folder).with_suffix("").parts))
    if name not in WITHOUT:
        assert pathlib.Path(importlib.import_module(name).__file__) == path
print("all")
"""
WITHOUT = {"tesuki.tokenize.torch_reader"}
"""Modules for libraries that are the user's to install."""


def test_every_module_is_found_there_and_nowhere_else(installed: Installed, tmp_path: Path) -> None:
    assert installed.run("python", "-c", f"WITHOUT = {WITHOUT!r}\n{ALL}", cwd=tmp_path) == "all\n"


def test_a_program_of_ones_own_is_checked_against_its_types(installed: Installed, tmp_path: Path) -> None:
    program = tmp_path / "mine.py"
    program.write_text(
        "from tesuki.dedup.fingerprint import fingerprint\n\nanswer: str = fingerprint('本文')\n", encoding="utf-8"
    )
    words = ["-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", "--python-executable"]
    done = subprocess.run(
        [sys.executable, *map(str, words), installed.folder / "bin" / "python", program],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Incompatible types in assignment" in done.stdout, done.stdout + done.stderr
    assert "untyped" not in done.stdout


def test_a_corpus_by_a_recipe_of_ones_own(
    installed: Installed,
    tmp_path: Path,
    archive_of: Callable[[Path, Sequence[object]], Path],
    web_page: Callable[..., object],
) -> None:
    assert "Usage: tesuki" in installed.run("tesuki", "--help", cwd=tmp_path)
    pages = [web_page(f"https://example.jp/{number}", number) for number in range(12)]
    archive_of(tmp_path / "crawl" / "a.warc.gz", pages)
    said = installed.run("tesuki", "init", cwd=tmp_path)
    assert (tmp_path / "recipe.yaml").is_file(), said
    recipe = (tmp_path / "recipe.yaml").read_text(encoding="utf-8")
    mine = recipe.replace("archives/*.warc.gz", "crawl/*.warc.gz").replace("judge: true", "judge: false")
    (tmp_path / "recipe.yaml").write_text(mine, encoding="utf-8")
    words = ["recipe.yaml", "--output", "out", "--direct_num_workers=2"]
    assert "12 records read = kept 12" in installed.run("tesuki", "corpus", *words, cwd=tmp_path)
    installed.run("tesuki", "verify", "out", cwd=tmp_path)
    assert "example.jp/3" in installed.run("tesuki", "why", "out", "https://example.jp/3", cwd=tmp_path)
