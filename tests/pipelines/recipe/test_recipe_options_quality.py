"""Every field of a recipe's ``rules``, ``hosts`` and ``mend``, through whole small corpora of JSON Lines."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from tesuki.filters.edits import Edit
from tesuki.filters.personal_data import cover_personal_data
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.mending.step import unmended

Rows = Callable[[Path, str], list[dict[str, Any]]]
KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
KANJI = "山川海空木花鳥風月雨雪道町村家庭窓机本紙筆墨声音色光影朝昼夜春夏秋冬東西南北市港橋駅車船旅人友父母兄弟姉妹"


def prose(seed: object, sentences: int = 16) -> str:
    """Sentences of 36 characters, four a line, that every preset's rules keep."""
    draw = random.Random(str(seed))
    made = [
        "".join(draw.choice(KANJI) + "".join(draw.choices(KANA, k=4)) for _ in range(7)) + "。"
        for _ in range(sentences)
    ]
    return "\n".join("".join(made[start : start + 4]) for start in range(0, sentences, 4))


def short(seed: object) -> str:
    """A page of 20 characters, unlike any of another seed."""
    return "".join(random.Random(str(seed)).choices(KANA + KANJI, k=20))


def write_documents(path: Path, documents: Iterable[tuple[str, str]]) -> None:
    """(url, text) of each document as JSON Lines."""
    lines = (
        json.dumps({"url": url, "text": text, "date": "2026-05-01"}, ensure_ascii=False) for url, text in documents
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def recipe_in(folder: Path, documents: Iterable[tuple[str, str]], **fields: Any) -> Path:
    write_documents(folder / "documents.jsonl", documents)
    subset = {"inputs": "*.jsonl", "format": "jsonl"}
    recipe = {"name": "small", "subsets": {"texts": subset}, "mend": "none", "tokenizer": None} | fields
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe, allow_unicode=True), encoding="utf-8")
    return path


def word_list(folder: Path, file: str, *words: str, **fields: Any) -> dict[str, Any]:
    (folder / file).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
    return {"file": file, "licence": "CC0-1.0", "version": "2026-11", **fields}


def fates(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, float, float]]:
    return {row["url"]: (row["rule"], row["value"], row["threshold"]) for row in rows}


def urls_kept(rows_of: Rows, output: Path) -> list[str]:
    return sorted(row["url"] for row in rows_of(output, "documents"))


def measures_of(row: Mapping[str, Any]) -> dict[str, float]:
    return {measure["name"]: measure["value"] for measure in row["measures"]}


def test_words_reject_and_stand_in_the_manifest(tmp_path: Path, build: Any, rows_of: Rows) -> None:
    documents = [
        ("https://a.example/few", prose(1) + "悪語" * 2),
        ("https://a.example/many", prose(2) + "悪語と" * 20),
        ("https://a.example/counted", prose(3) + "広告。広告。広告。"),
        ("https://a.example/harmless", prose(4) + "広告塔。広告塔。広告塔。"),
        ("https://a.example/kana", prose(5) + "こうこく。ｺｳｺｸ。コウコク。"),
    ]
    ng = word_list(tmp_path, "ng.txt", "悪語")
    counted = word_list(tmp_path, "counted.txt", "広告", "コウコク", name="advertisement", most=2, variants=True)
    word_list(tmp_path, "harmless.txt", "広告塔")
    rules = {"ng_words": ng, "counted_words": [counted | {"exceptions": "harmless.txt"}]}
    made = build(recipe_in(tmp_path, documents, rules=rules), tmp_path / "out")
    found = fates(rows_of(tmp_path / "out", "ledger"))
    whole = len("".join((prose(2) + "悪語と" * 20).split()))
    assert found == {
        "https://a.example/many": ("quality.ng_words", 40 / whole, 0.05),
        "https://a.example/counted": ("quality.advertisement_words", 3, 2),
        "https://a.example/kana": ("quality.advertisement_words", 3, 2),
    }
    few, _ = sorted(rows_of(tmp_path / "out", "documents"), key=lambda row: str(row["url"]))
    assert measures_of(few)["ng_characters"] == 4
    assert [each for each in made.manifest["lists"] if each["list"] == "words"] == [
        {
            "list": "words",
            "name": name,
            "licence": "CC0-1.0",
            "version": "2026-11",
            "sha256": hashlib.sha256((tmp_path / file).read_bytes()).hexdigest(),
            "entries": entries,
        }
        for name, file, entries in (
            ("ng_words", "ng.txt", 1),
            ("advertisement", "counted.txt", 2),
            ("advertisement exceptions", "harmless.txt", 1),
        )
    ]


@pytest.mark.parametrize(
    "preset", [*(pytest.param(name, marks=pytest.mark.slow) for name in ("swallow-code", "swallow-paper")), "tesuki"]
)
def test_a_changed_list_is_another_corpus(tmp_path: Path, build: Any, rows_of: Rows, preset: str) -> None:
    rules = {"preset": preset, "ng_words": word_list(tmp_path, "ng.txt", "悪語")}
    recipe = recipe_in(tmp_path, [("https://a.example/", prose(1) + "別語と" * 20)], rules=rules)
    first = build(recipe, tmp_path / "out").manifest
    assert urls_kept(rows_of, tmp_path / "out") == ["https://a.example/"]
    word_list(tmp_path, "ng.txt", "別語")
    assert build(recipe, tmp_path / "out").manifest["request_digest"] != first["request_digest"]
    assert fates(rows_of(tmp_path / "out", "ledger"))["https://a.example/"][0] == "quality.ng_words"


def test_optional_rules_measure_and_reject(tmp_path: Path, build: Any, rows_of: Rows) -> None:
    pytest.importorskip("fugashi", reason="the morphological analyser is not installed")
    documents = [
        ("https://a.example/good", prose(1)),
        ("https://a.example/again", "同じ文です。" * 200),
        ("https://a.example/run", prose(2) + "ー" * 200),
        ("https://a.example/menu", prose(3) + "\n" + "\n".join(f"品目{number}" for number in range(30))),
    ]
    optional = ["compression", "lines", "character_runs", "character_repetition", "pages", "morphology"]
    rules = {"preset": "none", "measure": "verdict", "optional": optional}
    build(recipe_in(tmp_path, documents, rules=rules), tmp_path / "out")
    found = fates(rows_of(tmp_path / "out", "ledger"))
    assert {url: rule for url, (rule, _, _) in found.items()} == {
        "https://a.example/again": "quality.compresses_too_well",
        "https://a.example/run": "quality.character_run",
        "https://a.example/menu": "quality.short_lines",
    }
    (kept,) = rows_of(tmp_path / "out", "documents")
    assert set(measures_of(kept)) == {
        *("compression_ratio", "short_line_share", "ellipsis_line_share", "list_line_share", "longest_character_run"),
        *("character_repetition", "noun_share", "unknown_word_share", "sentences_without_predicate"),
        *("pages", "characters_a_page", "garbled_share", "form_unpaged"),
    }


def test_denied_hosts_and_lists_of_hosts(tmp_path: Path, build: Any, rows_of: Rows) -> None:
    for path, lines in (("dating/domains", "deai.example\n"), ("games/urls", "play.example/shop\n")):
        (tmp_path / "ut1" / path).parent.mkdir(parents=True)
        (tmp_path / "ut1" / path).write_text(lines)
    hosts = {"deny": ["spam.example"], "ut1": [{"folder": "ut1", "categories": ["dating", "games"], "version": "1"}]}
    urls = {
        "https://www.spam.example/": "spam.example",
        "https://a.deai.example:8080/x": "deai.example",
        "https://play.example/shop/1": "play.example/shop",
        "https://play.example/news": None,
        "https://notspam.example/": None,
        "mailto:someone@spam.example": None,
        "": None,
    }
    documents = [(url, prose(url)) for url in urls]
    made = build(recipe_in(tmp_path, documents, hosts=hosts), tmp_path / "out")
    found = {row["url"]: (row["rule"], row["detail"]) for row in rows_of(tmp_path / "out", "ledger")}
    assert found == {url: ("host.denied", entry) for url, entry in urls.items() if entry}
    _, record = made.manifest["lists"]
    assert (record["list"], record["name"], record["licence"]) == ("hosts", "UT1 dating, games", "CC BY-SA 4.0")
    assert (record["version"], record["entries"]) == ("1", 2)


@pytest.mark.slow
def test_host_statistics_are_of_all_parts_and_of_no_duplicates(tmp_path: Path, build: Any, rows_of: Rows) -> None:
    """One page in 1,000 is not more than 0.001, one in 999 is; a copy of a page counts for nothing."""
    hit = "出会い系の話。"
    pages = [
        ("https://thousand.example/hit", f"{hit}一"),
        *((f"https://thousand.example/{number}", short(f"1000 {number}")) for number in range(999)),
        ("https://fewer.example/hit", f"{hit}二"),
        *((f"https://fewer.example/{number}", short(f"999 {number}")) for number in range(998)),
        # Newer than its copy elsewhere by URL alone: the copy on a.example stays, and clean.example keeps no hit.
        ("https://clean.example/copy", f"{hit}三"),
        ("https://a.example/copy", f"{hit}三"),
        *((f"https://clean.example/{number}", prose(number)) for number in range(3)),
        ("https://ng.example/1", prose("x") + "悪語" * 4),
        ("https://ng.example/2", prose("y")),
        ("https://ng-less.example/1", prose("z") + "悪語" * 2),
        ("https://ng-less.example/2", prose("w")),
    ]
    rules = {"ng_words": word_list(tmp_path, "ng.txt", "悪語")}
    hosts = {"statistics": {"words": word_list(tmp_path, "dating.txt", "出会い系")}}
    subsets = {"texts": {"inputs": "*.jsonl", "format": "jsonl", "judge": False}}
    recipe = recipe_in(tmp_path, pages[::2], rules=rules, hosts=hosts, subsets=subsets)
    write_documents(tmp_path / "more.jsonl", pages[1::2])
    made = build(recipe, tmp_path / "out")
    rows = rows_of(tmp_path / "out", "ledger")
    found = {(row["detail"], row["rule"], row["value"], row["threshold"]) for row in rows if row["station"] == "hosts"}
    ng_share = 8 / (len(prose("x")) + 8 + len(prose("y")))
    assert ng_share > 0.005 > 4 / (len(prose("z")) + 4 + len(prose("w")))
    assert found == {
        ("fewer.example", "host.hit_pages", 1 / 999, 0.001),
        ("a.example", "host.hit_pages", 1.0, 0.001),
        ("ng.example", "host.ng_characters", ng_share, 0.005),
    }
    kept = [row["url"].split("/")[2] for row in rows_of(tmp_path / "out", "documents")]
    assert {host: kept.count(host) for host in sorted(set(kept))} == {
        "clean.example": 3,
        "ng-less.example": 2,
        "thousand.example": 1_000,
    }
    assert [record["name"] for record in made.manifest["lists"]] == ["ng_words", "host_list", "tesuki"]


MENU = "会社案内｜電話 03-1234-5678"


def shop_pages() -> dict[str, str]:
    pages = {f"https://shop.example/{n}": f"{MENU}\n{prose(n)}\nお問い合わせ，検索" for n in range(3)}
    pages["https://shop.example/3"] = f"{MENU}\n連絡は a@b.example。"
    return pages | {"https://other.example/": f"{MENU}\n{prose('other')}"}


@pytest.mark.parametrize("scope", ["host", "corpus"])
def test_repeated_lines_are_cut_and_every_step_can_be_undone(
    tmp_path: Path, build: Any, rows_of: Rows, scope: str
) -> None:
    pages = shop_pages()
    mend = {"repeated_lines": {"scope": scope, "documents": 3}, "mask_personal_data": True}
    build(recipe_in(tmp_path, pages.items(), rules="none", mend=mend), tmp_path / "out")
    rows = {row["url"]: row for row in rows_of(tmp_path / "out", "documents")}
    assert set(rows) == set(pages)
    for url, row in rows.items():
        repeated = scope == "corpus" or "shop" in url
        assert (MENU.split("｜")[0] not in row["text"]) == repeated
        edits = [Edit(**edit) for edit in row["edits"]]
        assert ("repeated-line" in {edit.kind for edit in edits}) == repeated
        assert unmended(row["text"], edits) == cover_personal_data(pages[url])
        assert (measures_of(row)["repeated_line_share"] > 0) == repeated
        assert "1234-5678" not in str(row)
    assert rows["https://shop.example/3"]["text"] == "連絡は [e-mail]。"
    assert rows["https://shop.example/0"]["text"] == prose(0)


@pytest.mark.slow
def test_repeated_lines_as_a_measure_and_as_a_rule(tmp_path: Path, build: Any, rows_of: Rows) -> None:
    pages = shop_pages()
    mend = {"style": "none", "repeated_lines": {"scope": "host", "documents": 3, "cut": False, "most": 0.5}}
    build(recipe_in(tmp_path, pages.items(), rules="none", mend=mend), tmp_path / "out")
    short = "https://shop.example/3"
    value = len(MENU) / (len(pages[short]) - 1)
    assert fates(rows_of(tmp_path / "out", "ledger")) == {short: ("mend.repeated-lines", value, 0.5)}
    assert {row["url"]: row["text"] for row in rows_of(tmp_path / "out", "documents")} == {
        url: text for url, text in pages.items() if url != short
    }


def test_repeated_paragraphs(tmp_path: Path, build: Any, rows_of: Rows) -> None:
    notice = "ご注意\nこの頁は見本です。"
    pages = {f"https://s.example/{n}": f"{prose(n)}\n\n{notice}\n\n終わりの{n}。" for n in range(3)}
    mend = {"style": "none", "repeated_lines": {"unit": "paragraph", "documents": 2}}
    build(recipe_in(tmp_path, pages.items(), rules="none", mend=mend), tmp_path / "out")
    for row in rows_of(tmp_path / "out", "documents"):
        assert row["text"] == pages[row["url"]].replace(f"{notice}\n\n", "")
        assert unmended(row["text"], [Edit(**edit) for edit in row["edits"]]) == pages[row["url"]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"rules": {"optional": ["beauty"]}},
            r"rules\.optional: optional rule 'beauty' is not known; choose from comp",
        ),
        ({"rules": {"ng_words": {"file": "none.txt"}}}, r"rules\.ng_words: .*none\.txt: cannot be read"),
        ({"rules": {"ng_words": {"file": "empty.txt"}}}, r"rules\.ng_words: .*empty\.txt: holds no word"),
        (
            {"rules": {"counted_words": [{"file": "a.txt", "name": "bad", "most": 1}] * 2}},
            r"rules\.counted_words: name: found 'bad', which another",
        ),
        (
            {"rules": {"ng_words": {"file": "a.txt"}, "counted_words": [{"file": "a.txt", "name": "ng", "most": 1}]}},
            r"rules\.counted_words: name: found 'ng', which another",
        ),
        ({"hosts": {"statistics": {"words": {"file": "none.txt"}}}}, r"hosts\.statistics\.words: .*cannot be read"),
        ({"hosts": {"ut1": [{"folder": "u", "categories": ["x"]}]}}, r"hosts\.ut1: .*no category 'x'"),
        ({"mend": {"repeated_lines": {"unit": "word"}}}, r"mend\.repeated_lines\.unit: found 'word', expected"),
        ({"mend": {"repeated_lines": {"documents": 0}}}, r"mend\.repeated_lines\.documents: found '0'"),
        ({"mend": "no"}, r"mend\.style: found 'no', expected 'tesuki', 'swallow-code', 'llm-jp-v1' or 'none'"),
    ],
)
def test_what_is_wrong_is_said_by_field_before_any_work(tmp_path: Path, fields: dict[str, Any], message: str) -> None:
    (tmp_path / "empty.txt").write_text("# nothing\n")
    (tmp_path / "a.txt").write_text("語\n", encoding="utf-8")
    with pytest.raises(RequestError, match=message):
        check_request(recipe_in(tmp_path, [], **fields), tmp_path / "out", (), ())
    assert not (tmp_path / "out").exists()


def table_of(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules that judged, as the manifest holds them."""
    (record,) = (each for each in manifest["lists"] if each["list"] == "rules")
    return list(record["rules"])


def test_a_bound_that_is_set_judges_and_stands_in_the_manifest(tmp_path: Path, build: Any, rows_of: Rows) -> None:
    documents = [("https://a.example/long", prose(1)), ("https://a.example/short", prose(2, sentences=4))]
    first = build(recipe_in(tmp_path, documents), tmp_path / "out").manifest
    assert urls_kept(rows_of, tmp_path / "out") == ["https://a.example/long"]
    pages = sorted((tmp_path / "out" / "parts" / "pages").glob("*.parquet"))
    recipe = recipe_in(
        tmp_path, documents, rules={"set": {"characters": 100, "whole_sentences": 100, "ellipsis_endings": None}}
    )
    second = build(recipe, tmp_path / "out").manifest
    assert urls_kept(rows_of, tmp_path / "out") == ["https://a.example/long", "https://a.example/short"]
    assert sorted((tmp_path / "out" / "parts" / "pages").glob("*.parquet")) == pages, "no page is read again"
    before, after = ({row["rule"]: row["threshold"] for row in table_of(each)} for each in (first, second))
    del before["ellipsis_endings"]
    assert after == before | {"characters": 100, "whole_sentences": 100}


def test_a_misspelt_rule_is_found_before_anything_is_written(tmp_path: Path) -> None:
    recipe = recipe_in(tmp_path, [], rules={"set": {"charactres": 200}})
    with pytest.raises(RequestError, match=r"rules\.set: no rule is called 'charactres'; did you mean 'characters'"):
        check_request(recipe, tmp_path / "out", (), ())
    recipe = recipe_in(tmp_path, [], rules={"set": {"characters": "few"}})
    with pytest.raises(RequestError, match=r"rules\.set\.characters: found 'few'"):
        check_request(recipe, tmp_path / "out", (), ())
    recipe = recipe_in(tmp_path, [], rules="teseki")
    with pytest.raises(
        RequestError, match=r"rules\.preset: found 'teseki', expected swallow-code, .* or a file of rules"
    ):
        check_request(recipe, tmp_path / "out", (), ())


@pytest.mark.slow
def test_a_table_of_ones_own_judges_and_its_content_makes_the_parts(tmp_path: Path, build: Any, rows_of: Rows) -> None:
    table = tmp_path / "mine.tsv"
    table.write_text("rule\tmeasure\tcomparison\tthreshold\ntiny\tcharacters\t<\t30\n", encoding="utf-8")
    documents = [("https://a.example/long", prose(1)), ("https://a.example/short", short(2))]
    recipe = recipe_in(tmp_path, documents, rules={"preset": "mine.tsv"})
    build(recipe, tmp_path / "out")
    assert fates(rows_of(tmp_path / "out", "ledger")) == {"https://a.example/short": ("quality.tiny", 20, 30)}
    table.write_text(table.read_text(encoding="utf-8").replace("30", "10"), encoding="utf-8")
    made = build(recipe, tmp_path / "out")
    assert urls_kept(rows_of, tmp_path / "out") == ["https://a.example/long", "https://a.example/short"]
    assert [(row["rule"], row["threshold"]) for row in table_of(made.manifest)] == [("tiny", 10)]


@pytest.mark.parametrize(
    ("rules", "there", "absent"),
    [
        ({"preset": "none"}, ("characters", "duplicate_20grams"), ("num_letters",)),
        ({"measure": "verdict"}, ("characters",), ("mean_sentence", "duplicate_20grams")),
        ({"preset": "none", "measure": "verdict"}, (), ("characters",)),
        (
            {"measure": ["swallow-code", "tesuki", "optional"]},
            ("characters", "swallow-code:num_letters", "optional:compression_ratio"),
            ("tesuki:characters", "num_letters"),
        ),
        ({"preset": "swallow-code", "measure": ["tesuki"]}, ("num_letters", "tesuki:characters"), ("characters",)),
    ],
)
def test_a_recipe_says_what_is_measured(
    tmp_path: Path, build: Any, rules: dict[str, Any], there: tuple[str, ...], absent: tuple[str, ...]
) -> None:
    build(recipe_in(tmp_path, [("https://a.example/", short(1))], rules=rules), tmp_path / "out")
    (judged,) = (tmp_path / "out" / "parts" / "judged").glob("*.parquet")
    measures = dict(pq.read_table(judged, columns=["measures"])["measures"][0].as_py())
    assert set(there) <= measures.keys()
    assert not set(absent) & measures.keys()


def test_quality_last_lets_the_newest_stand_for_all_and_then_judges_it(
    tmp_path: Path, build: Any, rows_of: Rows
) -> None:
    kept, poor = prose(1), short(2)
    documents = [
        ("https://a.example/one", kept),
        ("https://a.example/two", kept),
        ("https://a.example/poor", poor),
        ("https://a.example/poorer", poor),
    ]
    first = build(recipe_in(tmp_path / "first", documents), tmp_path / "first" / "out")
    last = build(recipe_in(tmp_path / "last", documents, rules={"order": "quality-last"}), tmp_path / "last" / "out")
    stations = [[row["station"] for row in made.manifest["balance"]["stations"]] for made in (first, last)]
    assert [each[each.index("withhold") + 1 :][:2] for each in stations] == [
        ["measure", "deduplicate"],
        ["deduplicate", "measure"],
    ]
    counts = [made.manifest["balance"]["fates"] for made in (first, last)]
    assert [(each["kept"], each["rejected"], each["duplicate"]) for each in counts] == [(1, 2, 1), (1, 1, 2)]
    assert urls_kept(rows_of, tmp_path / "first" / "out") == urls_kept(rows_of, tmp_path / "last" / "out")


@pytest.mark.slow
def test_pages_that_are_template_of_their_host_leave(tmp_path: Path, build: Any, rows_of: Rows) -> None:
    shared = [prose(f"shared{number}", 2).replace("\n", "") for number in range(10)]
    documents = [
        (
            f"https://shop.example/{number}",
            "\n".join(f"{part}{number}番の品です。" for part in shared) + prose(number, 2),
        )
        for number in range(9)
    ]
    documents += [(f"https://blog.example/{number}", prose(f"own{number}")) for number in range(9)]
    folders = {"off": {}, "on": {"templates": {}}, "loose": {"templates": {"most": 1}}}
    # Pages so alike would leave as near-duplicates of one another first.
    exact = {"b": 1000, "r": 1}
    for name, mend in folders.items():
        recipe = recipe_in(
            tmp_path / name, documents, rules="none", mend={"style": "none", **mend}, deduplication=exact
        )
        build(recipe, tmp_path / name / "out")
    left = {name: fates(rows_of(tmp_path / name / "out", "ledger")) for name in folders}
    assert left["off"] == left["loose"] == {}
    assert sorted(left["on"]) == sorted(url for url, _ in documents if "shop" in url)
    assert {(rule, bound, value > 0.25) for rule, value, bound in left["on"].values()} == {
        ("mend.templates", 0.25, True)
    }
    assert all(
        "template_share" in {each["name"] for each in row["measures"]}
        for row in rows_of(tmp_path / "on" / "out", "documents")
    )
