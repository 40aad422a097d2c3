"""`tesuki mix` on a finished corpus, and on a recipe over one."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from tesuki.pipelines.commands.export import export_corpus
from tesuki.pipelines.commands.mix import corpus_pairs, find_mixture
from tesuki.pipelines.commands.mix_counts import fitted, json_text, table_lines
from tesuki.pipelines.corpus.build import build_corpus
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.errors import RequestError

NOUNS = "朝 霧 港 市場 魚 職人 木箱 坂道 鉄橋 川面 水門 灯台 雨戸 畑 味噌 樽 糸車 墨 机 小屋 峠 茶店 旅人 山鳩"


def prose(seed: object) -> str:
    draw = random.Random(str(seed))
    words = NOUNS.split()
    return "".join(f"{draw.choice(words)}と{draw.choice(words)}を{draw.choice(words)}で見ました。" for _ in range(14))


def recipe_at(path: Path, repeats: dict[str, Any], **fields: Any) -> Path:
    subsets = {
        name: {"inputs": f"{name}.jsonl", "format": "jsonl", "repeats": ratio} for name, ratio in repeats.items()
    }
    recipe = {
        "name": "mixture",
        "subsets": subsets,
        "rules": "none",
        "tokenizer": {"train": {"vocabulary_size": 315}},
        "shards": {"tokens": 500},
        **fields,
    }
    path.write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``recipe.yaml`` and its corpus, ``out``."""
    folder = tmp_path_factory.mktemp("mixture")
    for name, documents in {"web": 20, "law": 5, "spare": 3}.items():
        lines = [{"text": prose(f"{name} {n}"), "url": f"https://{name}{n}.example.jp/"} for n in range(documents)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    recipe = recipe_at(folder / "recipe.yaml", {"web": "3/2", "law": 3, "spare": 0})
    build_corpus(check_request(recipe, folder / "out", (), ()), lambda _: None)
    return folder


def manifest_in(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / "out" / "manifest.json").read_bytes())
    return value


def test_a_corpus_has_the_mixture_of_its_manifest(folder: Path) -> None:
    mixture = find_mixture(folder / "out", None, Path("unused"))
    declared = manifest_in(folder)["mixture"]
    assert [(row.subset, row.tokens, str(row.repeats), row.training_tokens) for row in mixture.rows] == [
        (row["subset"], row["tokens"], row["repeats"], row["training_tokens"]) for row in declared
    ]
    spare = next(row for row in mixture.rows if row.subset == "spare")
    assert spare.tokens > 0
    assert (spare.training_tokens, spare.shards) == (0, 0)
    lines = [line.split("\t") for line in table_lines(mixture)]
    assert lines[0] == ["subset", "tokens", "repeats", "training_tokens", "share", "shards", "holds"]
    assert [int(lines[-1][1]), int(lines[-1][3])] == [
        sum(int(line[column]) for line in lines[1:-1]) for column in (1, 3)
    ]


def test_a_recipe_is_tried_on_a_corpus(folder: Path) -> None:
    built = {row["subset"]: row for row in manifest_in(folder)["mixture"]}
    trial = recipe_at(folder / "trial.yaml", {"law": 3, "web": 0.25, "spare": "7/3"})
    rows = find_mixture(trial, None, folder / "out").rows
    assert [row.subset for row in rows] == ["law", "web", "spare"]
    law, web, spare = rows
    assert (law.training_tokens, law.shards) == (built["law"]["training_tokens"], len(built["law"]["shards"]))
    assert (web.training_tokens, web.shards) == (built["web"]["tokens"] // 4, None)
    assert (spare.training_tokens, spare.shards) == (built["spare"]["tokens"] * 7 // 3, None)
    same = find_mixture(folder / "recipe.yaml", None, folder / "out")
    assert set(same.rows) == set(find_mixture(folder / "out", None, Path("unused")).rows)


@pytest.mark.slow
def test_a_fitted_ratio_builds_what_it_says(folder: Path) -> None:
    total = 20_000
    mixture = fitted(find_mixture(folder / "recipe.yaml", None, folder / "out"), total, "web")
    assert mixture.training_tokens == total
    (ratio,) = [row.repeats for row in mixture.rows if row.subset == "web"]
    written = json.loads(json_text(mixture))
    assert Fraction(next(row["repeats"] for row in written["subsets"] if row["subset"] == "web")) == ratio
    again = recipe_at(folder / "fitted.yaml", {"web": str(ratio), "law": 3, "spare": 0})
    build_corpus(check_request(again, folder / "fitted", (), ()), lambda _: None)
    rows = json.loads((folder / "fitted" / "manifest.json").read_bytes())["mixture"]
    assert sum(row["training_tokens"] + row["short_by"] for row in rows) == total


def test_the_pairs_of_a_corpus_are_those_of_its_export(folder: Path, tmp_path: Path) -> None:
    assert list(export_corpus(folder / "out", "train", tmp_path / "to", "megatron"))
    pairs = corpus_pairs(folder / "out")
    assert pairs == (tmp_path / "to" / "data-path.txt").read_text().strip()
    words = pairs.split()
    assert all((tmp_path / "to" / f"{path}.idx").is_file() for path in words[1::2])
    assert sum(map(int, words[::2])) == sum(row["training_tokens"] for row in manifest_in(folder)["mixture"])


def test_mistakes_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="mix: expected a recipe, a corpus folder, or --counts FILE"):
        find_mixture(None, None, Path("out"))
    with pytest.raises(RequestError, match="mix: expected a recipe, a corpus folder, or --counts FILE"):
        find_mixture(folder / "out", folder / "counts.tsv", Path("out"))
    with pytest.raises(RequestError, match="no finished corpus here"):
        find_mixture(folder / "recipe.yaml", None, tmp_path)
    other = recipe_at(folder / "other.yaml", {"web": 1, "books": 2})
    with pytest.raises(RequestError, match=r"other\.yaml: subsets\.books: the corpus in .* has no such subset"):
        find_mixture(other, None, folder / "out")
    plain = recipe_at(folder / "plain.yaml", {"law": 1}, tokenizer=None)
    build_corpus(check_request(plain, tmp_path / "plain", (), ()), lambda _: None)
    with pytest.raises(RequestError, match="has no tokens to count; give its recipe a tokenizer"):
        find_mixture(tmp_path / "plain", None, Path("unused"))
    with pytest.raises(RequestError, match="has no shards; give its recipe a tokenizer"):
        list(export_corpus(tmp_path / "plain", "train", tmp_path / "to", "megatron"))
