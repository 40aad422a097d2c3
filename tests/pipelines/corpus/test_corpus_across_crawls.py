"""Corpora one after another: test sets stay out of training and levels are not forgotten, whichever came first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from tesuki.pipelines.commands.index import merge_indexes
from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.corpus.build import build_corpus
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.corpus.start_from import copy_corpus
from tesuki.pipelines.errors import RequestError

TEXT = "山の上の小さな町で、紙を漉く職人が朝の水に手を入れ、簀を静かに揺らしていました。" * 3


class Crawl:
    """Builds corpora of one subset each in folders of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str, year: int, level: str, **deduplication: Any) -> Path:
        """A corpus called ``name`` with two documents of ``year``, of which each crawl has the first."""
        folder = self._folder / f"{name}-inputs"
        folder.mkdir()
        rows = [
            {"text": TEXT, "url": f"https://{name}.example/same", "date": f"{year}-01-01T00:00:00Z"},
            {"text": f"{name}だけの話。" + name * 40, "url": f"https://{name}.example/own"},
        ]
        (folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        recipe: Mapping[str, Any] = {
            "name": name,
            "subsets": {"web": {"inputs": "in.jsonl", "format": "jsonl", "level": level}},
            "rules": "none",
            "tokenizer": None,
            "deduplication": {"preset": "swallow-paper", "write_index": True, **deduplication},
        }
        (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
        output = self._folder / name
        build_corpus(check_request(folder / "recipe.yaml", output, (), ()), lambda _: None)
        return output

    def index(self, name: str) -> list[str]:
        return [str(self._folder / name / "band-index")]


def levels(corpus: Path) -> dict[str, str]:
    """URL to level of all documents."""
    rows = [row for path in corpus.glob("documents/*/*/*.parquet") for row in pq.read_table(path).to_pylist()]
    return {row["url"]: row["level"] for row in rows}


def removed(corpus: Path) -> list[tuple[str, str]]:
    rows = [row for path in corpus.glob("removals/*/*.parquet") for row in pq.read_table(path).to_pylist()]
    return [(row["url"], row["level"]) for row in rows]


@pytest.fixture
def crawl(tmp_path: Path) -> Crawl:
    return Crawl(tmp_path)


def test_a_test_set_stays_out_of_training_whichever_corpus_came_first(crawl: Crawl) -> None:
    crawl("former", 2024, "L2")
    exam = crawl("exam", 2023, "LX", earlier=crawl.index("former"))
    assert levels(exam)["https://exam.example/same"] == "LX"
    assert removed(exam) == [("https://former.example/same", "L2")]
    later = crawl("later", 2025, "L2", earlier=crawl.index("exam"), earlier_stay=False)
    assert set(levels(later)) == {"https://later.example/own"}
    assert removed(later) == []


@pytest.mark.slow
def test_the_level_of_a_former_twin_counts(crawl: Crawl) -> None:
    crawl("former", 2024, "L3")
    later = crawl("later", 2025, "L2", earlier=crawl.index("former"), earlier_stay=False)
    assert levels(later) == {"https://later.example/same": "L3", "https://later.example/own": "L2"}
    assert removed(later) == [("https://former.example/same", "L3")]


@pytest.mark.slow
def test_months_give_up_what_later_ones_displaced(tmp_path: Path, article: Any, build: Any) -> None:
    """With ``keep: newest``, over three crawls of which each has the pages of the one before again."""

    def built(name: str, months: Sequence[int], **deduplication: Any) -> Path:
        recipe = {
            "name": "monthly",
            "subsets": {"web": {"inputs": [f"{month}.jsonl" for month in months], "format": "jsonl"}},
            "rules": "none",
            "tokenizer": None,
            "deduplication": {"preset": "swallow-paper", "write_index": True, "earlier_stay": False, **deduplication},
        }
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(recipe))
        return Path(build(tmp_path / f"{name}.yaml", tmp_path / name).output)

    def captures(*corpora: Path) -> list[tuple[str, str]]:
        tables = [path for corpus in corpora for path in sorted(corpus.glob("documents/*/*/*.parquet"))]
        return sorted((row["url"], row["date"]) for path in tables for row in pq.read_table(path).to_pylist())

    for month in (1, 2, 3):
        rows = [
            {
                "text": "\n".join(article(seed)),
                "url": f"https://h{seed}.example.jp/",
                "date": f"2026-0{month}-01T00:00:00Z",
            }
            for seed in ("gone", *range(2 * month))
            if seed != "gone" or month == 1
        ]
        (tmp_path / f"{month}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    first = built("month-1", [1])
    second = built("month-2", [2], earlier=["month-1/band-index"])
    list(merge_indexes([first / "band-index", second / "band-index"], tmp_path / "all-2", second / "removals"))
    third = built("month-3", [3], earlier=["all-2"])
    assert len(removed(second)) == 2
    assert len(removed(third)) == 4
    before = captures(first, second, third)
    for name, months, later in (("month-1", [1], ("month-2", "month-3")), ("month-2", [2], ("month-3",))):
        copy_corpus(tmp_path / name, tmp_path / f"{name}-now")
        extra = {} if name == "month-1" else {"earlier": ["month-1/band-index"]}
        # By one process twice at one place: with one list, which says nothing of month 1, and with all.
        for some in (later[-1:], later):
            built(f"{name}-now", months, removals=[f"{each}/removals" for each in some], **extra)
        list(verify_corpus(tmp_path / f"{name}-now", parts=True))
    now = captures(tmp_path / "month-1-now", tmp_path / "month-2-now", third)
    assert now == captures(built("at-once", [1, 2, 3]))
    assert len(now) == 7 < len(before) == 13
    ledger = [row for path in (tmp_path / "month-1-now/ledger").glob("*") for row in pq.read_table(path).to_pylist()]
    newest = {row["id"] for path in second.glob("documents/*/*/*") for row in pq.read_table(path).to_pylist()}
    assert [(row["fate"], row["rule"], row["duplicate_of"] in newest) for row in ledger] == [
        ("duplicate", "duplicate.later", True)
    ] * 2


def test_what_is_no_list_of_removals_is_refused(tmp_path: Path, build: Any) -> None:
    (tmp_path / "in.jsonl").write_text("{}")
    recipe = {"name": "a", "subsets": {"web": {"inputs": "in.jsonl", "format": "jsonl"}}, "tokenizer": None}
    deduplication = {"preset": "swallow-paper", "removals": ["none"]}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump({**recipe, "deduplication": deduplication}))
    with pytest.raises(RequestError, match=r"deduplication.removals: .*none has no lists"):
        check_request(tmp_path / "recipe.yaml", tmp_path / "out", (), ())


@pytest.mark.slow
def test_month_by_month_is_what_all_months_at_once_are(
    tmp_path: Path, archive_of: Any, web_page: Any, tesuki: Any
) -> None:
    """The command sequence of docs/crawl.md, over three crawls of which each has the pages of the one before again."""

    def ran(*words: object) -> None:
        done = tesuki(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr

    def build(name: str, inputs: str, *earlier: str) -> set[tuple[str, str]]:
        deduplication = {"preset": "swallow-paper", "keep": "oldest", "write_index": True, "earlier": list(earlier)}
        recipe = {"name": "monthly", "subsets": {"web": {"inputs": inputs}}, "rules": "none", "tokenizer": None}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump({**recipe, "deduplication": deduplication}))
        ran("corpus", f"{name}.yaml", "--output", name, "--quiet")
        tables = (tmp_path / name).glob("documents/*/*/*.parquet")
        return {(row["url"], row["date"]) for path in tables for row in pq.read_table(path).to_pylist()}

    for month in (1, 2, 3):
        pages = [
            web_page(f"https://h{seed % 7}.example.jp/{seed}", seed, date=f"2026-0{month}-02T03:04:05Z")
            for seed in range(20 + 10 * month)
        ]
        (tmp_path / f"2026-0{month}").mkdir()
        archive_of(tmp_path / f"2026-0{month}" / f"{month}.warc.gz", pages)
    first = build("month-1", "2026-01/*.warc.gz")
    second = build("month-2", "2026-02/*.warc.gz", "month-1/band-index")
    ran("index", "merge", "month-1/band-index", "month-2/band-index", "--to", "all-2")
    third = build("month-3", "2026-03/*.warc.gz", "all-2")
    assert [len(first), len(second), len(third)] == [30, 10, 10]
    assert first | second | third == build("at-once", "2026-*/*.warc.gz")
