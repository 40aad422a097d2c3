"""Thirty pages are withheld by every door there is: no string of theirs is in any byte of what is left."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sentencepiece
import yaml
import zstandard

from tesuki.pipelines.extraction.main_text import extract_main_text
from tesuki.pipelines.takedown.take_down import take_down
from tesuki.release_levels.page_lists import text_hash

DEFAULT = Path(__file__).resolve().parents[3] / "release_levels" / "policies" / "default.yaml"
PAYWALL = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false}</script>'
ITEM = (
    '<div itemscope itemtype="https://schema.org/NewsArticle">'
    '<meta itemprop="isAccessibleForFree" content="false"></div>'
)
NOAI = '<meta name="robots" content="noai">'


@dataclass(frozen=True)
class Secret:
    """A page that must leave no trace: its capture, and the strings that stand nowhere else."""

    page: Any
    traces: tuple[str, ...]

    @property
    def hash(self) -> str:
        """The hash of its text as extracted."""
        return text_hash(extract_main_text(self.page.html, self.page.url).text)


@pytest.fixture
def secret(article: Callable[[object], list[str]], raw_page: Callable[..., Any]) -> Callable[..., Secret]:
    """Makes pages whose host, path, title, description and text each hold a string of their own."""
    numbers = count()

    def make(*, head: str = "", body: str = "", headers: Sequence[tuple[str, str]] = (), host: str = "") -> Secret:
        number = next(numbers)
        words = {part: f"{part}qzj{number:02}vx" for part in ("path", "title", "about", "text")}
        own_host = host or f"hostqzj{number:02}vx.example"
        paragraphs = "".join(f"<p>{each}{words['text']}と書かれていた。</p>" for each in article(f"secret {number}"))
        html = (
            f'<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>題{words["title"]}</title>'
            f'<meta name="description" content="{words["about"]}">{head}</head>'
            f"<body><main><article>{body}{paragraphs}</article></main></body></html>"
        )
        given = (("Content-Type", "text/html; charset=utf-8"), *headers)
        page = raw_page(f"https://{own_host}/{words['path']}.html", html, headers=given)
        return Secret(page, (own_host, *words.values()))

    return make


def everything_in(*folders: Path) -> Iterator[tuple[str, str]]:
    """(where, what it says) of all that lies below ``folders``: names, bytes, and what packing or tokens hide."""
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        yield f"{path} as it lies", f"{path}\n{content.decode('utf-8', 'replace')}"
        if content.startswith(b"\x28\xb5\x2f\xfd"):
            yield (
                f"{path} unpacked",
                zstandard.ZstdDecompressor().stream_reader(content).read().decode("utf-8", "replace"),
            )
        if content.startswith(b"PAR1"):
            file = pq.ParquetFile(io.BytesIO(content))
            yield f"{path} as rows", repr(file.read().to_pylist())
            yield f"{path} in its metadata", repr((file.metadata.to_dict(), file.schema_arrow.metadata))
        elif path.name.endswith(".arrow"):
            table = (pa.ipc.open_file if content.startswith(b"ARROW1") else pa.ipc.open_stream)(content).read_all()
            yield f"{path} as rows", f"{table.schema.metadata}{table.to_pylist()}"
            yield f"{path} as tokens", _decoded(path, table)
        elif path.name.endswith(".sqlite"):
            yield f"{path} in UTF-16", content.decode("utf-16-le", "replace")


def _decoded(path: Path, table: pa.Table) -> str:
    model = next(
        (parent / "tokenizer" / "tokenizer.model" for parent in path.parents if (parent / "tokenizer").is_dir()), None
    )
    if model is None or "input_ids" not in table.column_names:
        return ""
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(model))
    return "".join(tokenizer.decode([int(each) for each in row]) for row in table["input_ids"].to_pylist())


def traces_of(secrets: Sequence[Secret], *folders: Path) -> list[str]:
    """Where which string of theirs is found."""
    places = list(everything_in(*folders))
    return [
        f"{trace} in {where}"
        for where, said in places
        for secret in secrets
        for trace in secret.traces
        if trace in said
    ]


def test_no_string_of_what_is_withheld_is_left(
    tmp_path: Path,
    secret: Callable[..., Secret],
    web_page: Callable[..., Any],
    archive_of: Callable[..., Path],
    recipe_with: Callable[..., Path],
    build: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    by_address, by_host, by_text = ([secret() for _ in range(3)] for _ in range(3))
    denied = [secret() for _ in range(3)]
    by_header = [secret(headers=(("X-Robots-Tag", "noai"),)) for _ in range(3)]
    by_markup = [secret(head=NOAI) for _ in range(3)]
    paid = [secret(head=PAYWALL), secret(head=PAYWALL), secret(body=ITEM), secret(body=ITEM)]
    by_host_file = [secret() for _ in range(2)]
    known_before = [secret() for _ in range(2)]
    after_the_fact = [secret() for _ in range(4)]
    at_once = [*by_address, *by_host, *by_text, *denied, *by_header, *by_markup, *paid, *by_host_file, *known_before]
    assert len(at_once) + len(after_the_fact) == 30
    kept = secret()
    # A line that names a text names every copy of it.
    mirror = Secret(replace(by_text[0].page, url="https://mirrorqzj.example/x.html"), ("mirrorqzj",))
    ordinary = [web_page(f"https://open.example/{number}", f"ordinary {number}") for number in range(4)]

    # Of what an earlier corpus has, pages that this one must withhold are copies.
    copies = [each.page for each in known_before]
    archive_of(tmp_path / "earlier" / "a.warc.gz", [*ordinary[:1], *copies])
    earlier = recipe_with(
        tmp_path / "earlier" / "recipe.yaml", deduplication={"preset": "swallow-paper", "write_index": True}
    )
    build(earlier, tmp_path / "earlier" / "out")

    home = tmp_path / "home"
    archive_of(home / "b.warc.gz", [*ordinary, kept.page, *(each.page for each in [*at_once, *after_the_fact, mirror])])
    policy = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    for signal in ("robots.noai", "robots-txt.agent"):
        next(row for row in policy["rows"] if row["signal"] == signal)["level"] = "LZ"
    (home / "policy.yaml").write_text(yaml.safe_dump(policy, allow_unicode=True), encoding="utf-8")
    lists = tmp_path / "lists"
    lists.mkdir()
    lines = [*(each.page.url for each in [*by_address, *known_before]), *(each.traces[0] for each in by_host)]
    lines += [f"text:{each.hash}" for each in by_text]
    (lists / "take-down.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (lists / "deny.txt").write_text("\n".join(each.page.url for each in denied) + "\n", encoding="utf-8")
    for each in by_host_file:
        file = lists / "hosts" / each.traces[0] / "robots.txt"
        file.parent.mkdir(parents=True)
        file.write_text("User-agent: GPTBot\nDisallow: /\n", encoding="utf-8")
    recipe = recipe_with(
        home / "recipe.yaml",
        policy={
            "file": "policy.yaml",
            "take_down": str(lists / "take-down.txt"),
            "deny": str(lists / "deny.txt"),
            "host_files": [str(lists / "hosts")],
        },
        deduplication={
            "preset": "swallow-paper",
            "write_index": True,
            "earlier": [str(tmp_path / "earlier" / "out" / "band-index")],
        },
    )
    output = home / "out"
    build(recipe, output)
    assert traces_of([*at_once, mirror], output, temporary) == []
    # The search finds what is there: in rows, in statistics, in tokens.
    found = traces_of([kept, *after_the_fact], output)
    assert any("as rows" in each for each in found)
    assert any("as tokens" in each and kept.traces[-1] in each for each in found)
    ledger = [row for path in (output / "ledger").rglob("*.parquet") for row in pq.read_table(path).to_pylist()]
    withheld = [row for row in ledger if row["fate"] == "withheld"]
    assert len(withheld) == len(at_once) + 1
    assert all(row["url"] is None and row["url_hash"] for row in withheld)

    more = lists / "more.txt"
    asked = [after_the_fact[0].page.url, after_the_fact[1].traces[0], f"text:{after_the_fact[2].hash}"]
    text = (lists / "take-down.txt").read_text(encoding="utf-8")
    more.write_text(text + "\n".join([*asked, after_the_fact[3].page.url]) + "\n", encoding="utf-8")
    assert list(take_down(output, more))
    assert traces_of([*at_once, *after_the_fact], output, temporary) == []
    assert json.loads((output / "manifest.json").read_bytes())
