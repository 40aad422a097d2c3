"""A corpus with buckets, from recipe to take-down: everything that knows subsets knows buckets."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from tesuki.pipelines.commands.export import export_corpus
from tesuki.pipelines.commands.mix import corpus_pairs, find_mixture
from tesuki.pipelines.commands.mix_counts import fitted, table_lines
from tesuki.pipelines.commands.try_ import try_lines
from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.commands.why import story_as_json, story_of
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.storage.sealed_json import write_sealed
from tesuki.pipelines.takedown.take_down import take_down
from tesuki.tokenize.reader import MixtureReader

LIST = "list.txt"

BUCKETS = {
    "web": {"by": ["length", "copies"], "quantiles": {"length": 3}, "edges": {"copies": [2]}},
    "news": {"by": "length", "edges": {"length": [100, 170]}, "repeats": [0, 1, "5/2"]},
    "law": None,
}
BUCKETS["web"]["repeats"] = [["1/2", 2], [1, 3], ["3/2", 4]]  # type: ignore[index]


NOUNS = "朝霧港魚坂畑樽墨机峠橋川山空星雪花森滝岩島波"


def prose(seed: str, sentences: int) -> str:
    draw = random.Random(seed)
    nouns = ((draw.choice(NOUNS), draw.choice(NOUNS)) for _ in range(sentences))
    return "".join(f"{one}と{other}を見ました。" for one, other in nouns)


def recipe_at(path: Path, model: Path, **changes: Any) -> Path:
    subsets = {
        name: {"inputs": f"{name}.jsonl", "format": "jsonl", "judge": False, "buckets": buckets}
        for name, buckets in {**BUCKETS, **changes.pop("buckets", {})}.items()
    }
    recipe = {
        "name": "buckets",
        "subsets": subsets,
        "scores": [{"name": "length", "measure": "characters"}, {"name": "copies", "copies": True}],
        "tokenizer": {"path": str(model)},
        "shards": {"tokens": 1500},
        "splits": {"valid": "1/8"},
        **changes,
    }
    path.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, model: Path, build: Any) -> Path:
    """Inputs, ``recipe.yaml`` and its corpus, ``out``. Of the texts of the web some have copies."""
    folder = tmp_path_factory.mktemp("buckets")
    for name, documents in {"web": 24, "news": 12, "law": 3}.items():
        lines = [
            {
                "text": prose(f"{name} {n}", 4 + n * 24 // documents),
                "url": f"https://{name}{n}-{copy}.example/",
                "date": f"20{26 - copy}-01-01",
            }
            for n in range(documents)
            for copy in range(1 + (name == "web" and n % 4 == 0) * (n % 3))
        ]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    build(recipe_at(folder / "recipe.yaml", model), folder / "out")
    return folder


def scores_of(row: Any) -> dict[str, float]:
    return {each["name"]: each["value"] for each in row["scores"]}


def test_the_reader_reads_each_bucket_as_often_as_it_says(folder: Path, rows_of: Any, manifest_at: Any) -> None:
    out = folder / "out"
    assert list(verify_corpus(out))[-1].startswith("repeats: ")
    manifest, documents = manifest_at(out), {row["id"]: row for row in rows_of(out, "documents")}
    rows = [row for row in manifest["mixture"] if row["split"] == "train"]
    assert [row["subset"] for row in rows if row["subset"].startswith("web")] == [
        *(f"web.length-{length}.copies-{copies}" for length in range(3) for copies in range(2)),
        "web.unscored",
    ]
    assert sum(row["documents"] for row in manifest["mixture"]) == len(documents)
    read = Counter(document.document_id for document in MixtureReader(out).documents())
    tokens = Counter[str]()
    place = {shard["path"]: row["subset"] for row in rows for shard in row["shards"]}
    for document in MixtureReader(out).documents():
        tokens[place[document.shard]] += document.input_ids.size
    assert dict(tokens) == {row["subset"]: row["training_tokens"] for row in rows if row["training_tokens"]}
    assert any(count == 4 for count in read.values())
    short = [row for row in rows_of(out, "documents") if row["subset"] == "news" and scores_of(row)["length"] < 100]
    assert short
    assert not any(read[row["id"]] for row in short), "repeats 0 keep the document and train on none"


def test_why_and_the_pairs_of_megatron_name_the_bucket(folder: Path, rows_of: Any, tmp_path: Path) -> None:
    out = folder / "out"
    row = next(row for row in rows_of(out, "documents") if row["subset"] == "news" and scores_of(row)["length"] >= 170)
    assert "  bucket      news.length-2: length >= 170, repeats 5/2" in list(story_of(out, row["url"]))
    (told,) = story_as_json(out, row["url"])
    assert json.loads(told)["bucket"] == {"row": "news.length-2", "holds": {"length": [170, None]}, "repeats": "5/2"}
    law = next(row for row in rows_of(out, "documents") if row["subset"] == "law")
    assert not any("bucket" in line for line in story_of(out, law["url"]))
    assert list(export_corpus(out, "train", tmp_path / "to", "megatron"))
    pairs = corpus_pairs(out).split()
    assert any(path.startswith("news.length-2/shard-00000") for path in pairs[1::2])
    assert all((tmp_path / "to" / f"{path}.idx").is_file() for path in pairs[1::2])


def test_the_hub_gets_a_configuration_for_each_bucket(folder: Path, rows_of: Any, tmp_path: Path) -> None:
    assert list(export_corpus(folder / "out", "train", tmp_path / "hub", "hf"))
    _, front, _ = (tmp_path / "hub" / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    configs = {each["config_name"]: each["data_files"] for each in yaml.safe_load(front)["configs"]}
    assert {"default", "law", "web", "news", "news.length-0", "news.length-2"} <= configs.keys()
    news = [row["id"] for row in rows_of(folder / "out", "documents") if row["subset"] == "news"]
    for name in ("news", "news.length-1"):
        paths = [path for entry in configs[name] for path in sorted((tmp_path / "hub").glob(entry["path"]))]
        found = {row["id"]: scores_of(row)["length"] for path in paths for row in pq.read_table(path).to_pylist()}
        assert set(found) <= set(news)
        assert (set(found) == set(news)) if name == "news" else all(100 <= value < 170 for value in found.values())
        assert found


def test_other_buckets_are_tried_before_anything_is_written(folder: Path, model: Path, build: Any) -> None:
    out = folder / "out"
    before = sorted(path for path in folder.rglob("*"))
    changed = recipe_at(
        folder / "changed.yaml",
        model,
        buckets={
            "web": {"by": "copies", "repeats": "fineweb-2-ja"},
            "news": {**BUCKETS["news"], "repeats": [1, 2, 3]},  # type: ignore[dict-item]
        },
    )
    mixture = find_mixture(changed, None, out)
    lines = [line.split("\t") for line in table_lines(mixture)]
    assert [line[-1] for line in lines if line[0].startswith("web.copies-")][:2] == ["copies < 3", "3 <= copies < 5"]
    total = fitted(mixture, 40_000, "web")
    assert total.training_tokens == 40_000
    grown = {row.subset: row for row in total.rows}
    for row in mixture.rows:
        if row.subset.startswith("web") and row.training_tokens:
            share = Fraction(row.training_tokens, sum(r.training_tokens for r in mixture.rows if r.subset[:3] == "web"))
            all_of_web = sum(r.training_tokens for r in total.rows if r.subset.startswith("web"))
            assert abs(grown[row.subset].training_tokens - share * all_of_web) < 1 + share
        elif not row.subset.startswith("web"):
            assert grown[row.subset] == row
    one = fitted(mixture, 40_000, "news.length-0")
    assert one.training_tokens == 40_000
    with pytest.raises(RequestError, match=r"no subset 'news\.length-9' to fit; the mixture has: .*web\.copies-0"):
        fitted(mixture, 40_000, "news.length-9")
    assert sorted(path for path in folder.rglob("*")) == sorted([*before, changed])
    # What was tried is what is built.
    build(changed, folder / "changed")
    built = find_mixture(folder / "changed", None, Path("unused"))
    assert [(row.subset, row.tokens, row.repeats, row.holds) for row in built.rows] == [
        (row.subset, row.tokens, row.repeats, row.holds) for row in mixture.rows
    ]
    for row, tried in zip(built.rows, mixture.rows, strict=True):
        assert row.training_tokens <= tried.training_tokens


def test_other_repeats_of_buckets_can_be_tried(folder: Path) -> None:
    lines = list(try_lines(folder / "out", ["subsets.news.buckets.repeats=[1, 1, 3]"], (), 0, False))
    told = [line for line in lines if "repeats" in line and line.startswith("news")]
    assert [line.split(", ")[0] for line in told] == ["news.length-0: repeats 0 → 1", "news.length-2: repeats 5/2 → 3"]
    with pytest.raises(RequestError, match="Buckets of other edges: tesuki mix RECIPE"):
        list(try_lines(folder / "out", ["subsets.news.buckets.edges.length=[1]"], (), 0, False))


def test_a_score_the_corpus_does_not_have_is_named(folder: Path, model: Path, tmp_path: Path) -> None:
    kana = [{"name": "length", "measure": "hiragana_share"}, {"name": "copies", "copies": True}]
    other = recipe_at(tmp_path / "other.yaml", model, scores=kana)
    with pytest.raises(
        RequestError, match=r"subsets\.(web|news)\.buckets\.by: length is no score of the corpus in .*out"
    ):
        find_mixture(other, None, folder / "out")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("holds", {"length": [None, 101]}, "is said to hold length < 101, by the recipe .* it holds length < 100"),
        ("documents", 99, "is said to have 99 documents, it has"),
        ("subset", "news.length-7", r"news\.length-0 stands in only one of the recipe and the mixture"),
    ],
)
def test_a_lie_about_a_bucket_is_found(field: str, value: Any, told: str, folder: Path) -> None:
    path = folder / "out" / "manifest.json"
    content = path.read_bytes()
    manifest = json.loads(content)
    row = next(row for row in manifest["mixture"] if row["subset"] == "news.length-0")
    row[field] = value
    try:
        write_sealed(path, {name: value for name, value in manifest.items() if name != "digest"})
        with pytest.raises(WorkError, match=told):
            list(verify_corpus(folder / "out"))
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize("gone", [("news1-0", "news5-0", "web22-0"), ("web8-0", "web2-0", "web7-0", "law1-0")])
def test_a_take_down_leaves_what_a_rebuild_would(
    gone: tuple[str, ...], folder: Path, model: Path, tmp_path: Path, build: Any, hashes_of: Any, manifest_at: Any
) -> None:
    """Also where it moves the quantiles, and where what goes was repeated 0 times or had copies."""
    for path in folder.glob("*.jsonl"):
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / LIST).write_text("".join(f"{host}.example\n" for host in gone), encoding="utf-8")
    taken, rebuilt = tmp_path / "taken", tmp_path / "rebuilt"
    shutil.copytree(folder / "out", taken)
    before = manifest_at(taken)
    list(take_down(taken, tmp_path / LIST))
    build(recipe_at(tmp_path / "list.yaml", model, policy={"take_down": LIST}), rebuilt)
    after = manifest_at(taken)
    held = [[row.get("holds") for row in manifest["mixture"] if "web" in row["subset"]] for manifest in (before, after)]
    assert held[0] != held[1], "the quantiles moved"
    assert after["mixture"] == manifest_at(rebuilt)["mixture"]
    own = {path: hashed for path, hashed in hashes_of(taken).items() if not path.startswith("takedowns/")}
    assert own == {path: hashed for path, hashed in hashes_of(rebuilt).items() if not path.startswith("takedowns/")}
    assert list(verify_corpus(taken))
