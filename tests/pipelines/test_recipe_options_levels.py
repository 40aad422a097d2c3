"""What a recipe says of levels, held against whole corpora of JSON Lines: test sets, defaults, lists, hosts."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from tesuki.pipelines.corpus import build_corpus
from tesuki.pipelines.recipe import load_recipe
from tesuki.pipelines.request import check_request

Document = Mapping[str, Any]
Rows = Callable[[Path, str], list[dict[str, Any]]]

NOUNS = "朝 霧 港 市場 魚 職人 木箱 坂道 鉄橋 川面 水門 灯台 雨戸 畑 味噌 樽 糸車 墨 机 小屋 峠 茶店 旅人 山鳩"
WORDS = NOUNS.split()
ENDINGS = (
    "を長く眺めていました。",
    "のことを祖父が話しました。",
    "へ続く道は細いままです。",
    "を直すのは私の役目です。",
)
TRAINED = {"train": {"vocabulary_size": 350}}


def prose(seed: object, sentences: int = 14) -> str:
    """Sentences drawn by ``seed``; another seed gives a text with nothing in common."""
    draw = random.Random(str(seed))
    return "".join(
        f"{draw.choice(WORDS)}と{draw.choice(WORDS)}、また{draw.choice(WORDS)}{draw.choice(ENDINGS)}"
        for _ in range(sentences)
    )


def web(count: int) -> list[Document]:
    return [
        {"text": prose(f"web {number}"), "url": f"https://h{number % 5}.example.jp/{number}", "date": "2026-01-02"}
        for number in range(count)
    ]


def corpus_of(folder: Path, sources: Mapping[str, Sequence[Document]], recipe: Mapping[str, Any]) -> Path:
    """A corpus of one JSON Lines file a subset, built from the fields of ``recipe``."""
    folder.mkdir(parents=True, exist_ok=True)
    subsets = {}
    for name, documents in sources.items():
        lines = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
        subsets[name] = {"inputs": f"{name}.jsonl", "format": "jsonl"} | recipe.get("subsets", {}).get(name, {})
    written = {"name": "levels", "rules": "none", "tokenizer": None, **recipe, "subsets": subsets}
    (folder / "recipe.yaml").write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    build_corpus(check_request(folder / "recipe.yaml", folder / "out", (), ()), lambda _: None)
    return folder / "out"


def levels_of(output: Path, rows_of: Rows) -> dict[str, str]:
    """The level of each document, by its address."""
    return {row["url"]: row["level"] for row in rows_of(output, "documents")}


def ids_in(output: Path, split: str) -> Counter[tuple[str, str]]:
    """(subset, document id) of every row of a split's shards."""
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted((output / "shards" / split).rglob("*.arrow")):
        with pa.memory_map(str(path)) as source:
            found.update(
                (path.parent.name, document) for document in pa.ipc.open_stream(source).read_all()["id"].to_pylist()
            )
    return found


def test_a_test_set_is_whole_and_its_copies_leave_training(tmp_path: Path, rows_of: Rows) -> None:
    # Questions are short, have no date and no host; the crawl's copies of them are newer than anything.
    questions = [{"text": prose(f"question {number}", 3)} for number in range(5)]
    copied, quoted = questions[0]["text"], questions[1]["text"] + "おわり。"
    copies = [
        {"text": copied, "url": "https://copy.example.jp/exact", "date": "2026-09-01"},
        {"text": quoted, "url": "https://copy.example.jp/near", "date": "2026-09-01"},
    ]
    recipe = {
        "rules": "swallow-code",
        "subsets": {"web": {"judge": False}, "jmmlu": {"level": "LX"}},
        "tokenizer": TRAINED,
    }
    output = corpus_of(tmp_path, {"web": [*web(12), *copies], "jmmlu": questions}, recipe)

    documents = rows_of(output, "documents")
    bench = {("jmmlu", row["id"]) for row in documents if row["subset"] == "jmmlu"}
    assert len(bench) == len(questions)
    assert {row["level"] for row in documents if row["subset"] == "jmmlu"} == {"LX"}
    assert set(ids_in(output, "test")) == bench
    assert not bench & set(ids_in(output, "train"))
    assert len(ids_in(output, "train")) == 12
    left = {row["url"]: (row["fate"], row["rule"]) for row in rows_of(output, "ledger")}
    assert left == {
        "https://copy.example.jp/exact": ("duplicate", "duplicate.exact"),
        "https://copy.example.jp/near": ("duplicate", "duplicate.near"),
    }


@pytest.mark.parametrize("keep", ["newest", "oldest", "longest", "measure:characters"])
def test_a_test_set_stays_whatever_the_order_says(keep: str, tmp_path: Path, rows_of: Rows) -> None:
    question = prose("question", 6)
    copies = [
        {"text": question + "おわり。", "url": f"https://copy.example.jp/{number}", "date": date}
        for number, date in enumerate(("", "1990-01-01", "2030-01-01"))
    ]
    recipe = {
        "deduplication": {"preset": "swallow-paper", "keep": keep},
        "subsets": {"web": {}, "jmmlu": {"level": "LX"}},
    }
    output = corpus_of(tmp_path, {"web": copies, "jmmlu": [{"text": question, "date": "2010-01-01"}]}, recipe)
    assert [row["subset"] for row in rows_of(output, "documents")] == ["jmmlu"]


def test_a_test_set_is_judged_where_the_recipe_says_so(tmp_path: Path) -> None:
    def judged(**subset: Any) -> bool:
        path = tmp_path / "recipe.yaml"
        path.write_text(json.dumps({"name": "n", "subsets": {"a": {"inputs": "a", **subset}}, "tokenizer": None}))
        return load_recipe(path).subsets["a"].judge

    assert [judged(level="LX"), judged(level="LX", judge=True), judged(level="L2"), judged()] == [
        False,
        True,
        True,
        True,
    ]
