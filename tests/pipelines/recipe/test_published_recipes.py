"""samples/recipes: each loads, runs on the sample's archives and does what ``matching: published`` says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tesuki.pipelines.corpus.plan import plan_run
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.loading import load_recipe

ROOT = Path(__file__).resolve().parents[3]
RECIPES = sorted((ROOT / "samples" / "recipes").glob("*.yaml"))
PROSE = ["川の水は山から来て谷を下り、町を抜けて海へ出る。", "子どもたちは夏になると浅瀬で魚を追いかけた。"]


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_each_runs_on_the_sample_and_its_sheet_closes(
    recipe: Path, sample_folder: Path, build: Any, tmp_path: Path
) -> None:
    if "fineweb2" in recipe.stem:
        pytest.importorskip("fugashi", reason="the morphological analyser is not installed")
    made = build(sample_folder / "recipes" / recipe.name, tmp_path / "out")
    station = {row["station"]: row for row in made.manifest["balance"]["stations"]}
    kept = station["measure"]["passed"]
    assert station["measure"]["arrived"] > kept
    assert (kept > 0) == (recipe.stem != "llm-jp-v1"), "its rule on compression keeps no page as short as the sample's"


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_each_says_what_to_compare_with_and_stands_in_the_docs(recipe: Path) -> None:
    text = recipe.read_text(encoding="utf-8")
    assert load_recipe(recipe).matching == "published"
    assert re.search(r"^# Compare with .*[0-9]", text, re.MULTILINE) or "no share" in text
    page = (ROOT / "docs" / "quality-rules.md").read_text(encoding="utf-8")
    assert f"(../samples/recipes/{recipe.name})" in page


def _write(folder: Path, documents: list[dict[str, str]], **fields: Any) -> Path:
    folder.mkdir(exist_ok=True)
    lines = (json.dumps(document, ensure_ascii=False) for document in documents)
    (folder / "documents.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    recipe = {
        "name": "small",
        "subsets": {"texts": {"inputs": "*.jsonl", "format": "jsonl", "judge": False}},
        "rules": "swallow-code",
        "mend": "none",
        "tokenizer": None,
    }
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe | fields, allow_unicode=True), encoding="utf-8")
    return path


def _kept(rows_of: Callable[..., Any], output: Path) -> list[str]:
    return sorted(row["url"] for row in rows_of(output, "documents"))


@pytest.mark.parametrize(
    ("matching", "kept"),
    [("guarded", []), ("published", ["https://a.example/"])],
)
def test_published_order_refuses_hosts_before_duplicates(
    tmp_path: Path, build: Any, rows_of: Any, matching: str, kept: list[str]
) -> None:
    """A page of a refused host is newer than its copy elsewhere: it must not take that with it."""
    text = "\n".join(PROSE)
    documents = [
        {"url": "https://a.example/", "text": text, "date": "2020-01-01"},
        {"url": "https://bad.example/", "text": text, "date": "2026-01-01"},
    ]
    recipe = _write(tmp_path / "in", documents, matching=matching, hosts={"deny": ["bad.example"]})
    build(recipe, tmp_path / "out")
    assert _kept(rows_of, tmp_path / "out") == kept


def test_a_page_below_another_top_level_takes_no_copy_with_it(tmp_path: Path, build: Any, rows_of: Any) -> None:
    """The newer of two pages of one text leaves for its top level, whatever it would have won."""
    text = "\n".join(PROSE)
    documents = [
        {"url": "https://a.example/", "text": text, "date": "2026-01-01"},
        {"url": "https://a.jp/", "text": text, "date": "2020-01-01"},
    ]
    recipe = _write(tmp_path / "in", documents, matching="published", hosts={"top_levels": ["jp"]})
    build(recipe, tmp_path / "out")
    assert _kept(rows_of, tmp_path / "out") == ["https://a.jp/"]
    (gone,) = rows_of(tmp_path / "out", "ledger")
    assert (gone["url"], gone["rule"]) == ("https://a.example/", "host.top-level")


def test_what_hosts_add_up_to_needs_duplicates_first(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "dating.txt").write_text("出会い\n", encoding="utf-8")
    documents = [{"url": "https://a.example/", "text": PROSE[0]}]
    for matching, order in (
        ("published", "quality-first"),
        ("published", "quality-last"),
        ("guarded", "quality-first"),
    ):
        rules = {"preset": "swallow-code", "order": order}
        hosts = {"statistics": {"words": {"file": "dating.txt"}}}
        recipe = _write(tmp_path / "in", documents, matching=matching, rules=rules, hosts=hosts)
        if (matching, order) == ("published", "quality-first"):
            with pytest.raises(RequestError, match="refused before duplicates are found"):
                check_request(recipe, tmp_path / "out", [], [])
        else:
            check_request(recipe, tmp_path / "out", [], [])


def test_another_list_of_hosts_is_another_comparison(tmp_path: Path) -> None:
    """Where hosts are refused first, what is compared depends on them; else a list costs no comparison."""
    documents = [{"url": "https://a.example/", "text": PROSE[0]}]
    orders = (("guarded", "quality-first"), ("published", "quality-last"), ("published", "quality-first"))
    found = {}
    for matching, order in orders:
        rules = {"preset": "swallow-code", "order": order}
        names = set()
        for hosts in ({}, {"deny": ["bad.example"]}, {"top_levels": ["example"]}):
            recipe = _write(tmp_path / "in", documents, matching=matching, rules=rules, hosts=hosts)
            request = check_request(recipe, tmp_path / "out", [], [])
            names.add(plan_run(request.recipe, request.inputs, request.lists).drops)
        found[matching, order] = len(names)
    assert found == {orders[0]: 1, orders[1]: 1, orders[2]: 3}


@pytest.mark.parametrize(
    ("matching", "kept"),
    [
        ("guarded", ["https://notwikipedia.org/", "https://sub.5ch.net/"]),
        ("published", ["https://www.bad.example/"]),
    ],
)
def test_hosts_match_as_the_program_matches_them(
    tmp_path: Path, build: Any, rows_of: Any, matching: str, kept: list[str]
) -> None:
    ut1 = tmp_path / "ut1"
    for category, names in (
        ("dating", "bad.example\n"),
        ("mixed_adult", "mixed.example\n"),
        ("blog", "blog.example\n"),
    ):
        (ut1 / category).mkdir(parents=True)
        (ut1 / category / "domains").write_text(names, encoding="utf-8")
    (ut1 / "global_usage").write_text("NAME: dating\nDEFAULT_TYPE: black\nNAME: blog\nDEFAULT_TYPE: white\n", "utf-8")
    urls = ("https://www.bad.example/", "https://bad.example/", "https://notwikipedia.org/", "https://sub.5ch.net/")
    unlike = ["".join(chr(0x4E00 + 97 * page + 3 * place) for place in range(60)) for page in range(len(urls))]
    documents = [{"url": url, "text": text} for url, text in zip(urls, unlike, strict=True)]
    hosts = {"ut1": [{"folder": "../ut1", "categories": ["swallow-code"]}]}
    build(_write(tmp_path / "in", documents, matching=matching, hosts=hosts), tmp_path / "out")
    assert _kept(rows_of, tmp_path / "out") == kept


def test_hosts_below_other_top_levels_leave(tmp_path: Path, build: Any, rows_of: Any) -> None:
    documents = [
        {"url": "https://a.jp/", "text": PROSE[0]},
        {"url": "https://a.example/", "text": PROSE[1]},
        {"url": "urn:x", "text": PROSE[0] + PROSE[1]},
    ]
    build(_write(tmp_path / "in", documents, hosts={"top_levels": ["jp"]}), tmp_path / "out")
    assert _kept(rows_of, tmp_path / "out") == ["https://a.jp/"]
    assert {row["rule"] for row in rows_of(tmp_path / "out", "ledger")} == {"host.top-level"}


@pytest.mark.parametrize(
    ("matching", "counted"),
    [("guarded", 0), ("published", 8)],
)
def test_words_are_found_as_the_program_finds_them(
    tmp_path: Path, build: Any, rows_of: Any, matching: str, counted: int
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ng.txt").write_text("アス\n児童\n", encoding="utf-8")
    documents = [{"url": "https://a.example/", "text": "アスパラガスを児童が食べ、アスパラガスを児童が植えた。"}]
    rules = {"preset": "swallow-code", "ng_words": {"file": "ng.txt"}}
    build(_write(tmp_path / "in", documents, matching=matching, rules=rules), tmp_path / "out")
    (document,) = rows_of(tmp_path / "out", "documents")
    assert {each["name"]: each["value"] for each in document["measures"]}["num_ng_letters"] == counted


def test_what_no_program_has_is_refused(tmp_path: Path, build: Any) -> None:
    documents = [{"url": "https://a.example/", "text": PROSE[0]}]
    with pytest.raises(RequestError, match=r"published needs rules\.preset"):
        build(_write(tmp_path / "in", documents, matching="published", rules="tesuki"), tmp_path / "out")
    (tmp_path / "in" / "ng.txt").write_text("アス\n", encoding="utf-8")
    rules = {"preset": "swallow-code", "ng_words": {"file": "ng.txt", "variants": True}}
    with pytest.raises(RequestError, match="neither variants nor exceptions"):
        build(_write(tmp_path / "in", documents, matching="published", rules=rules), tmp_path / "out")
