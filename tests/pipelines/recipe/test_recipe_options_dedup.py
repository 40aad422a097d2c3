"""Every field of a recipe's ``deduplication``, through whole small corpora of JSON Lines."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from tesuki.dedup.comparison_form import comparison_form
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.errors import RequestError

Rows = Callable[[Path, str], list[dict[str, Any]]]
KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
MINHASH = {"b": 4, "r": 12, "n": 5}
OTHER = "。これは別の版です"


def prose(seed: object, sentences: int = 12) -> str:
    """Sentences that share no 5-gram to speak of with those of another seed."""
    draw = random.Random(str(seed))
    return "\n".join("".join(draw.choices(KANA, k=40)) + "。" for _ in range(sentences))


def document(name: str, text: str, year: int) -> dict[str, str]:
    return {"text": text, "url": f"https://{name}.example/", "date": f"{year}-05-01T00:00:00Z"}


def recipe_in(folder: Path, documents: Sequence[Mapping[str, str]], **deduplication: Any) -> Path:
    """A recipe over ``documents`` beside it."""
    folder.mkdir(parents=True)
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in documents)
    (folder / "documents.jsonl").write_text(lines, encoding="utf-8")
    recipe = {
        "name": folder.name,
        "subsets": {"texts": {"inputs": "documents.jsonl", "format": "jsonl", "judge": False}},
        "rules": "none",
        "mend": "none",
        "deduplication": MINHASH | deduplication,
        "tokenizer": None,
    }
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe, allow_unicode=True), encoding="utf-8")
    return path


def urls(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted(row["url"].removeprefix("https://").removesuffix(".example/") for row in rows)


def jaccard(one: str, other: str) -> float:
    a, b = ({form[i : i + 5] for i in range(len(form) - 4)} for form in map(comparison_form, (one, other)))
    return len(a & b) / len(a | b)


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory, build: Any) -> Path:
    """A folder with the corpora of two former years, ``2024/out`` and ``2025/out``, each with its band index."""
    folder = tmp_path_factory.mktemp("former")
    for year in (2024, 2025):
        documents = [document(f"{name}-{year}", prose(f"{name} {year}"), year) for name in ("same", "near", "alone")]
        documents.append(document(f"copy-{year}", prose(f"same {year}"), year - 1))
        build(recipe_in(folder / str(year), documents, write_index=True), folder / f"out-{year}")
    return folder


def new_documents() -> list[dict[str, str]]:
    return [
        document("same-as-2024", prose("same 2024"), 2026),
        document("near-2025-again", prose("near 2025") + OTHER, 2026),
        document("nothing-like-it", prose("2026"), 2026),
    ]


def new_crawl(former: Path, folder: Path, **deduplication: Any) -> Path:
    indexes = [str(former / f"out-{year}" / "band-index") for year in (2024, 2025)]
    return recipe_in(folder, new_documents(), earlier=indexes, **deduplication)


def test_an_index_holds_what_the_corpus_keeps(former: Path, rows_of: Rows) -> None:
    out = former / "out-2024"
    kept = rows_of(out, "documents")
    assert urls(kept) == ["alone-2024", "near-2024", "same-2024"]
    indexed = [pq.read_table(path) for path in (out / "band-index" / "documents").glob("*.parquet")]
    assert sorted(i for table in indexed for i in table["id"].to_pylist()) == sorted(row["id"] for row in kept)
    size = sum(path.stat().st_size for path in (out / "band-index" / "documents").rglob("*"))
    assert all(row["text"] not in str(table.to_pylist()) for row in kept for table in indexed)
    assert size < 3 * 4_000


def test_a_new_crawl_gives_way_to_two_former_ones(former: Path, tmp_path: Path, build: Any, rows_of: Rows) -> None:
    made = build(new_crawl(former, tmp_path / "2026"), tmp_path / "out")
    assert urls(rows_of(tmp_path / "out", "documents")) == ["nothing-like-it"]
    kept = {row["url"]: row["id"] for year in (2024, 2025) for row in rows_of(former / f"out-{year}", "documents")}
    found = {row["url"]: row for row in rows_of(tmp_path / "out", "ledger")}
    exact, near = found["https://same-as-2024.example/"], found["https://near-2025-again.example/"]
    assert (exact["rule"], exact["value"]) == ("duplicate.exact", 1)
    assert exact["duplicate_of"] == kept["https://same-2024.example/"]
    assert (near["rule"], near["duplicate_of"]) == ("duplicate.near", kept["https://near-2025.example/"])
    assert near["detail"].startswith("band ")
    assert near["value"] == pytest.approx(jaccard(prose("near 2025"), prose("near 2025") + OTHER), abs=0.25)
    assert not (tmp_path / "out" / "removals").exists()
    records = [record for record in made.manifest["lists"] if record["list"] == "band index"]
    assert [record["name"] for record in records] == ["out-2024", "out-2025"]
    assert all(len(record["sha256"]) == 64 for record in records)


def test_a_new_crawl_pushes_out_the_former_ones(former: Path, tmp_path: Path, build: Any, rows_of: Rows) -> None:
    build(new_crawl(former, tmp_path / "2026", earlier_stay=False), tmp_path / "out")
    new = {row["url"]: row["id"] for row in rows_of(tmp_path / "out", "documents")}
    assert len(new) == 3
    for year, old_url, new_url in (
        (2024, "https://same-2024.example/", "https://same-as-2024.example/"),
        (2025, "https://near-2025.example/", "https://near-2025-again.example/"),
    ):
        kept = {row["url"]: row["id"] for row in rows_of(former / f"out-{year}", "documents")}
        removals = rows_of(tmp_path / "out" / "removals", f"out-{year}")
        assert [(row["id"], row["duplicate_of"]) for row in removals] == [(kept[old_url], new[new_url])]


@pytest.mark.slow
def test_the_order_of_former_crawls_changes_nothing(former: Path, tmp_path: Path, build: Any, rows_of: Rows) -> None:
    found = []
    for name, years in (("a", (2024, 2025)), ("b", (2025, 2024))):
        indexes = [str(former / f"out-{year}" / "band-index") for year in years]
        build(recipe_in(tmp_path / name / "new", new_documents(), earlier=indexes), tmp_path / name / "out")
        found.append([rows_of(tmp_path / name / "out", folder) for folder in ("documents", "ledger")])
    assert found[0] == found[1]


def test_an_index_that_does_not_fit_is_refused_before_any_work(former: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"deduplication\.earlier: .*index\.json: parameters: found .*'b': 4"):
        check_request(new_crawl(former, tmp_path / "b", b=5), tmp_path / "out", (), ())
    with pytest.raises(RequestError, match=r"deduplication\.earlier: .*index\.json: keep: found 'newest'"):
        check_request(new_crawl(former, tmp_path / "keep", keep="longest"), tmp_path / "out", (), ())
    with pytest.raises(RequestError, match=r"deduplication\.earlier: .*found no index\.json.*write_index"):
        check_request(recipe_in(tmp_path / "none", [], earlier=["nowhere"]), tmp_path / "out", (), ())
    broken = tmp_path / "broken" / "band-index"
    broken.mkdir(parents=True)
    (broken / "index.json").write_text("{")
    with pytest.raises(RequestError, match=r"deduplication\.earlier: .*index\.json: not the JSON of a band index"):
        check_request(recipe_in(tmp_path / "cut", [], earlier=[str(broken)]), tmp_path / "out", (), ())
    assert not (tmp_path / "out").exists()


def test_two_indexes_of_one_name_are_refused(former: Path, tmp_path: Path) -> None:
    index = str(former / "out-2024" / "band-index")
    with pytest.raises(RequestError, match=r"deduplication\.earlier: .* are both called out-2024; rename"):
        check_request(recipe_in(tmp_path / "new", [], earlier=[index, index]), tmp_path / "out", (), ())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"keep": "measure:beauty"},
            r"deduplication\.keep: found 'measure:beauty', but the rules take no such measure",
        ),
        ({"keep": "measure:"}, r"deduplication\.keep: keep order: found 'measure:', expected one of newest"),
        ({"seed": 2**32}, r"deduplication: dedup parameter seed: found 4294967296, expected 0 to"),
    ],
)
def test_what_cannot_be_compared_by_is_refused(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        check_request(recipe_in(tmp_path / "new", [], **wrong), tmp_path / "out", (), ())


def test_candidates_below_the_similarity_stay(tmp_path: Path, build: Any, rows_of: Rows) -> None:
    """b = 1 makes a bucket of every shared value: candidates galore, which only the estimate can tell apart."""
    text = prose("a", 20)
    half = "\n".join((text[: len(text) // 2], prose("b", 10)))
    documents = [document("first", text, 2026), document("half", half, 2025), document("close", text + OTHER, 2024)]
    assert jaccard(text, half) < 0.5 < 0.9 < jaccard(text, text + OTHER)
    found = {}
    for name, similarity in (("any", None), ("close", 0.7)):
        recipe = recipe_in(tmp_path / name, documents, b=1, r=200, verify_similarity=similarity)
        build(recipe, tmp_path / name / "out")
        found[name] = urls(rows_of(tmp_path / name / "out", "documents"))
    assert found == {"any": ["first"], "close": ["first", "half"]}


@pytest.mark.parametrize(
    ("keep", "rules", "expected"),
    [
        ("newest", "none", "2026"),
        ("oldest", "none", "2024"),
        ("longest", "none", "2025"),
        ("measure:hiragana_share", "tesuki", "2026"),
    ],
)
def test_who_stays(tmp_path: Path, build: Any, rows_of: Rows, keep: str, rules: str, expected: str) -> None:
    text = prose("a", 20)
    documents = [
        document("2024", text + "アイウ", 2024),
        document("2025", text + "カキクケコサシス", 2025),
        document("2026", text, 2026),
    ]
    path = recipe_in(tmp_path / "keep", documents, keep=keep)
    path.write_text(path.read_text(encoding="utf-8").replace("rules: none", f"rules: {rules}"), encoding="utf-8")
    build(path, tmp_path / "out")
    (kept,) = rows_of(tmp_path / "out", "documents")
    assert urls([kept]) == [expected]
    assert kept["cluster"]["size"] == 3
    assert urls(kept["cluster"]["members"]) == sorted({"2024", "2025", "2026"} - {expected})
    assert {member["level"] for member in kept["cluster"]["members"]} == {kept["level"]}


@pytest.mark.slow
def test_a_corpus_deduplicated_again_loses_nothing(tmp_path: Path, build: Any, rows_of: Rows) -> None:
    texts = [prose(seed) for seed in range(6)]
    documents = [document(f"d{i}", texts[i % 6] + OTHER * (i // 6), 2020 + i) for i in range(18)]
    build(recipe_in(tmp_path / "once", documents), tmp_path / "once" / "out")
    kept = [
        {"text": row["text"], "url": row["url"], "date": row["date"]}
        for row in rows_of(tmp_path / "once" / "out", "documents")
    ]
    assert len(kept) < 18
    build(recipe_in(tmp_path / "twice", kept), tmp_path / "twice" / "out")
    assert urls(rows_of(tmp_path / "twice" / "out", "documents")) == urls(kept)
    assert rows_of(tmp_path / "twice" / "out", "ledger") == []


def test_texts_that_are_odd(tmp_path: Path, build: Any, rows_of: Rows) -> None:
    """Shorter than an n-gram, all punctuation, lone surrogates, kanji beyond the basic plane: no text takes another's
    place unless it is the same."""
    texts = ["あ", "あい", "い", "。。。", "！！！", "𠮷野家", "𠮷", "\ud842", "あ\u3099", "が", "あ"]
    documents = [document(f"d{i:02d}", text, 2020 + i) for i, text in enumerate(texts)]
    folder = tmp_path / "odd"
    recipe = recipe_in(folder, [])
    (folder / "documents.jsonl").write_text("".join(json.dumps(line) + "\n" for line in documents))
    build(recipe, tmp_path / "out")
    assert urls(rows_of(tmp_path / "out", "documents")) == [f"d{i:02d}" for i in range(1, 11)]
    (gone,) = rows_of(tmp_path / "out", "ledger")
    assert (urls([gone]), gone["rule"]) == (["d00"], "duplicate.exact")


def test_the_command_deduplicates_against_a_former_corpus(
    former: Path, tmp_path: Path, tesuki: Any, rows_of: Rows
) -> None:
    recipe_in(tmp_path / "new", new_documents())
    numbers = [word for name, value in MINHASH.items() for word in (f"--{name}", value)]
    common = [
        "dedup",
        "--input",
        tmp_path / "new" / "*.jsonl",
        "--earlier",
        former / "out-2024" / "band-index",
        *numbers,
    ]
    stay = tesuki(*common, "--output", tmp_path / "stay")
    compete = tesuki(*common, "--output", tmp_path / "compete", "--earlier-compete")
    assert (stay.returncode, compete.returncode) == (0, 0), stay.stderr + compete.stderr
    assert urls(rows_of(tmp_path / "stay", "ledger")) == ["same-as-2024"]
    assert rows_of(tmp_path / "compete", "ledger") == []
    assert len(rows_of(tmp_path / "compete" / "removals", "out-2024")) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--keep", "best"], "--keep: found 'best': expected newest, oldest, longest or measure:NAME"),
        (["--keep", "measure:x"], "deduplication.keep: found 'measure:x', but the rules take no such measure"),
        (["--preset", "foo"], "--preset: found 'foo': Input should be 'swallow-paper', 'doubri' or 'llm-jp-v4'"),
        (["--verify-similarity", "3"], "--verify-similarity: found 3.0: Input should be less than or equal to 1"),
        (["--earlier", "nowhere"], "deduplication.earlier: nowhere: found no index.json"),
    ],
)
def test_the_command_says_which_option_is_wrong(tmp_path: Path, tesuki: Any, words: list[str], message: str) -> None:
    recipe_in(tmp_path / "new", new_documents())
    run = tesuki("dedup", "--input", tmp_path / "new" / "*.jsonl", "--output", tmp_path / "out", *words)
    assert (run.returncode, run.stdout) == (2, "")
    assert message in run.stderr
    assert not (tmp_path / "out").exists()


def test_explain_prints_the_curve(tesuki: Any) -> None:
    """1 - (1 - .8^20)^20 = .2070, by hand: .8^20 = .011529; .988471^20 = .7930."""
    run = tesuki("dedup", "--explain", "--preset", "swallow-paper")
    assert run.returncode == 0
    assert "20 buckets (r) of 20 hash values (b): 400 values a document" in run.stdout
    assert "0.80  20.70%" in run.stdout
