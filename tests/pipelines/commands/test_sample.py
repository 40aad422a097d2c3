"""`tesuki sample`: what is drawn, what a sheet may show, and what marks come to."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.commands.sample import sample_lines, score_lines
from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.reading_sheet import LEAST, allocation, scores, wilson

KANJI = "山川海空木花鳥風月雨雪道町村家庭窓机本紙筆墨声音色光影朝昼夜春夏秋冬東西南北市港橋駅車船旅人友父母兄弟姉妹"
KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
HOSTILE = "<script>alert('</script>')</script><img src=x onerror=alert(1)>"


def prose(seed: int) -> str:
    draw = random.Random(seed)
    return "\n".join(
        "".join(draw.choice(KANJI) + "".join(draw.choices(KANA, k=4)) for _ in range(7)) + "。" for _ in range(16)
    )


def corpus_in(folder: Path, build: Any) -> Path:
    """A corpus of 8 kept, 6 short and 2 English-like pages, and a test set of which nothing may be shown."""
    pages = [(f"https://a.example/{number}", prose(number) + HOSTILE) for number in range(8)]
    pages += [(f"https://b.example/{number}", f"短い文が{number}つ。{HOSTILE}") for number in range(6)]
    pages += [(f"https://c.example/{number}", f"{'word ' * 200}かなが少し{number}。") for number in range(2)]
    for name, documents in {"web": pages, "bench": [("https://t.example/", prose(99) + "秘密"), ("", "秘密")]}.items():
        lines = [json.dumps({"url": url, "text": text, "date": "2026-05-01"}) for url, text in documents]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    recipe = {
        "name": "small",
        "subsets": {
            "web": {"inputs": "web.jsonl", "format": "jsonl"},
            "bench": {"inputs": "bench.jsonl", "format": "jsonl", "level": "LX", "judge": True},
        },
        "mend": "none",
        "tokenizer": None,
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    build(folder / "recipe.yaml", folder / "out")
    return folder / "out"


def test_a_sheet_is_drawn_by_its_seed_and_shows_nothing_it_must_not(tmp_path: Path, build: Any) -> None:
    output = corpus_in(tmp_path, build)
    for name, seed in (("one", 1), ("again", 1), ("two", 2)):
        list(sample_lines(output, tmp_path / name, 4, 6, seed))
    tables = {name: (tmp_path / name / "sample.tsv").read_text(encoding="utf-8") for name in ("one", "again", "two")}
    sheet = (tmp_path / "one" / "sample.html").read_text(encoding="utf-8")
    assert tables["one"] == tables["again"] != tables["two"]
    recipe, _, *lines = tables["one"].splitlines()
    assert recipe == f"# recipe {read_manifest(output).recipe_digest}"
    rows = [line.split("\t") for line in lines]
    strata = sorted((stratum, int(pages)) for _, stratum, pages, *_ in rows)
    assert strata == [("kept", 8)] * 4 + [("quality.characters", 6)] * 4 + [("quality.prose_share", 2)] * 2
    assert sheet.count("<article") == 10
    assert "秘密" not in sheet + tables["one"]
    assert "https://b.example/" in sheet


def test_drawn_pages_without_a_text_are_counted(tmp_path: Path, build: Any) -> None:
    output = corpus_in(tmp_path, build)
    (pages,) = [
        path for path in (output / "parts" / "pages").glob("*.pages.parquet") if pq.read_metadata(path).num_rows > 2
    ]
    table = pq.read_table(pages)
    rows = [{**row, "text": "" if row["url"].startswith("https://c.") else row["text"]} for row in table.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), pages)
    told = list(sample_lines(output, tmp_path / "sheet", 4, 6, 1))
    assert told[0].endswith("4 kept and 4 rejected pages, to be marked by keyboard")
    assert told[1] == "2 more pages were drawn that have no text to read: quality.prose_share 2"


def test_no_script_of_a_page_can_run(tmp_path: Path, build: Any) -> None:
    list(sample_lines(corpus_in(tmp_path, build), tmp_path / "sheet", 8, 8, 0))
    sheet = (tmp_path / "sheet" / "sample.html").read_text(encoding="utf-8")
    assert sheet.count("<script") == 1
    assert "<img" not in sheet
    assert re.search(r"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-[A-Za-z0-9+/]{43}='\"", sheet)
    assert "&lt;script&gt;alert" in sheet


@pytest.mark.slow
def test_without_parts_only_kept_pages_can_be_read(tmp_path: Path, build: Any) -> None:
    output = corpus_in(tmp_path, build)
    (output / "parts").rename(tmp_path / "away")
    with pytest.raises(RequestError, match="parts/ was removed"):
        list(sample_lines(output, tmp_path / "sheet", 1, 1, 0))
    assert list(sample_lines(output, tmp_path / "sheet", 1, 0, 0))


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 50)), st.integers(0, 120))
def test_every_rule_is_read_before_any_is_read_more(pages: dict[str, int], total: int) -> None:
    sizes = allocation(pages, total)
    assert sum(sizes.values()) == min(total, sum(pages.values()))
    assert all(sizes[name] <= pages[name] for name in pages)
    if total >= LEAST * len(pages):
        assert all(sizes[name] >= min(LEAST, pages[name]) for name in pages)


@pytest.mark.parametrize(
    ("found", "read", "low", "high"), [(8, 10, 0.4902, 0.9433), (0, 10, 0, 0.2775), (10, 10, 0.7225, 1)]
)
def test_wilsons_interval(found: int, read: int, low: float, high: float) -> None:
    """As in Brown, Cai and DasGupta (2001), and any table of it."""
    assert wilson(found / read, read) == pytest.approx((low, high), abs=5e-5)


def test_marks_are_weighed_by_the_pages_behind_them() -> None:
    rows = [{"stratum": "often", "stratum_pages": "90", "mark": "not"}] * 4
    rows += [{"stratum": "seldom", "stratum_pages": "10", "mark": "train"}] * 4
    rows += [{"stratum": "seldom", "stratum_pages": "10", "mark": ""}]
    found = {(score.group, score.mark): score for score in scores(rows)}
    assert found["rejected", "train"].share == pytest.approx(0.1)
    assert found["rejected", "not"].share == pytest.approx(0.9)
    assert (found["rejected", "not"].read, found["rejected", "not"].pages) == (8, 100)
    assert found["seldom", "train"].share == 1
    assert found["rejected", "train"].high - found["rejected", "train"].low > 0.3, "8 draws, of which 4 weigh most"


def test_marks_become_a_table_beside_them(tmp_path: Path) -> None:
    marks = tmp_path / "marks.tsv"
    marks.write_text(
        "# read by a person\nid\tstratum\tstratum_pages\tmark\na\tkept\t9\ttrain\nb\tkept\t9\tnot\nc\tkept\t9\t\n"
    )
    printed = list(score_lines(marks))
    stored = (tmp_path / "marks.scores.tsv").read_text().splitlines()
    assert stored[0].split("\t") == ["group", "mark", "percent", "low", "high", "read", "pages"]
    assert stored[1].split("\t") == ["kept", "train", "50", "9", "91", "2", "9"]
    assert [line.split() for line in printed[:-1]] == [line.split("\t") for line in stored]


def test_marks_are_stored_beside_the_recipe(tmp_path: Path, sample_recipe: Path) -> None:
    recipe, marks = tmp_path / "mine.yaml", tmp_path / "marks.tsv"
    recipe.write_bytes(sample_recipe.read_bytes())
    content = "# recipe 0123\nid\tstratum\tstratum_pages\tmark\na\tkept\t9\ttrain\n"
    marks.write_text(content)
    printed = list(score_lines(marks, recipe))
    assert (tmp_path / "mine.readings" / "marks.tsv").read_text() == content
    assert (tmp_path / "mine.readings" / "marks.scores.tsv").read_text().startswith("group\tmark")
    assert printed[0].startswith("Beware: these marks are of recipe 0123")
    assert not (tmp_path / "marks.scores.tsv").exists()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("id\tstratum\tmark\n", "no column stratum_pages"),
        ("id\tstratum\tstratum_pages\tmark\na\tkept\t9\tgood\n", "row 1: mark is 'good'; write one of train"),
        ("id\tstratum\tstratum_pages\tmark\na\tkept\t9\t\n", "no row has a mark"),
    ],
)
def test_wrong_marks_are_said(content: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "marks.tsv").write_text(content)
    with pytest.raises(RequestError, match=problem):
        list(score_lines(tmp_path / "marks.tsv"))
