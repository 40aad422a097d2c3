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

from tesuki.pipelines.corpus.build import build_corpus
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.loading import load_recipe

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


@pytest.mark.slow
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


@pytest.mark.parametrize("keep", ["newest", "oldest", "longest", "measure:num_letters"])
def test_a_test_set_stays_whatever_the_order_says(keep: str, tmp_path: Path, rows_of: Rows) -> None:
    question = prose("question", 6)
    copies = [
        {"text": question + "おわり。", "url": f"https://copy.example.jp/{number}", "date": date}
        for number, date in enumerate(("", "1990-01-01", "2030-01-01"))
    ]
    recipe = {
        "rules": "swallow-code",
        "deduplication": {"preset": "swallow-paper", "keep": keep},
        "subsets": {"web": {"judge": False}, "jmmlu": {"level": "LX"}},
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


def test_files_of_hosts_bind_their_pages_and_copies_of_them(tmp_path: Path, rows_of: Rows) -> None:
    for host, content in (("h1.example.jp", "User-agent: GPTBot\nDisallow: /\n"), ("elsewhere.jp", "")):
        (tmp_path / "hosts" / host).mkdir(parents=True)
        (tmp_path / "hosts" / host / "robots.txt").write_text(content, encoding="utf-8")
    documents = web(12)
    # A newer copy, on a host that says nothing, of a page whose host bars AI crawlers.
    copy = {"text": documents[6]["text"], "url": "https://free.example.jp/copy", "date": "2026-09-01"}
    recipe = {"tokenizer": TRAINED, "policy": {"host_files": str(tmp_path / "hos*")}}
    output = corpus_of(tmp_path / "absolute", {"web": [*documents, copy]}, recipe)

    levels = levels_of(output, rows_of)
    barred = {"https://h1.example.jp/1", "https://h1.example.jp/11", "https://free.example.jp/copy"}
    assert {url for url, level in levels.items() if level == "LX"} == barred
    assert set(levels.values()) == {"L2", "LX"}
    ids = {("web", row["id"]) for row in rows_of(output, "documents") if row["level"] == "LX"}
    assert not ids & set(ids_in(output, "train"))
    assert not list(output.rglob("*.sqlite*"))


def test_a_subset_has_a_default_a_level_and_lists_above_both(tmp_path: Path, rows_of: Rows) -> None:
    free = {"text": prose("default"), "url": "https://wiki.example.jp/1"}
    noted = {"text": prose("noted") + "無断転載を禁じます。", "url": "https://wiki.example.jp/2"}
    bought = {"text": prose("bought") + "無断転載を禁じます。", "url": "https://press.example.jp/1"}
    denied = {"text": prose("denied"), "url": "https://bad.example.jp/1"}
    allowed = {"text": prose("allowed"), "url": "https://open.example.jp/1"}
    (tmp_path / "deny.txt").write_text("bad.example.jp\n", encoding="utf-8")
    (tmp_path / "allow.txt").write_text("open.example.jp\n", encoding="utf-8")
    recipe = {
        "subsets": {"wiki": {"default_level": "L1"}, "bought": {"level": "L2"}, "web": {}},
        "policy": {"deny": "deny.txt", "allow": "allow.txt"},
    }
    sources = {"wiki": [free, noted], "bought": [bought, denied], "web": [allowed, *web(1)]}
    output = corpus_of(tmp_path, sources, recipe)
    assert levels_of(output, rows_of) == {
        free["url"]: "L1",
        noted["url"]: "L3",
        bought["url"]: "L2",
        allowed["url"]: "L1",
        "https://h0.example.jp/0": "L2",
    }
    (withheld,) = rows_of(output, "ledger")
    assert (withheld["fate"], withheld["rule"], withheld["url"]) == ("withheld", "level.list.deny", None)


def test_nothing_of_a_withheld_line_is_kept(
    tmp_path: Path, rows_of: Rows, words_in: Callable[[Path], dict[str, str]]
) -> None:
    kept, gone = (
        web(4),
        [
            {
                "text": prose(f"gone {number}"),
                "url": f"https://gone.example.jp/{number}",
                "title": f"消える題名{number}号",
            }
            for number in range(3)
        ],
    )
    copy = {"text": gone[0]["text"], "url": "https://copy.example.jp/", "date": "2026-09-01", "title": "写しの題名"}
    (tmp_path / "gone.txt").write_text("gone.example.jp\n", encoding="utf-8")
    documents = [kept[0], gone[0], kept[1], gone[1], copy, gone[2], *kept[2:]]
    recipe = {
        "deduplication": {"preset": "swallow-paper", "write_index": True},
        "tokenizer": TRAINED,
        "policy": {"take_down": "gone.txt"},
    }
    output = corpus_of(tmp_path, {"web": documents}, recipe)
    assert Counter(row["fate"] for row in rows_of(output, "ledger")) == {"withheld": 4}
    secrets = [part for each in (*gone, copy) for part in (each["text"][40:60], each["title"], each["url"])]
    said = words_in(output)
    assert [(path, secret) for path, content in said.items() for secret in secrets if secret in content] == []
    assert any(kept[0]["text"][40:60] in content for content in said.values())


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"policy": {"host_files": "no/such*"}}, r"policy\.host_files: 'no/such\*' names nothing"),
        ({"policy": "no-such.yaml"}, r"policy\.file: 'no-such\.yaml' cannot be read"),
        ({"policy": {"deny": "no-such.txt"}}, r"no-such\.txt: cannot be read"),
        ({"subsets": {"web": {"level": "L4"}}}, r"subsets\.web\.level: found 'L4', expected 'L1'"),
        ({"subsets": {"web": {"default_level": 2}}}, r"subsets\.web\.default_level: found '2', expected 'L1'"),
        ({"subsets": {"web": {"columns": {"body": "text"}}}}, r"subsets\.web\.columns\.body"),
        ({"subsets": {"web": {"repeats": "-1"}}}, r"subsets\.web\.repeats: found '-1', expected a ratio that is not"),
        ({"splits": {"valid": "1/2", "test": 0.5}}, r"splits: .*expected valid \+ test below 1"),
        ({"shards": {"tokens": 0}}, r"shards\.tokens: found '0'"),
    ],
)
def test_mistakes_are_named(fields: Mapping[str, Any], complaint: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=complaint):
        corpus_of(tmp_path, {"web": web(1)}, fields)
