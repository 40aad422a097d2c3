"""Exports hold what a use is allowed, whatever somebody has planted in the corpus."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
import zstandard
from datasets import load_dataset

from tesuki.pipelines.commands.export import export_corpus
from tesuki.pipelines.corpus.build import build_corpus
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.storage.sealed_json import write_sealed
from tesuki.pipelines.tokens.placing import split_for
from tesuki.release_levels.levels import Level
from tesuki.tokenize.splits import SplitFractions

LEVELS = ("L1", "L2", "L3", "LX")
ALLOWED = {"distribute": {"L1"}, "search": {"L1", "L2"}, "train": {"L1", "L2", "L3"}, "test": set(LEVELS)}
"""The table of docs/release-levels.md, written down again."""

NOUNS = "朝 霧 港 市場 魚 職人 木箱 坂道 鉄橋 川面 水門 灯台 雨戸 畑 味噌 樽 糸車 墨 机 小屋 峠 茶店 旅人 山鳩"


def prose(seed: object) -> str:
    draw = random.Random(str(seed))
    words = NOUNS.split()
    return "".join(f"{draw.choice(words)}と{draw.choice(words)}を{draw.choice(words)}で見ました。" for _ in range(14))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus with a subset for each level; LZ has none, because nothing of it is kept."""
    folder = tmp_path_factory.mktemp("levels")
    for level in (*LEVELS, "LZ"):
        lines = [{"text": prose(f"{level} {n}"), "url": f"https://{level}-{n}.example.jp/"} for n in range(6)]
        (folder / f"{level}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    recipe = {
        "name": "levels",
        "subsets": {
            f"of_{level}": {"inputs": f"{level}.jsonl", "format": "jsonl", "level": level, "repeats": "5/3"}
            for level in (*LEVELS, "LZ")
        },
        "rules": "none",
        "tokenizer": {"train": {"vocabulary_size": 315}},
        "shards": {"tokens": 300},
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    build_corpus(check_request(folder / "recipe.yaml", folder / "out", (), ()), lambda _: None)
    return folder / "out"


@pytest.fixture
def corpus(built: Path, tmp_path: Path) -> Path:
    """A copy of the corpus to plant something in."""
    shutil.copytree(built, tmp_path / "corpus")
    return tmp_path / "corpus"


def export(corpus: Path, use: str, target: Path, form: str) -> None:
    assert list(export_corpus(corpus, use, target, form))


def read_lines(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted(folder.rglob("*.jsonl.zst"))
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(path.open("rb")), encoding="utf-8")
    ]


def read_tables(folder: Path) -> list[dict[str, Any]]:
    return [row for path in sorted(folder.rglob("*.parquet")) for row in pq.read_table(path).to_pylist()]


@pytest.mark.parametrize("use", ALLOWED)
@pytest.mark.parametrize(("form", "read"), [("jsonl.zst", read_lines), ("parquet", read_tables)])
def test_a_use_gets_the_levels_that_allow_it(
    use: str, form: str, read: Callable[[Path], list[dict[str, Any]]], built: Path, tmp_path: Path
) -> None:
    export(built, use, tmp_path / "to", form)
    rows = read(tmp_path / "to")
    assert {row["level"] for row in rows} == ALLOWED[use]
    stored = {row["id"]: row for row in read_tables(built / "documents") if row["level"] in ALLOWED[use]}
    assert len(rows) == len(stored)
    for row in rows:
        assert (row["text"], row["url"]) == (stored[row["id"]]["text"], stored[row["id"]]["url"])
    about = json.loads((tmp_path / "to" / "export.manifest").read_bytes())
    assert about["use"] == use
    for entry in about["files"]:
        assert hashlib.sha256((tmp_path / "to" / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]


def test_megatron_gets_the_tokens_of_the_pass(built: Path, tmp_path: Path) -> None:
    export(built, "train", tmp_path / "to", "megatron")
    manifest = json.loads((built / "manifest.json").read_bytes())
    words = (tmp_path / "to" / "data-path.txt").read_text().split()
    weights = dict(zip(words[1::2], map(int, words[::2]), strict=True))
    rows = {row["subset"]: row["training_tokens"] for row in manifest["mixture"] if row["split"] == "train"}
    for subset, tokens in rows.items():
        assert sum(weight for path, weight in weights.items() if path.startswith(f"{subset}/")) == tokens
    assert {path.partition("/")[0] for path in weights} == {"of_L1", "of_L2", "of_L3"}
    for path, weight in weights.items():
        index = (tmp_path / "to" / f"{path}.idx").read_bytes()
        ids = np.fromfile(tmp_path / "to" / f"{path}.bin", np.uint16)
        assert index[:9] == b"MMIDIDX\0\0"
        version, code, sequences, borders = struct.unpack_from("<QBQQ", index, 9)
        assert (version, code, borders) == (1, 8, sequences + 1)
        assert np.frombuffer(index, "<i4", sequences, 34).sum() == ids.size
        assert weight % ids.size == 0
        assert weight // ids.size in (1, 2)


def test_mosaic_gets_the_tokens_of_the_pass_but_for_ends(built: Path, tmp_path: Path) -> None:
    told = list(export_corpus(built, "train", tmp_path / "to", "mds", 8))
    export(built, "train", tmp_path / "megatron", "megatron")
    left = 0
    streams = json.loads((tmp_path / "to" / "streams.json").read_bytes())
    for stream in streams:
        folder = tmp_path / "to" / stream["local"]
        (shard,) = json.loads((folder / "index.json").read_bytes())["shards"]
        content = (folder / shard["raw_data"]["basename"]).read_bytes()
        ids = np.frombuffer(content[-shard["samples"] * 32 :], "<i4")
        whole = np.fromfile(tmp_path / "megatron" / f"{stream['local']}.bin", np.uint16)
        assert ids.tolist() == whole[: whole.size // 8 * 8].tolist()
        left += whole.size % 8
    words = (tmp_path / "megatron" / "data-path.txt").read_text().split()
    weights = dict(zip(words[1::2], map(int, words[::2]), strict=True))
    sizes = {path: (tmp_path / "megatron" / f"{path}.bin").stat().st_size // 2 for path in weights}
    assert {stream["local"]: stream["repeat"] for stream in streams} == {
        path: weight // sizes[path] for path, weight in weights.items()
    }
    assert told[1] == f"left out: {left} tokens, less than a sequence at the end of each stream"


def listed_again(corpus: Path, *paths: Path) -> None:
    """Let the manifest vouch for files as they are now: a lie by somebody who knows how."""
    manifest = json.loads((corpus / "manifest.json").read_bytes())
    for path in paths:
        name = str(path.relative_to(corpus))
        entry = {"path": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
        manifest["files"] = [other for other in manifest["files"] if other["path"] != name] + [entry]
    write_sealed(corpus / "manifest.json", manifest)


@pytest.mark.parametrize(("use", "level"), [("distribute", "L2"), ("search", "L3"), ("train", "LX"), ("test", "LZ")])
@pytest.mark.parametrize("form", ["jsonl.zst", "parquet"])
def test_a_document_below_another_levels_name_is_refused(
    use: str, level: str, form: str, corpus: Path, tmp_path: Path
) -> None:
    (place,) = (corpus / "documents" / "of_L1" / "L1").iterdir()
    rows = read_tables(place.parent)
    planted = pa.Table.from_pylist([*rows[:-1], {**rows[-1], "level": level}], pq.read_schema(place))
    pq.write_table(planted, place)
    with pytest.raises(WorkError, match=r"documents/of_L1/.*is not the file that the manifest lists"):
        export(corpus, use, tmp_path / "first", form)
    listed_again(corpus, place)
    with pytest.raises(
        WorkError, match=rf"documents/of_L1/.*document {rows[-1]['id']}: a document of release level {level}"
    ):
        export(corpus, use, tmp_path / "second", form)
    for folder in ("first", "second"):
        assert not (tmp_path / folder / "export.manifest").exists()
        assert not list((tmp_path / folder).rglob("of_L1/L1/*"))


def test_a_file_nobody_vouches_for_is_refused(corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(corpus / "documents" / "of_LX" / "LX", corpus / "documents" / "of_LX" / "L1")
    with pytest.raises(WorkError, match=r"documents/of_LX/L1/.*is not the file that the manifest lists"):
        export(corpus, "distribute", tmp_path / "to", "parquet")


def test_a_document_in_the_wrong_shard_is_refused(corpus: Path, tmp_path: Path) -> None:
    (there,) = (corpus / "documents" / "of_L3" / "L3").iterdir()
    rows = read_tables(there.parent)
    pq.write_table(pa.Table.from_pylist([{**row, "level": "LX"} for row in rows], pq.read_schema(there)), there)
    with pytest.raises(
        WorkError, match=r"shards/train/of_L3/.*document [0-9a-f]{32}: its level does not allow training"
    ):
        export(corpus, "train", tmp_path / "to", "megatron")
    shard = next((corpus / "shards" / "train" / "of_L1").iterdir())
    shard.write_bytes(shard.read_bytes()[:-1] + b"\1")
    with pytest.raises(WorkError, match=r"shards/train/of_L1/.*is not the file that the manifest lists"):
        export(corpus, "train", tmp_path / "again", "megatron")


@pytest.mark.parametrize(
    ("use", "form", "complaint"),
    [
        ("sell", "parquet", "--use: found 'sell', expected one of train, search, distribute, test"),
        ("train", "csv", "--format: found 'csv', expected one of jsonl.zst, parquet, hf, megatron, mds"),
        ("distribute", "megatron", "--format megatron holds training data; expected --use train"),
        ("search", "mds", "--format mds holds training data; expected --use train"),
    ],
)
def test_mistakes_are_named(use: str, form: str, complaint: str, built: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=complaint):
        export(built, use, tmp_path / "to", form)
    assert not (tmp_path / "to").exists()


def test_an_export_does_not_mix_with_what_is_there(built: Path, tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "mine.txt").write_text("")
    with pytest.raises(RequestError, match=r"--to: .* is not an empty folder"):
        export(built, "train", tmp_path / "to", "parquet")


@pytest.mark.parametrize("streaming", [False, True])
def test_documents_and_exports_open_as_datasets_without_a_word(built: Path, tmp_path: Path, streaming: bool) -> None:
    folders = {form: tmp_path / form for form in ("jsonl.zst", "parquet", "hf")}
    for form, folder in folders.items():
        export(built, "train", folder, form)
    opened = [
        load_dataset("parquet", data_dir=str(built / "documents"), streaming=streaming, cache_dir=str(tmp_path / "c")),
        *(load_dataset(str(folder), streaming=streaming, cache_dir=str(tmp_path / "c")) for folder in folders.values()),
    ]
    for dataset, levels in zip(opened, (set(LEVELS), *[ALLOWED["train"]] * 3), strict=True):
        rows = list(dataset["train"])
        assert {row["level"] for row in rows} == levels
        assert len(rows) == 6 * len(levels)
        assert all(row["text"] for row in rows)
    assert opened[0]["train"].features["measures"] == opened[3]["train"].features["measures"]


def test_a_folder_for_the_hub_has_the_splits_of_the_shards(built: Path, corpus: Path, tmp_path: Path) -> None:
    manifest = json.loads((corpus / "manifest.json").read_bytes())
    manifest["recipe"]["splits"] = {"valid": "1/3", "test": "1/3"}
    write_sealed(corpus / "manifest.json", manifest)
    export(corpus, "test", tmp_path / "to", "hf")
    front = yaml.safe_load((tmp_path / "to" / "README.md").read_text(encoding="utf-8").split("---")[1])
    assert [config["config_name"] for config in front["configs"]] == ["default", *(f"of_{level}" for level in LEVELS)]
    whole = load_dataset(str(tmp_path / "to"), cache_dir=str(tmp_path / "c"))
    assert set(whole) == {"train", "validation", "test"}
    fractions = SplitFractions(Fraction(1, 3), Fraction(1, 3))
    stored = read_tables(built / "documents")
    for row in stored:
        split = split_for(fractions, {"of_LX"}, row["subset"], Level[row["level"]], row["url"], row["id"])
        row["split"] = {"train": "train", "valid": "validation", "test": "test"}[split or "test"]
    for split in whole:
        assert sorted(whole[split]["id"]) == sorted(row["id"] for row in stored if row["split"] == split)
    assert "LX" not in {*whole["train"]["level"], *whole["validation"]["level"]}
    one = load_dataset(str(tmp_path / "to"), "of_LX", cache_dir=str(tmp_path / "c"))
    assert {name: len(rows) for name, rows in one.items()} == {"test": 6}


@pytest.mark.parametrize("folder", ["ledger", "shards"])
def test_a_corpus_that_lost_files_is_not_exported(corpus: Path, tmp_path: Path, folder: str) -> None:
    shutil.rmtree(corpus / folder)
    with pytest.raises(WorkError, match=f"{folder}/.*is not there; see tesuki verify"):
        export(corpus, "search", tmp_path / "to", "parquet")
    assert not (tmp_path / "to").exists()
