"""The house: five rooms that are packages without an ``__init__.py``, and who may know whom."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("dedup", "filters", "pipelines", "release_levels", "tokenize")
SHELTERED = tuple(room for room in ROOMS if room != "pipelines")
STRANGERS = {"apache_beam", "click", "fastwarc", "rich", "typer", "warcio"}
"""What only ``pipelines`` may know: Beam, WARC and the command line."""


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported_by(path: Path) -> set[str]:
    """Modules that the file imports, by full name, relative ones left out."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_modules_and_no_init(room: str) -> None:
    assert sources(room)
    assert not [path for path in sources(room) if path.name == "__init__.py"], "would shadow Python's own tokenize"


@pytest.mark.parametrize("safe_path", ["", "1"])
def test_pythons_own_tokenize_is_found_from_the_top_of_the_house(safe_path: str) -> None:
    code = "import tokenize, sys; assert tokenize.generate_tokens; print(tokenize.__file__)"
    environment = {"PYTHONSAFEPATH": safe_path} if safe_path else {}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert not Path(done.stdout.strip()).is_relative_to(ROOT / "tokenize")


def test_pyproject_maps_the_five_rooms_and_no_more() -> None:
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    assert sorted(setup["packages"]) == [f"tesuki.{room}" for room in ROOMS]
    assert setup["package-dir"] == {f"tesuki.{room}": room for room in ROOMS}


@pytest.mark.parametrize("room", SHELTERED)
def test_a_sheltered_room_imports_nothing_of_ours_and_no_stranger(room: str) -> None:
    for path in sources(room):
        top = {name.split(".")[0] for name in imported_by(path)}
        assert "tesuki" not in top, f"{path}: a room that is not pipelines imports no other room"
        assert not top & STRANGERS, f"{path}: {top & STRANGERS} belong to pipelines"


def test_pipelines_imports_rooms_by_full_name_and_only_rooms() -> None:
    for path in sources("pipelines"):
        for name in imported_by(path):
            first, *rest = name.split(".")
            assert first not in ROOMS or first == "tokenize", f"{path}: {name} is imported without tesuki."
            if first == "tesuki":
                assert rest[0] in ROOMS, f"{path}: {name}"


@pytest.mark.parametrize("room", ROOMS)
def test_no_relative_import_leaves_its_room(room: str) -> None:
    for path in sources(room):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.ImportFrom) and node.level > 1), f"{path}:{node.lineno}"


DATA = {".html", ".json", ".tsv", ".txt", ".yaml"}


@pytest.mark.parametrize("room", ROOMS)
def test_every_table_of_a_room_is_packaged(room: str) -> None:
    """By the patterns as setuptools reads them: relative to the package, ``**`` for any folders."""
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packaged = {path for pattern in setup["package-data"]["*"] for path in (ROOT / room).glob(pattern)}
    assert {path for path in (ROOT / room).rglob("*") if path.suffix in DATA} <= packaged


@pytest.mark.slow
def test_a_wheel_holds_the_rooms_with_their_tables(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "README.md", *ROOMS):
        source = ROOT / name
        target = tmp_path / "source" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    words = ["wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path / "wheels", tmp_path / "source"]
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, words)], check=True)
    (wheel,) = (tmp_path / "wheels").glob("tesuki-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    for room in ROOMS:
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and path.suffix in DATA | {".py"}:
                assert f"tesuki/{path.relative_to(ROOT).as_posix()}" in held
