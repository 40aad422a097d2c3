"""PDF files of a folder and of an archive in one corpus beside HTML: joined with it, accounted for, listed for OCR."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tesuki.pipelines.commands.cli import tesuki
from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.corpus.build import build_corpus
from tesuki.pipelines.corpus.request import check_request

Rows = Callable[[Path, str], list[dict[str, Any]]]

REPORT = "川の水位は{0}年を境に下がり、舟運はその後の十年で絶えた。古い帳面は{0}年の荷を米と炭と記している。"


def prose(first: int) -> str:
    return "".join(REPORT.format(year) for year in range(first, first + 12))


def record(url: str, content_type: str, body: bytes) -> bytes:
    content = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-05-02T03:04:05Z\r\n"
        f"Content-Type: application/http\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + content + b"\r\n\r\n", mtime=0)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, make_pdf: ModuleType, model: Path) -> Path:
    def pdf_of(text: str, rows: int = 40) -> bytes:
        lines = [text[at : at + 40] for at in range(0, len(text), 40)]
        runs = [make_pdf.Run(60, 760 - 17 * (number % rows), 10, line) for number, line in enumerate(lines)]
        return bytes(make_pdf.make_pdf([runs[at : at + rows] for at in range(0, len(runs), rows)]))

    folder = tmp_path_factory.mktemp("pdf")
    (folder / "papers" / "old").mkdir(parents=True)
    (folder / "papers" / "a.pdf").write_bytes(pdf_of(prose(1700)))
    (folder / "papers" / "old" / "b.PDF").write_bytes(pdf_of(prose(1300), 8))
    (folder / "papers" / "cut.pdf").write_bytes(pdf_of(prose(1500))[:900])
    image = b"<</Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8/Length 4>>"
    scan = make_pdf.assemble(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
            b"<</Length 24>>stream\nq 595 0 0 842 0 0 cm /I Do Q\nendstream",
            image + b"stream\n\x00\x10\x20\x30\nendstream",
        ],
        b"",
    )
    page = f"<html lang=ja><title>題</title><body><article><p>{prose(1700)}</p></article>".encode()
    (folder / "web.warc.gz").write_bytes(
        record("https://a.jp/a.html", "text/html; charset=utf-8", page)
        + record("https://a.jp/c.pdf", "application/pdf", pdf_of(prose(1100)))
        + record("https://a.jp/scan.pdf", "application/octet-stream", scan)
    )
    recipe = {
        "name": "pdf",
        "subsets": {"web": {"inputs": "web.warc.gz"}, "papers": {"inputs": "papers", "format": "pdf"}},
        "rules": "none",
        "tokenizer": {"path": str(model)},
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    build_corpus(check_request(folder / "recipe.yaml", folder / "out", (), ()), lambda _: None)
    return folder / "out"


def test_pdf_and_html_of_one_text_are_one_document(corpus: Path, rows_of: Rows) -> None:
    documents, ledger = rows_of(corpus, "documents"), rows_of(corpus, "ledger")
    assert sorted(row["text"] for row in documents) == sorted(map(prose, (1700, 1300, 1100)))
    assert sorted((row["rule"], row["fate"]) for row in ledger) == [
        ("duplicate.exact", "duplicate"),
        ("extract.pdf-scanned", "rejected"),
        ("extract.pdf-truncated", "dead"),
    ]
    (joined,) = (row for row in documents if row["text"] == prose(1700))
    (duplicate,) = (row for row in ledger if row["fate"] == "duplicate")
    assert (joined["cluster"]["size"], duplicate["duplicate_of"]) == (2, joined["id"])
    assert {joined["archive"], duplicate["archive"]} == {"web.warc.gz", "a.pdf"}
    accounts = {row["encoding"]: row["extraction"] for row in documents}
    assert (accounts["pdf"]["engine"], accounts["pdf"]["pages"]) == ("pdf", 1)
    measures = {row["archive"]: {taken["name"]: taken["value"] for taken in row["measures"]} for row in documents}
    assert (measures["b.PDF"]["pages"], measures["b.PDF"]["garbled_share"]) == (3, 0)
    assert measures["b.PDF"]["characters_a_page"] == len("".join(prose(1300).split())) / 3
    assert list(verify_corpus(corpus))


def test_scanned_files_go_out_for_ocr_and_come_back_under_their_names(
    corpus: Path, tmp_path: Path, model: Path, rows_of: Rows
) -> None:
    call = ["ocr", "export", str(corpus), "--to", str(tmp_path / "scanned.jsonl")]
    assert not tesuki.main(call, standalone_mode=False)
    (line,) = (tmp_path / "scanned.jsonl").read_text(encoding="utf-8").splitlines()
    entry = json.loads(line)
    assert (entry["url"], entry["archive"], entry["subset"]) == ("https://a.jp/scan.pdf", "web.warc.gz", "web")
    assert entry["id"].startswith("<urn:uuid:")
    (scanned,) = (row for row in rows_of(corpus, "ledger") if row["rule"] == "extract.pdf-scanned")
    assert {**entry, "record_id": entry["id"]}.items() >= {
        name: scanned[name] for name in ("record_id", "url", "archive", "offset", "length")
    }.items()

    (tmp_path / "read.jsonl").write_text(json.dumps({**entry, "text": prose(1200)}) + "\n", encoding="utf-8")
    recipe = {
        "name": "scanned",
        "subsets": {"scanned": {"inputs": "read.jsonl", "format": "jsonl"}},
        "rules": "none",
        "tokenizer": {"path": str(model)},
    }
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    build_corpus(check_request(tmp_path / "recipe.yaml", tmp_path / "out", (), ()), lambda _: None)
    (document,) = rows_of(tmp_path / "out", "documents")
    assert (document["record_id"], document["url"], document["text"]) == (entry["id"], entry["url"], prose(1200))
    assert (document["subset"], document["archive"]) == ("scanned", "read.jsonl")
