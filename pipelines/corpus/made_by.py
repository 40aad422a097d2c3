"""What can change a byte of each step's work: the sources behind it and the libraries these import.

Nothing is listed by hand but where a step begins (`STEPS`) and which libraries change no byte (`NO_BYTES`). The rest
follows from the imports, so that a touched decoder names new parts and a touched report names none.
"""

from __future__ import annotations

import platform
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib import import_module, metadata
from pathlib import Path

from tesuki.pipelines.storage.names import digest

ROOMS = ("common", "dedup", "filters", "pipelines", "release_levels", "tokenize")

_P = "tesuki.pipelines."

STEPS: Mapping[str, tuple[str, ...]] = {
    "pages": (
        f"{_P}reading.sources",
        f"{_P}decoding.detect",
        f"{_P}decoding.decode",
        f"{_P}extraction.step",
        f"{_P}extraction.pdf.step",
        f"{_P}judging.language",
        "tesuki.release_levels.signals",
        f"{_P}journey.chunk",
        f"{_P}journey.station",
        f"{_P}storage.part_writer",
        f"{_P}storage.rows",
    ),
    "judged": (
        f"{_P}reading.stored_pages",
        f"{_P}judging.step",
        f"{_P}judging.preset",
        f"{_P}deduplication.step",
        f"{_P}storage.part_writer",
        f"{_P}storage.rows",
    ),
    "drops": (f"{_P}deduplication.pipeline", f"{_P}deduplication.removed"),
    "scores": (
        f"{_P}scoring.step",
        f"{_P}reading.stored_pages",
        f"{_P}storage.part_writer",
    ),
    "documents": (
        f"{_P}corpus.assemble_pipeline",
        f"{_P}judging.hosts",
        f"{_P}judging.host_statistics",
        f"{_P}judging.lists",
        f"{_P}mending.step",
        f"{_P}mending.repeated_lines",
        f"{_P}mending.templates",
        f"{_P}levelling.host_files",
        f"{_P}deduplication.index.writer",
    ),
    "tokens": (f"{_P}tokens.pipeline", f"{_P}tokens.tokenizer_file", f"{_P}tokens.mixture_rows"),
}
"""The modules at which the work of each step begins; it is they and all that they import."""

GLUE: Mapping[str, tuple[str, ...]] = {
    "pages": (
        f"{_P}corpus.extract_pipeline",
        f"{_P}corpus.page_store",
        f"{_P}storage.parts",
        f"{_P}storage.numbered",
    ),
    "judged": (f"{_P}corpus.extract_pipeline", f"{_P}storage.parts", f"{_P}storage.numbered"),
    "scores": (f"{_P}corpus.make_scores",),
    "documents": (f"{_P}corpus.make_documents", f"{_P}corpus.make_index", f"{_P}storage.parts"),
    "tokens": (f"{_P}corpus.make_tokens",),
}
"""Modules that put a step together; what they import belongs to other steps as well, so they count alone."""

NO_BYTES: Mapping[str, str] = {
    "apache-beam": "moves chunks and arrays; the same recipe gives the same bytes on any engine, which tests hold",
    "grpcio": "carries what Beam moves",
    "pydantic": "checks recipes, whose canonical form is part of every name",
    "pyyaml": "reads recipes and policies, which are named by what they say",
    "click": "the command line",
    "rich": "what is printed",
    "tqdm": "what is printed",
    "typing-extensions": "types",
    "annotated-types": "types",
    "torch": "reads shards that are finished",
    "warcio": "writes a page that failed into a file of its own",
    "certifi": "addresses fetched from, which nothing here does",
    "urllib3": "addresses fetched from, which nothing here does",
    "requests": "addresses fetched from, which nothing here does",
    "huggingface-hub": "addresses fetched from, which nothing here does",
}
"""Libraries that change no byte of a corpus, and why; what only they need is not asked either."""

DATA = frozenset({".tsv", ".txt", ".yaml"})
"""Endings of the tables beside the modules that read them."""

_FROM = re.compile(r"^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]+)", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w., \t]+)", re.MULTILINE)
_BY_NAME = re.compile(r"""import_module\(\s*["'](\w+)["']""")
_IN_A_STRING = re.compile(r"""["'](tesuki(?:\.\w+)+)(?::\w+)?["']""")


@dataclass(frozen=True, slots=True)
class Module:
    """One module of ours: its file, the modules of ours and the foreign packages it imports."""

    path: Path
    ours: frozenset[str]
    foreign: frozenset[str]


@cache
def code_versions() -> dict[str, str]:
    """For each step a digest of the sources, the tables and the versions of libraries that can change its bytes."""
    versions = {}
    for step in STEPS:
        names = modules_behind(step)
        files = sorted(source for name in names for source in sources_of(name))
        versions[step] = digest({"sources": _digest_of(files), "libraries": _versions(libraries_behind(step))})
    return versions


@cache
def library_versions() -> dict[str, str]:
    """The version of every library that can change a byte, of Python, and of the Unicode tables it has."""
    libraries = {name for step in STEPS for name in libraries_behind(step)}
    return {**_versions(libraries), "python": python_version(), "unicode": unicodedata.unidata_version}


def python_version() -> str:
    """Python's version as far as it can change a byte: its standard library has tables of HTML, dates and numbers."""
    return ".".join(platform.python_version_tuple()[:2])


@cache
def modules_behind(step: str) -> frozenset[str]:
    """The modules at which ``step`` begins, all that these import, and what puts the step together."""
    house = modules()
    found: set[str] = set()
    waiting = list(STEPS[step])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += house[name].ours
    return frozenset(found.union(GLUE.get(step, ())))


@cache
def libraries_behind(step: str) -> frozenset[str]:
    """The distributions that the modules behind ``step`` import, and those that these need, but `NO_BYTES`."""
    house, provided = modules(), _providers()
    packages = {package for name in modules_behind(step) for package in house[name].foreign}
    waiting = [name for package in packages for name in provided.get(package, [package])]
    found: set[str] = set()
    while waiting:
        name = normalised(waiting.pop())
        if name not in found and name not in NO_BYTES:
            found.add(name)
            waiting += filter(_is_installed, _needed(name))
    return frozenset(found)


@cache
def _providers() -> Mapping[str, list[str]]:
    """The distributions that give each importable package; looking through all that is installed takes its time."""
    return metadata.packages_distributions()


@cache
def modules() -> dict[str, Module]:
    """Every module of every room, by its full name."""
    paths = {}
    for room in ROOMS:
        folder = Path(import_module(f"tesuki.{room}").__path__[0])
        for path in folder.rglob("*.py"):
            paths[".".join(("tesuki", room, *path.relative_to(folder).with_suffix("").parts))] = path
    return {name: _module(name, path, frozenset(paths)) for name, path in sorted(paths.items())}


@cache
def sources_of(name: str) -> tuple[Path, ...]:
    """The file of a module, and the tables it reads: those it names, and those beside it that no module names."""
    path = modules()[name].path
    return (path, *(table for table in _tables(path.parent) if path in _readers(table)))


def normalised(distribution: str) -> str:
    """A distribution's name in one spelling (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _module(name: str, path: Path, known: frozenset[str]) -> Module:
    text = path.read_text(encoding="utf-8")
    ours: set[str] = set()
    foreign: set[str] = set(_BY_NAME.findall(text))
    for source, names in _FROM.findall(text):
        base = _absolute(name, source)
        words = re.findall(r"\w+", re.sub(r"#[^\n]*", "", names))
        ours.update(known.intersection((base, *(f"{base}.{word}" for word in words))))
        foreign.add(base.partition(".")[0])
    for names in _IMPORT.findall(text):
        for each in names.split(","):
            full = each.split()[0] if each.split() else ""
            ours.update(known.intersection((full,)))
            foreign.add(full.partition(".")[0])
    ours.update(known.intersection(_IN_A_STRING.findall(text)))
    return Module(path, frozenset(ours - {name}), frozenset(foreign - {"", "tesuki"} - sys.stdlib_module_names))


def _absolute(name: str, source: str) -> str:
    dots = len(source) - len(source.lstrip("."))
    return ".".join((*name.split(".")[:-dots], *filter(None, [source[dots:]]))) if dots else source


@cache
def _tables(folder: Path) -> tuple[Path, ...]:
    """The tables in ``folder``, and in those below it that hold no modules."""
    beside = [path for path in folder.iterdir() if path.suffix in DATA]
    below = [
        path
        for other in folder.iterdir()
        if other.is_dir() and not any(other.glob("*.py"))
        for path in other.rglob("*")
        if path.suffix in DATA
    ]
    return tuple(sorted((*beside, *below)))


@cache
def _readers(table: Path) -> frozenset[Path]:
    """The modules of the table's folder that name it, or the folder it is in; all of them where none does."""
    beside = [module.path for module in modules().values() if module.path.parent in (table.parent, table.parent.parent)]
    words = {path: path.read_text(encoding="utf-8") for path in beside}
    naming = {path for path in beside if table.name in words[path]} or {
        path for path in beside if path.parent != table.parent and f'"{table.parent.name}"' in words[path]
    }
    return frozenset(naming or {path for path in beside if path.parent == table.parent} or beside)


def _digest_of(paths: Iterable[Path]) -> str:
    state = blake2b(digest_size=16)
    for path in paths:
        content = path.read_bytes()
        state.update(f"{path.name} {len(content)}\n".encode())
        state.update(content)
    return state.hexdigest()


def _versions(names: Iterable[str]) -> dict[str, str]:
    return {name: _version(name) for name in sorted(names)}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _is_installed(name: str) -> bool:
    return _version(name) != "not installed"


def _needed(name: str) -> Iterator[str]:
    try:
        requirements = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for requirement in requirements:
        if "extra ==" not in requirement.replace("'", '"'):
            yield re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
