"""The house: six rooms that are packages without an ``__init__.py``, and who may know whom."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("common", "dedup", "filters", "pipelines", "release_levels", "tokenize")
SHELTERED = tuple(room for room in ROOMS if room not in ("common", "pipelines"))
STRANGERS = {"apache_beam", "click", "fastwarc", "rich", "typer", "warcio"}
"""What only ``pipelines`` may know: Beam, WARC and the command line."""

STOREYS = (
    ("errors",),
    ("journey", "recipe", "engine"),
    ("storage",),
    ("reading", "decoding", "extraction", "judging", "deduplication", "mending", "scoring", "tokens"),
    ("levelling",),
    ("corpus",),
    ("takedown", "experiments", "cards", "looking"),
    ("commands",),
)
"""The storeys of ``pipelines``, lowest first. A module may know its own sub-package and those of lower storeys."""

WITHOUT_BEAM = frozenset(
    {"errors", "recipe", "reading", "decoding", "extraction", "takedown", "experiments", "cards", "looking", "commands"}
)
"""Sub-packages of ``pipelines`` that hold no step of a Beam pipeline."""


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


def packages() -> set[str]:
    """Every folder of a room that holds modules, as a package."""
    folders = {path.parent.relative_to(ROOT) for room in ROOMS for path in sources(room)}
    return {".".join(("tesuki", *folder.parts)) for folder in folders}


def test_pyproject_maps_the_rooms_with_all_their_packages_and_no_more() -> None:
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    assert set(setup["packages"]) == packages() | {"tesuki.pipelines"}
    assert setup["package-dir"] == {f"tesuki.{room}": room for room in ROOMS}


@pytest.mark.parametrize("room", SHELTERED)
def test_a_sheltered_room_imports_nothing_of_ours_and_no_stranger(room: str) -> None:
    for path in sources(room):
        top = {name.split(".")[0] for name in imported_by(path)}
        ours = {name.split(".")[1] for name in imported_by(path) if name.startswith("tesuki.")}
        assert ours <= {"common"}, f"{path}: a room that is not pipelines knows the ground floor alone, not {ours}"
        assert not top & STRANGERS, f"{path}: {top & STRANGERS} belong to pipelines"


def test_the_ground_floor_imports_nothing_of_ours_and_no_stranger() -> None:
    for path in sources("common"):
        top = {name.split(".")[0] for name in imported_by(path)}
        assert not top & (STRANGERS | {"tesuki"}), f"{path}: {top & (STRANGERS | {'tesuki'})}"


def test_every_public_name_of_the_ground_floor_serves_two_rooms() -> None:
    """What one room needs belongs into that room: the ground floor is no lumber room."""
    users: dict[str, set[str]] = {}
    for room in ROOMS[1:]:
        for path in sources(room):
            for name in imported_by(path):
                users.setdefault(name, set()).add(room)
    for path in sources("common"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name in _defined(tree):
            served = users.get(f"tesuki.common.{path.stem}.{name}", set())
            inside = _uses_within(tree, name)
            assert len(served) >= 2 or inside, f"{path}: {name} serves {sorted(served) or 'nobody'}"


def _defined(tree: ast.Module) -> set[str]:
    """Public names that a module defines."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def _uses_within(tree: ast.Module, name: str) -> bool:
    """Whether another public definition of the module is made of ``name``: its types and bounds come with it."""
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree) if _is_load(node))


def _is_load(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Load)


def storey_of(package: str) -> int:
    return next(number for number, packages in enumerate(STOREYS) if package in packages)


@pytest.mark.parametrize("path", sources("pipelines"), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_of_pipelines_go_down_and_stations_are_siblings(path: Path) -> None:
    own = path.relative_to(ROOT / "pipelines").parts[0].removesuffix(".py")
    for name in imported_by(path):
        if name.startswith("tesuki.pipelines."):
            other = name.split(".")[2]
            assert other == own or storey_of(other) < storey_of(own), f"{path}: {name} is no lower storey"


@pytest.mark.parametrize("package", sorted(WITHOUT_BEAM))
def test_beam_stays_out_of_what_is_no_step_of_a_pipeline(package: str) -> None:
    folder = ROOT / "pipelines" / package
    for path in sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]:
        assert "apache_beam" not in {name.split(".")[0] for name in imported_by(path)}, path


def test_tests_mirror_the_rooms_and_the_storeys() -> None:
    """A folder has tests in a folder of its name, and tests stand nowhere else."""
    assert {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("*/test_*.py")} == set(ROOMS)
    folders = {package for packages in STOREYS for package in packages} - {"errors"}
    mirrored = {path.parent.relative_to(ROOT / "tests" / "pipelines").parts[0] for path in pipeline_tests()}
    assert mirrored == folders == {path.parent.relative_to(ROOT / "pipelines").parts[0] for path in nested_modules()}


def pipeline_tests() -> list[Path]:
    return sorted((ROOT / "tests" / "pipelines").rglob("test_*.py"))


def nested_modules() -> list[Path]:
    return [path for path in sources("pipelines") if path.parent != ROOT / "pipelines"]


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


PAGES = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")))


def test_the_pictures_are_those_of_this_house() -> None:
    spec = importlib.util.spec_from_file_location("draw", ROOT / "docs" / "images" / "draw.py")
    assert spec
    assert spec.loader
    draw = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(draw)
    for name, drawn in draw.pictures().items():
        on_disk = (ROOT / "docs" / "images" / name).read_text(encoding="utf-8")
        assert on_disk == drawn, f"{name} is old: python docs/images/draw.py"


def test_every_storey_stands_in_the_page_on_architecture() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| (`.*?`) \|", page, re.MULTILINE)
    told = {int(number): tuple(re.findall(r"`(\w+)", cell)) for number, cell in rows}
    assert told == dict(enumerate(STOREYS))


def test_every_page_of_the_docs_is_linked_from_another() -> None:
    linked = set()
    for page in PAGES:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            linked |= {(page.parent / link).resolve()} - {page}
    assert [page.name for page in PAGES if page not in linked and page.name != "README.md"] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_says_what_it_is(room: str) -> None:
    assert [path for path in sources(room) if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []
