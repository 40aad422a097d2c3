"""Law 1 on whole runs: damaged, empty and hostile inputs. The sheet closes, or the file is named."""

from __future__ import annotations

import gzip
import random
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.corpus import assemble_pipeline as assemble
from tesuki.pipelines.corpus import extract_pipeline as extract
from tesuki.pipelines.corpus.build import build_corpus
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.mending import step as mending


def balanced(output: Path, rows_of: Any, manifest_at: Any) -> dict[str, int]:
    """The fates of a corpus that passes every check, one for each record read."""
    list(verify_corpus(output))
    balance = manifest_at(output)["balance"]
    rows = [row for name in ("documents", "ledger") for row in rows_of(output, name)]
    assert len(rows) == balance["read"] == sum(balance["fates"].values())
    return dict(balance["fates"])


def zeroes(content: bytes) -> bytes:
    return content[: len(content) // 3] + bytes(len(content) // 3) + content[2 * (len(content) // 3) :]


def flipped(content: bytes) -> bytes:
    """Forty bits, each somewhere else."""
    draw = random.Random(4)
    changed = bytearray(content)
    for _ in range(40):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "one-byte": lambda _: b"\x1f",
    "random": lambda content: random.Random(1).randbytes(len(content)),
    "gzip-of-random": lambda content: gzip.compress(random.Random(2).randbytes(50_000), mtime=0),
    "gzip-of-nothing": lambda _: gzip.compress(b"", mtime=0),
    "cut-short": lambda content: content[:-100],
    "cut-at-the-head": lambda content: content[500:],
    "zeroes-within": zeroes,
    "flipped-bits": flipped,
    "twice-in-one": lambda content: content + content,
    "no-archive": lambda _: b"<!doctype html><p>\xe6\x97\xa5\xe6\x9c\xac",
    "not-compressed-and-cut": lambda content: gzip.decompress(content)[:-333],
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, archive_of: Any, web_page: Any) -> bytes:
    """An archive of twelve pages."""
    pages = [web_page(f"https://g{n}.example/", f"good {n}") for n in range(12)]
    content: bytes = archive_of(tmp_path_factory.mktemp("good") / "good.warc.gz", pages).read_bytes()
    return content


def test_damaged_archives_among_good_ones(
    tmp_path: Path, good: bytes, recipe_with: Any, build: Any, rows_of: Any, manifest_at: Any
) -> None:
    """Every archive has its rows in the ledger; the good pages are all there, whatever lies beside them."""
    (tmp_path / "good.warc.gz").write_bytes(good)
    for name, damage in DAMAGES.items():
        (tmp_path / f"{name}.warc.gz").write_bytes(damage(good))
    recipe = recipe_with(tmp_path / "recipe.yaml", rules="none")
    output = build(recipe, tmp_path / "out").output
    fates = balanced(output, rows_of, manifest_at)
    assert fates["kept"] + fates["duplicate"] >= 12
    assert fates["dead"] >= 6
    archives = Counter(row["archive"] for name in ("documents", "ledger") for row in rows_of(output, name))
    assert archives["good.warc.gz"] == 12
    assert archives["twice-in-one.warc.gz"] == 24
    # A file without a byte has no record, and so no row; the manifest names it as an input all the same.
    silent = {"empty.warc.gz", "gzip-of-nothing.warc.gz"}
    assert {f"{name}.warc.gz" for name in DAMAGES} - silent <= archives.keys()
    assert {entry["archive"] for entry in manifest_at(output)["inputs"]} >= silent


@pytest.mark.parametrize("name", ["empty", "random", "gzip-of-random", "gzip-of-nothing", "no-archive"])
def test_nothing_but_a_damaged_archive(
    tmp_path: Path, good: bytes, recipe_with: Any, build: Any, rows_of: Any, manifest_at: Any, name: str
) -> None:
    (tmp_path / "a.warc.gz").write_bytes(DAMAGES[name](good))
    output = build(recipe_with(tmp_path / "recipe.yaml"), tmp_path / "out").output
    assert balanced(output, rows_of, manifest_at)["kept"] == 0


def test_no_documents_need_no_tokenizer(
    tmp_path: Path, recipe_with: Any, build: Any, rows_of: Any, manifest_at: Any
) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"")
    recipe = recipe_with(tmp_path / "recipe.yaml", tokenizer={"train": {"vocabulary_size": 2_000}})
    output = build(recipe, tmp_path / "out").output
    assert balanced(output, rows_of, manifest_at)["kept"] == 0
    assert manifest_at(output)["tokenizer"] is None
    assert manifest_at(output)["mixture"] == []


def hostile_pages(article: Any, raw_page: Any) -> list[Any]:
    """Pages that were made to break something."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in article("hostile"))
    html = f'<html lang="ja"><title>題</title><body><article>{body}</article>'
    plain = (("Content-Type", "text/html"),)
    return [
        raw_page("https://h.example/surrogate", html.replace("<p>", "<p>&#xD800;&#xDFFF;&#xDC00;")),
        raw_page("https://h.example/surrogate-title", html.replace("題", "題&#55296;")),
        raw_page(
            "https://h.example/cesu", html.encode().replace(b"<p>", b"<p>\xed\xa0\x80\xed\xb0\x80\xf4\x90\x80\x80")
        ),
        raw_page("https://h.example/nul", html.replace("、", "\0、").replace("題", "題&#0;&#1;")),
        raw_page("https://h.example/charset", html, headers=(("Content-Type", "text/html; charset=\udce3\udc81"),)),
        raw_page("https://h.example/header", html, headers=(*plain, ("X-Robots-Tag", "noai\x00,\x85"), ("X", "é"))),
        raw_page("https://h.example/nested", "<html lang=ja>" + "<div>" * 5_000 + body),
        raw_page("https://h.example/table", "<html lang=ja>" + "<table><tr><td>" * 300 + body),
        raw_page("https://h.example/attributes", f"<html lang=ja {'a=b ' * 20_000}>{body}"),
        raw_page("https://h.example/unclosed", html.replace("</p>", "<b><i>").replace("</article>", "<script>")),
        raw_page("https://h.example/utf-7", html, headers=(("Content-Type", "text/html; charset=utf-7"),)),
        raw_page("https://h.example/utf-16", html.encode("utf-16")),
        raw_page("https://h.example/rot13", html, headers=(("Content-Type", "text/html; charset=rot13"),)),
        raw_page("https://h.example/idna", html, headers=(("Content-Type", "text/html; charset=idna"),)),
        raw_page("https://h.example/long", html.replace("、", "、" * 30_000)),
        raw_page("https://h.example/bom", b"\xef\xbb\xbf" * 50 + html.encode()),
        raw_page(
            "https://h.example/json-ld", html.replace("<body>", f"<script type='application/ld+json'>{'[' * 9_000}")
        ),
        raw_page("https://h.example/punctuation", "<html lang=ja><body><article><p>" + "。、！？" * 400),
        raw_page("https://h.example/emoji", html.replace("。", "。👩‍👩‍👧‍👦\U000e0041\ufeff\u202e")),
        raw_page("https://[::1", html),
        raw_page("https://h.example/\udcff\udcfe", html),
        raw_page("http://xn--\u3042.example:99999999999/", html),
        raw_page("javascript:alert(1)", html),
        raw_page("", html),
        raw_page("https://日本語.example/路?q=検索", html),
        raw_page("https://h.example/date", html, date="yesterday"),
        raw_page("https://h.example/date-far", html, date="99999-99-99T99:99:99Z"),
        raw_page("https://h.example/same", html, warc_headers={"WARC-Record-ID": "<urn:uuid:same>"}),
        raw_page("https://h.example/same", html + "違う", warc_headers={"WARC-Record-ID": "<urn:uuid:same>"}),
        raw_page("https://h.example/no-id", html, warc_headers={"WARC-Record-ID": ""}),
        raw_page("https://h.example/id", html, warc_headers={"WARC-Record-ID": "x" * 100_000}),
    ]


def test_one_bad_page_costs_one_page(
    tmp_path: Path,
    recipe_with: Any,
    archive_of: Any,
    build: Any,
    article: Any,
    raw_page: Any,
    web_page: Any,
    rows_of: Any,
    manifest_at: Any,
) -> None:
    """Law 7: pages made to break something, among good ones that all must be kept."""
    bad = hostile_pages(article, raw_page)
    good = [web_page(f"https://good{n}.example/", f"among {n}") for n in range(3)]
    archive_of(tmp_path / "a.warc.gz", [good[0], *bad, *good[1:]])
    output = build(recipe_with(tmp_path / "recipe.yaml", rules="tesuki"), tmp_path / "out").output
    fates = balanced(output, rows_of, manifest_at)
    assert sum(fates.values()) == len(bad) + 3
    assert {f"https://good{n}.example/" for n in range(3)} <= {row["url"] for row in rows_of(output, "documents")}
    ids = [row["id"] for row in rows_of(output, "documents")]
    assert len(ids) == len(set(ids))
    crashes = [row for row in rows_of(output, "ledger") if row["rule"].endswith(".crash")]
    assert not crashes, "a crash costs one page, and yet each is a fault of ours"


def test_records_that_claim_one_identity_are_two_documents(
    tmp_path: Path, recipe_with: Any, archive_of: Any, build: Any, web_page: Any, rows_of: Any, manifest_at: Any
) -> None:
    """A broken writer gives two captures of an address one id in one second: both texts are there, under two ids."""
    same = {"WARC-Record-ID": "<urn:uuid:same>"}
    pages = [replace(web_page("https://a.example/", seed), warc_headers=same) for seed in (1, 2)]
    archive_of(tmp_path / "a.warc.gz", pages)
    output = build(recipe_with(tmp_path / "recipe.yaml"), tmp_path / "out").output
    assert balanced(output, rows_of, manifest_at)["kept"] == 2


@pytest.mark.parametrize("station", ["measure", "fingerprint", "mend", "level"])
def test_a_station_that_fails_on_a_page_costs_that_page(
    tmp_path: Path,
    good: bytes,
    recipe_with: Any,
    build: Any,
    rows_of: Any,
    manifest_at: Any,
    monkeypatch: pytest.MonkeyPatch,
    station: str,
) -> None:
    """Law 7 for our own faults: an exception at any station is the fate of one page, not of the run."""

    def failing(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if "g7.example" in str(arguments[-1]):
                raise RuntimeError("planted")
            return function(*arguments, **named)

        return call

    module, name = {
        "measure": (extract, "measure"),
        "fingerprint": (extract, "add_keys"),
        "mend": (mending, "mend_page"),
        "level": (assemble, "level_cluster"),
    }[station]
    monkeypatch.setattr(module, name, failing(getattr(module, name)))
    (tmp_path / "a.warc.gz").write_bytes(good)
    output = build(recipe_with(tmp_path / "recipe.yaml"), tmp_path / "out").output
    fates = balanced(output, rows_of, manifest_at)
    assert (fates["kept"], fates["dead"]) == (11, 1)
    (row,) = [row for row in rows_of(output, "ledger") if row["fate"] == "dead"]
    assert (row["url"], row["rule"]) == ("https://g7.example/", f"{station}.crash")


def test_an_archive_that_vanishes_while_it_is_read_is_named(tmp_path: Path, good: bytes, recipe_with: Any) -> None:
    (tmp_path / "a.warc.gz").write_bytes(good)
    request = check_request(recipe_with(tmp_path / "recipe.yaml"), tmp_path / "out", (), ())
    shutil.move(tmp_path / "a.warc.gz", tmp_path / "moved")
    with pytest.raises((WorkError, OSError), match=r"a\.warc\.gz"):
        build_corpus(request, lambda _: None)
    assert not (tmp_path / "out" / "manifest.json").exists()
