"""A corpus of every format that is text already, with levels, repeats and splits: its laws, counted from its files."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
import zstandard
from datasets import Dataset, load_dataset
from warcio.warcwriter import WARCWriter

from tesuki.common.hosts import host_of
from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.corpus.build import build_corpus
from tesuki.pipelines.corpus.request import check_request
from tesuki.tokenize.reader import MixtureReader

Rows = Callable[[Path, str], list[dict[str, Any]]]

NOUNS = "朝 霧 港 市場 魚 職人 木箱 坂道 鉄橋 川面 水門 灯台 雨戸 畑 味噌 樽 糸車 墨 机 小屋 峠 茶店 旅人 山鳩"
WORDS = NOUNS.split()
ENDINGS = ("を長く眺めていました。", "のことを祖父が話しました。", "へ続く道は細いままです。")


def prose(seed: object, sentences: int = 12) -> str:
    draw = random.Random(str(seed))
    return "".join(
        f"{draw.choice(WORDS)}と{draw.choice(WORDS)}、また{draw.choice(WORDS)}{draw.choice(ENDINGS)}"
        for _ in range(sentences)
    )


def parquet(**columns: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def wet(pages: Mapping[str, str]) -> bytes:
    sink = io.BytesIO()
    writer = WARCWriter(sink, gzip=True)
    for number, (url, text) in enumerate(pages.items()):
        headers = {"WARC-Date": "2026-01-02T03:04:05Z", "WARC-Record-ID": f"<urn:uuid:0-{number}>"}
        body = io.BytesIO(text.encode())
        record = writer.create_warc_record(
            url, "conversion", payload=body, warc_content_type="text/plain", warc_headers_dict=headers
        )
        writer.write_record(record)
    return sink.getvalue()


def dump(articles: Mapping[str, str]) -> bytes:
    pages = "".join(
        f"<page><title>{title}</title><ns>0</ns><id>{number}</id><revision><id>9</id>"
        f"<timestamp>2026-01-02T03:04:05Z</timestamp><text>{escape(text)}</text></revision></page>"
        for number, (title, text) in enumerate(articles.items(), 1)
    )
    base = "<siteinfo><base>https://ja.wikipedia.org/wiki/%E8%A1%A8</base></siteinfo>"
    return bz2.compress(f"<mediawiki>{base}{pages}</mediawiki>".encode())


def cirrus(articles: Mapping[str, str]) -> bytes:
    lines: list[object] = []
    for number, (title, text) in enumerate(articles.items()):
        lines += [
            {"index": {"_id": str(number)}},
            {"title": title, "text": text, "wiki": "jawikinews", "namespace": 0},
        ]
    return gzip.compress("\n".join(json.dumps(line) for line in lines).encode())


REPEATS = {
    "lines": Fraction(3, 2),
    "rows": Fraction(2),
    "web_texts": Fraction(1, 3),
    "encyclopedia": Fraction(5, 4),
    "news": Fraction(0),
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of five formats, with levels, repeats, splits and a text that two of them share."""
    pytest.importorskip("mwparserfromhell")
    folder = tmp_path_factory.mktemp("formats")
    shared = prose("shared")
    lines = [
        {"body": prose(f"line {n}"), "url": f"https://h{n % 9}.example.jp/{n}", "date": "2026-01-01"} for n in range(27)
    ]
    lines.append({"body": shared, "url": "https://old.example.jp/", "date": "2020-01-01"})
    (folder / "lines.jsonl.zst").write_bytes(
        zstandard.ZstdCompressor().compress("".join(json.dumps(line) + "\n" for line in lines).encode())
    )
    rows = {"text": [prose(f"row {n}") for n in range(9)], "url": [f"https://h{n}.example.jp/r" for n in range(9)]}
    (folder / "rows.parquet").write_bytes(parquet(**rows))
    texts = {f"https://w{n}.example.jp/": prose(f"wet {n}") for n in range(9)}
    texts["https://w0.example.jp/shared"] = shared
    texts["https://w1.example.jp/noted"] = prose("noted") + "\n無断転載を禁じます。"
    texts["https://w2.example.jp/english"] = "This page is in English, as most of them are. " * 20
    (folder / "texts.wet.gz").write_bytes(wet(texts))
    (folder / "dump.xml.bz2").write_bytes(dump({f"題{n}": f"{prose(f'article {n}')}<ref>注</ref>" for n in range(6)}))
    (folder / "dump.json.gz").write_bytes(cirrus({f"報{n}": prose(f"news {n}") for n in range(3)}))
    sources: dict[str, dict[str, Any]] = {
        "lines": {"inputs": "lines.jsonl.zst", "format": "jsonl", "columns": {"text": "body"}},
        "rows": {"inputs": "rows.parquet", "format": "parquet", "level": "L3"},
        "web_texts": {"inputs": "texts.wet.gz", "format": "wet"},
        "encyclopedia": {"inputs": "dump.xml.bz2", "format": "wikipedia", "default_level": "L1"},
        "news": {"inputs": "dump.json.gz", "format": "cirrussearch", "default_level": "L1"},
    }
    recipe = {
        "name": "formats",
        "subsets": {name: {**source, "repeats": str(REPEATS[name])} for name, source in sources.items()},
        "rules": "none",
        "tokenizer": {"train": {"vocabulary_size": 345}},
        "shards": {"tokens": 700},
        "splits": {"valid": "1/10", "test": "1/5"},
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    build_corpus(check_request(folder / "recipe.yaml", folder / "out", (), ()), lambda _: None)
    return folder / "out"


def test_all_formats_meet_in_one_corpus(corpus: Path, rows_of: Rows) -> None:
    documents, ledger = rows_of(corpus, "documents"), rows_of(corpus, "ledger")
    assert Counter(row["subset"] for row in documents) == {
        "lines": 27,
        "rows": 9,
        "web_texts": 11,
        "encyclopedia": 6,
        "news": 3,
    }
    assert Counter((row["subset"], row["fate"], row["rule"]) for row in ledger if row["fate"] != "skipped") == {
        ("lines", "duplicate", "duplicate.exact"): 1,
        ("web_texts", "rejected", "language.precise"): 1,
    }
    levels = Counter((row["subset"], row["level"]) for row in documents)
    assert levels[("rows", "L3")] == 9
    assert levels[("web_texts", "L3")] == 1
    assert levels[("encyclopedia", "L1")] == 6
    assert all("注" not in row["text"] for row in documents if row["subset"] == "encyclopedia")
    assert list(verify_corpus(corpus))


def test_a_pass_is_what_the_manifest_declares(corpus: Path, manifest_at: Callable[[Path], dict[str, Any]]) -> None:
    manifest = manifest_at(corpus)
    read: Counter[tuple[str, str]] = Counter()
    for document in MixtureReader(corpus, split="train", seed=3, rank=0, world_size=1).documents():
        read[document.shard.split("/")[2], document.document_id] += 1
    tokens: dict[tuple[str, str], int] = {}
    for path in sorted((corpus / "shards" / "train").rglob("*.arrow")):
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_stream(source).read_all()
        for document, length in zip(table["id"].to_pylist(), table["length"].to_pylist(), strict=True):
            tokens[path.parent.name, document] = length
    rows = {row["subset"]: row for row in manifest["mixture"] if row["split"] == "train"}
    assert set(rows) == set(REPEATS)
    for subset, repeats in REPEATS.items():
        row = rows[subset]
        seen = sum(times * tokens[key] for key, times in read.items() if key[0] == subset)
        declared = sum(shard["tokens"] * shard["times"] + shard["extra_tokens"] for shard in row["shards"])
        assert seen == declared == row["training_tokens"]
        assert row["training_tokens"] + row["short_by"] == repeats * row["tokens"] // 1
        of_subset = [length for key, length in tokens.items() if key[0] == subset]
        assert 0 <= row["short_by"] < max(of_subset, default=1)
        assert sum(of_subset) == (row["tokens"] if repeats else 0)
        assert {read[key] for key in tokens if key[0] == subset} <= {int(repeats), int(repeats) + 1}
    assert rows["news"]["tokens"] > 0


def test_splits_are_apart_and_a_pass_resumes(corpus: Path, rows_of: Rows) -> None:
    hosts = {row["id"]: host_of(row["url"]) for row in rows_of(corpus, "documents")}
    held = {
        split: {hosts[document.document_id] for document in MixtureReader(corpus, split=split).documents()}
        for split in ("train", "valid", "test")
    }
    assert all(held.values())
    assert not held["train"] & held["valid"] | held["train"] & held["test"] | held["valid"] & held["test"]

    def steps(reader: MixtureReader, start: int = 0) -> list[tuple[str, int, int]]:
        return [(document.shard, document.row, document.repetition) for document in reader.documents(start)]

    whole = steps(MixtureReader(corpus, seed=5))
    ranks = [MixtureReader(corpus, seed=5, rank=rank, world_size=3) for rank in range(3)]
    assert Counter(whole) == Counter(step for reader in ranks for step in steps(reader))
    for reader in ranks:
        for start in (0, 1, len(steps(reader)) // 2, len(steps(reader))):
            assert steps(reader, start) == steps(reader)[start:]


def test_datasets_open_the_shards(corpus: Path, tmp_path: Path) -> None:
    paths = sorted(map(str, (corpus / "shards" / "train" / "lines").glob("*.arrow")))
    assert len(paths) > 1
    rows = sum(len(Dataset.from_file(path)) for path in paths)
    together = load_dataset("arrow", data_files=paths, split="train", cache_dir=str(tmp_path))
    assert len(together) == rows
    assert all(len(row["input_ids"]) == row["length"] for row in together)
