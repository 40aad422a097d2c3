"""What the tests of the whole journey share: the sample corpus, built once, and small corpora of our own making."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from tesuki.pipelines.corpus.build import build_corpus
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.engine import launcher
from tesuki.pipelines.storage.lock import LOCK

ROOT = Path(__file__).resolve().parents[2]

Run = subprocess.CompletedProcess[str]

JOURNEYS = frozenset({"build", "command", "sample_run", "tesuki"})
"""Fixtures that build a corpus or start the command. Others that do so ask for one of these."""

RUNS = (build_corpus, launcher, launcher.run, subprocess)
"""What a module of tests imports that builds corpora, runs Beam or starts processes by itself."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes a journey, so that `make quick` can leave it out."""
    for item in items:
        known = vars(getattr(item, "module", None) or ModuleType("")).values()
        if JOURNEYS & set(getattr(item, "fixturenames", ())) or any(value is run for value in known for run in RUNS):
            item.add_marker("journey")


class Command(Protocol):
    """Runs ``tesuki`` with some words in a process of its own."""

    def __call__(self, *words: object, cwd: Path | None = None, environment: Mapping[str, str] = {}) -> Run: ...


@dataclass(frozen=True)
class Built:
    """A corpus that was built in this process; ``manifest`` as a value of JSON."""

    output: Path
    manifest: dict[str, Any]
    built: bool


class Build(Protocol):
    """Builds a corpus in this process."""

    def __call__(
        self, recipe: Path, output: Path, *, inputs: Sequence[str] = (), options: Sequence[str] = ()
    ) -> Built: ...


@dataclass(frozen=True)
class WebPage:
    """A page to be captured. ``warc_headers`` replace what the record would say of it."""

    url: str
    html: str | bytes
    date: str = "2026-05-02T03:04:05Z"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)
    warc_headers: Mapping[str, str] = field(default_factory=dict)


def command_line(*words: object) -> list[str]:
    """The installed command, or what it stands for where only the package is on the path."""
    script = Path(sys.executable).with_name("tesuki")
    code = "from tesuki.pipelines.commands.cli import main; main()"
    start = [str(script)] if script.exists() else [sys.executable, "-c", code]
    return [*start, *map(str, words)]


@pytest.fixture(scope="session")
def command() -> Callable[..., list[str]]:
    """The words that start ``tesuki``, for tests that need the process itself."""
    return command_line


@pytest.fixture(scope="session")
def tesuki() -> Command:
    """The command, run to its end."""

    def run(*words: object, cwd: Path | None = None, environment: Mapping[str, str] = {}) -> Run:
        return subprocess.run(
            command_line(*words),
            cwd=cwd,
            env={**os.environ, **environment},
            capture_output=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def build() -> Build:
    """`build_corpus` of a checked request."""

    def run(recipe: Path, output: Path, *, inputs: Sequence[str] = (), options: Sequence[str] = ()) -> Built:
        made = build_corpus(check_request(recipe, output, inputs, options), lambda _: None)
        return Built(made.output, made.manifest.as_json(), made.built)

    return run


def _script(name: str) -> ModuleType:
    """A script of the sample as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "samples" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def make_warc() -> ModuleType:
    """The script that makes the sample's archives, as a module."""
    return _script("make_warc")


@pytest.fixture(scope="session")
def make_pdf() -> ModuleType:
    """The writer of small PDF files, as a module."""
    return _script("make_pdf")


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory, make_warc: ModuleType) -> Path:
    """A folder with the sample's recipes and, under ``archives``, its archives."""
    folder = tmp_path_factory.mktemp("sample")
    make_warc.write(folder / "archives")
    for recipe in (ROOT / "samples").glob("*.yaml"):
        shutil.copy(recipe, folder)
    for kind in ("lists", "recipes"):
        shutil.copytree(ROOT / "samples" / kind, folder / kind)
    return folder


@pytest.fixture(scope="session")
def sample_recipe(sample_folder: Path) -> Path:
    """The sample's recipe, beside its archives."""
    return sample_folder / "recipe.yaml"


@pytest.fixture(scope="session")
def sample_run(sample_recipe: Path, tesuki: Command, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """The sample corpus, built by the command itself, and what the command said."""
    output = tmp_path_factory.mktemp("sample-corpus") / "out"
    return output, tesuki("corpus", sample_recipe, "--output", output)


@pytest.fixture(scope="session")
def sample(sample_run: tuple[Path, Run]) -> Path:
    """The sample corpus. Not to be changed: `sample_copy` is for that."""
    output, run = sample_run
    assert run.returncode == 0, run.stderr
    return output


@pytest.fixture
def sample_copy(sample: Path, tmp_path: Path) -> Path:
    """A copy of the sample corpus to be changed."""
    shutil.copytree(sample, tmp_path / "corpus")
    return tmp_path / "corpus"


@pytest.fixture(scope="session")
def model(sample: Path) -> Path:
    """A tokenizer for small corpora that cannot fill a vocabulary of their own."""
    return sample / "tokenizer" / "tokenizer.model"


@pytest.fixture(scope="session")
def recipe_with(model: Path) -> Callable[..., Path]:
    """Writes a recipe for small corpora: everything passes the quality rules unless said otherwise."""

    def write(path: Path, **fields: Any) -> Path:
        subset = {"inputs": "*.warc.gz", "judge": False}
        recipe = {"name": "small", "subsets": {"web": subset}, "tokenizer": {"path": str(model)}} | fields
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(recipe, allow_unicode=True), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def archive_of() -> Callable[[Path, Sequence[WebPage]], Path]:
    """Writes pages as one archive, the way Common Crawl does: one gzip member a record."""

    def write(path: Path, pages: Sequence[WebPage]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(gzip.compress(record_of(page, number), mtime=0) for number, page in enumerate(pages)))
        return path

    return write


@pytest.fixture(scope="session")
def web_page() -> Callable[..., WebPage]:
    """A capture of an article; the same ``seed`` gives the same text, another one a text with nothing in common."""

    def page(url: str, seed: object, *, head: str = "", date: str = "2026-05-02T03:04:05Z") -> WebPage:
        return WebPage(url, article_html(seed, head), date)

    return page


@pytest.fixture(scope="session")
def article() -> Callable[[object], list[str]]:
    """The paragraphs of the article with a seed."""
    return paragraphs_of


@pytest.fixture(scope="session")
def raw_page() -> type[WebPage]:
    """The class of captures, for pages that are no articles."""
    return WebPage


def record_of(page: WebPage, number: int) -> bytes:
    """A WARC record written by hand, so that pages can hold what a good writer refuses."""
    body = page.html if isinstance(page.html, bytes) else raw(page.html)
    head = "".join(f"{name}: {value}\r\n" for name, value in page.headers)
    content = raw(f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n") + body
    identity = uuid.uuid5(uuid.NAMESPACE_URL, raw(f"{number} {page.url} {page.date}").hex())
    fields = {
        "WARC-Type": "response",
        "WARC-Record-ID": f"<urn:uuid:{identity}>",
        "WARC-Date": page.date,
        "WARC-Target-URI": page.url,
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(content)),
        **page.warc_headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return raw(f"WARC/1.0\r\n{lines}\r\n") + content + b"\r\n\r\n"


def raw(text: str) -> bytes:
    """UTF-8, with lone surrogates U+DC80 to U+DCFF standing for the bytes that UTF-8 lacks."""
    return text.encode("utf-8", "surrogateescape")


NOUNS = """
朝 霧 港 市場 魚 職人 木箱 坂道 図書館 古い地図 鉄橋 川面 水門 灯台 風向き 雨戸 畑 味噌 樽 糸車 紙 墨 机 小屋 峠 茶店
旅人 雪解け 山鳩 祭り 太鼓 提灯 石段 社 井戸 梅 干物 炭火 湯気 鍋 包丁 砥石 鍛冶 暖簾 帳簿 切符 車掌 停留所 橋脚
"""
WORDS = NOUNS.split()
ENDINGS = (
    "を静かに眺めながら、長い午後を過ごしていました。",
    "について祖父から何度も聞かされたことを思い出します。",
    "へ向かう道は、思っていたよりもずっと細く曲がっていました。",
    "を手入れするのが、いつの間にか私の役目になっていました。",
    "の話になると、誰もが手を止めて耳を傾けるのでした。",
    "では季節ごとに違った匂いがすると、皆が口をそろえて言います。",
)


def paragraphs_of(seed: object) -> list[str]:
    """Six paragraphs of sentences in words drawn by ``seed``."""
    draw = random.Random(str(seed))
    return [
        "".join(
            f"{draw.choice(WORDS)}と{draw.choice(WORDS)}、そして{draw.choice(WORDS)}{draw.choice(ENDINGS)}"
            for _ in range(5)
        )
        for _ in range(6)
    ]


def article_html(seed: object, head: str) -> str:
    """A page whose main text is the paragraphs of ``seed``."""
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs_of(seed))
    return (
        f'<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>題名その{seed}</title>{head}</head>'
        f"<body><nav><a href='/'>表紙</a></nav><main><article><h1>題名その{seed}</h1>{paragraphs}</article></main>"
        "</body></html>"
    )


@pytest.fixture(scope="session")
def rows_of() -> Callable[[Path, str], list[dict[str, Any]]]:
    """All rows of a corpus' ``documents`` or ``ledger``."""

    def rows(output: Path, folder: str) -> list[dict[str, Any]]:
        return [row for path in sorted((output / folder).rglob("*.parquet")) for row in pq.read_table(path).to_pylist()]

    return rows


@pytest.fixture(scope="session")
def manifest_at() -> Callable[[Path], dict[str, Any]]:
    """The manifest of a corpus."""

    def read(output: Path) -> dict[str, Any]:
        value: dict[str, Any] = json.loads((output / "manifest.json").read_bytes())
        return value

    return read


@pytest.fixture(scope="session")
def hashes_of() -> Callable[[Path], dict[str, str]]:
    """The sha256 of each file of a corpus, by its path; ``parts/`` and the lock of a killed run are no part of it."""

    def hashes(output: Path) -> dict[str, str]:
        return {
            str(path.relative_to(output)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(output.rglob("*"))
            if path.is_file() and path.relative_to(output).parts[0] not in ("parts", LOCK)
        }

    return hashes


@pytest.fixture(scope="session")
def identity_of() -> Callable[[Path], dict[str, tuple[int, int]]]:
    """Inode and time of each file below a folder: what changes when a file is written again."""

    def identity(folder: Path) -> dict[str, tuple[int, int]]:
        return {
            str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    return identity


@pytest.fixture(scope="session")
def words_in() -> Callable[[Path], dict[str, str]]:
    """Everything a folder says, by file: names and bytes as they lie, and tables with compression undone."""

    def words(folder: Path) -> dict[str, str]:
        found = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                found[str(path.relative_to(folder))] = (
                    f"{path.name}\n{content.decode('utf-8', 'replace')}\n{_table(path)}"
                )
        return found

    return words


def _table(path: Path) -> str:
    if path.name.endswith((".parquet", ".arrow")) or ".parquet." in path.name or ".arrow." in path.name:
        return "\n".join(str(row) for row in _opened(path).to_pylist())
    return ""


def _opened(path: Path) -> pa.Table:
    content = path.read_bytes()
    if content.startswith(b"PAR1"):
        return pq.read_table(pa.BufferReader(content))
    start = pa.ipc.open_file if content.startswith(b"ARROW1") else pa.ipc.open_stream
    return start(pa.BufferReader(content)).read_all()


@dataclass
class Served:
    """A folder served on loopback by ranges. ``faults`` says of the n-th request (from 0) what is wrong with its
    answer: a status, ``cut`` (half the bytes), ``long`` (more announced than there is), ``""`` for nothing.
    """

    folder: Path
    address: str = ""
    faults: Callable[[int], str] = lambda _: ""
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Path, Range and User-Agent of each request."""
    sent: int = 0

    def version(self, path: Path) -> str:
        return f'"{hashlib.md5(path.read_bytes()).hexdigest()}"'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None:
        pass

    def do_GET(self) -> None:
        served: Served = self.server.served  # type: ignore[attr-defined]
        number = len(served.asked)
        served.asked.append((self.path, self.headers["Range"], self.headers["User-Agent"]))
        path, fault = served.folder / self.path.lstrip("/"), served.faults(number)
        if fault.isdigit() or not path.is_file():
            self._head(int(fault or "404"), served, {"Content-Length": "0"})
            return
        content, (first, last) = path.read_bytes(), self.headers["Range"].removeprefix("bytes=").split("-")
        piece = content[int(first) : int(last) + 1]
        told = {"Content-Range": f"bytes {first}-{int(first) + len(piece) - 1}/{len(content)}"}
        if not piece:
            told = {"Content-Range": f"bytes */{len(content)}"}
        told |= {"ETag": served.version(path), "Content-Length": str(len(piece) + (1000 if fault == "long" else 0))}
        self._head(206 if piece else 416, served, told)
        piece = piece[: len(piece) // 2] if fault == "cut" else piece
        served.sent += len(piece)
        self.wfile.write(piece)
        if fault:
            self.close_connection = True

    def _head(self, status: int, served: Served, told: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**told, **served.headers}.items():
            self.send_header(name, value)
        self.end_headers()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A folder, empty at first, behind a server of its own."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    found = Served(folder, f"http://127.0.0.1:{server.server_address[1]}")
    server.served = found  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()
