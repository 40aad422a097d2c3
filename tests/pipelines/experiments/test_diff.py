"""`tesuki diff` over real corpora: what was changed by hand is what is found, and what it is put down to."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.commands.diff import diff_lines
from tesuki.pipelines.experiments import record_blocks
from tesuki.pipelines.experiments.causes import FIELDS, LISTS, STATIONS, SUBSET_FIELDS, causes_between
from tesuki.pipelines.experiments.differences import joined
from tesuki.pipelines.experiments.record_blocks import WINDOW_ROWS, Block, windows
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.recipe.subsets import Subset

PAGES = 12


@pytest.fixture(scope="module")
def corpora(
    tmp_path_factory: pytest.TempPathFactory,
    archive_of: Callable[..., Path],
    web_page: Callable[..., Any],
    recipe_with: Callable[..., Path],
    build: Callable[..., Any],
) -> tuple[Path, Path]:
    """Twelve pages; the second corpus denies a host, takes a page down, levels a subset, and has one page more."""
    folder = tmp_path_factory.mktemp("diff")
    pages = [web_page(f"https://h{number}.example/{number}", number) for number in range(PAGES)]
    archive_of(folder / "a.warc.gz", pages)
    build(recipe_with(folder / "one.yaml"), folder / "one")
    archive_of(folder / "b.warc.gz", [web_page("https://new.example/", "new")])
    (folder / "down.txt").write_text("h2.example\n", "utf-8")
    changed = {
        "subsets": {"web": {"inputs": "*.warc.gz", "judge": False, "default_level": "L3"}},
        "hosts": {"deny": ["h1.example"]},
        "policy": {"take_down": "down.txt"},
    }
    build(recipe_with(folder / "two.yaml", **changed), folder / "two")
    return folder / "one", folder / "two"


def answer(before: Path, after: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("\n".join(diff_lines(before, after, 2, True, None)))
    return found


def test_every_change_is_found_and_put_down_to_its_cause(corpora: tuple[Path, Path]) -> None:
    found = answer(*corpora)
    groups = {(group["kind"], group["before"], group["after"]): group for group in found["groups"]}
    denied = groups["fate", "kept", "rejected host.denied"]
    assert (denied["pages"], denied["station"], denied["cause"]) == (1, "hosts", "hosts.deny")
    (withheld,) = (group for key, group in groups.items() if key[2].startswith("withheld"))
    assert withheld["pages"] == 1
    assert "take" in withheld["cause"]
    levelled = groups["level", "L2", "L3"]
    assert (levelled["pages"], len(levelled["examples"])) == (PAGES - 2, 2)
    assert "subsets.web.default_level" in levelled["cause"]
    (added,) = (group for key, group in groups.items() if key[0] == "added")
    assert added["pages"] >= 1
    assert found["records"] == found["same"] + sum(group["pages"] for group in found["groups"])


def test_addresses_are_shown_of_levels_that_are(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    """Ten pages went from L2 to L3, one was taken down, and the one that a host's denial rejected was L2."""

    def said(*ways: Path, internal: bool) -> tuple[str, str]:
        lines = [*diff_lines(*ways, PAGES, False, tmp_path / "diff.html", internal=internal)]
        lines += diff_lines(*ways, PAGES, True, None, internal=internal)
        return "\n".join(lines), (tmp_path / "diff.html").read_text("utf-8")

    for ways in (corpora, corpora[::-1]):
        for told in said(*ways, internal=False):
            assert set(re.findall(r"//(h\d+)\.example", told)) == {"h1"}
        for told in said(*ways, internal=True):
            assert set(re.findall(r"//(h\d+)\.example", told)) == {f"h{number}" for number in range(PAGES)} - {"h2"}


def test_a_corpus_is_the_same_as_itself(corpora: tuple[Path, Path]) -> None:
    found = answer(corpora[0], corpora[0])
    assert (found["groups"], found["causes"], found["records"]) == ([], [], found["same"])


def test_the_way_back_mirrors_the_way_there(corpora: tuple[Path, Path]) -> None:
    there, back = answer(*corpora), answer(*reversed(corpora))
    counted = {(group["before"], group["after"]): group["pages"] for group in there["groups"]}
    assert counted == {(group["after"], group["before"]): group["pages"] for group in back["groups"]}


def test_a_changed_text_is_shown_as_edits(
    tmp_path: Path,
    archive_of: Callable[..., Path],
    raw_page: Callable[..., Any],
    article: Callable[[object], list[str]],
    recipe_with: Callable[..., Path],
    build: Callable[..., Any],
) -> None:
    lines = [line.replace("、", "，").replace("。", "．") for line in article("commas")]
    html = "<html lang=ja><title>話</title><body>" + "".join(f"<p>{line}</p>" for line in lines)
    archive_of(tmp_path / "a.warc.gz", [raw_page("https://a.example/", html.encode(), "2026-05-02T03:04:05Z")])
    for name, style in (("mended", "tesuki"), ("left", "none")):
        build(recipe_with(tmp_path / f"{name}.yaml", mend=style), tmp_path / name)
    (group,) = answer(tmp_path / "left", tmp_path / "mended")["groups"]
    assert (group["kind"], group["station"], group["cause"]) == ("text", "mend", "mend.style")
    assert any("、" in line for line in group["examples"][0]["edits"])


def test_where_hosts_come_first_a_duplicate_follows_from_them(
    tmp_path: Path, article: Callable[[object], list[str]], build: Callable[..., Any]
) -> None:
    """The page of a refused host stood before its copy: what brings that back is further up."""
    text = "\n".join(article("hosts"))
    lines = (
        {"url": f"https://{host}.example/", "text": text, "date": f"{year}-01-01"}
        for host, year in (("bad", 2026), ("good", 2020))
    )
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    for name, deny in (("open", []), ("denied", ["bad.example"])):
        recipe = {
            "name": "texts",
            "subsets": {"texts": {"inputs": "*.jsonl", "format": "jsonl", "judge": False}},
            "matching": "published",
            "rules": "swallow-code",
            "mend": "none",
            "tokenizer": None,
            "hosts": {"deny": deny},
        }
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(recipe), "utf-8")
        build(tmp_path / f"{name}.yaml", tmp_path / name)
    groups = {
        (group["before"], group["after"]): group for group in answer(tmp_path / "open", tmp_path / "denied")["groups"]
    }
    denied, back = groups["kept", "rejected host.denied"], groups["duplicate duplicate.exact", "kept"]
    assert (denied["station"], denied["cause"]) == ("hosts", "hosts.deny")
    assert (back["station"], back["cause"]) == ("deduplicate", "follows from hosts.deny")


def test_the_page_holds_no_script_and_no_markup_of_strangers(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    list(diff_lines(*corpora, 2, False, tmp_path / "diff.html"))
    html = (tmp_path / "diff.html").read_text("utf-8")
    assert "<script" not in html
    assert "hosts.deny" in html


def test_every_field_of_the_recipe_is_known_to_stations() -> None:
    sections = set(Recipe.model_fields) - {"name", "subsets", "parts"}
    assert sections <= {name.partition(".")[0] for name, _ in FIELDS}
    assert set(Subset.model_fields) == {name for name, _ in SUBSET_FIELDS}
    named = [stations for _, stations in (*FIELDS, *SUBSET_FIELDS)] + list(LISTS.values())
    assert {station for stations in named for station in stations} <= set(STATIONS)


def test_a_manifest_differs_from_itself_in_nothing(sample: Path, manifest_at: Callable[[Path], dict[str, Any]]) -> None:
    assert causes_between(manifest_at(sample), manifest_at(sample)) == ()


def test_an_edit_in_a_long_line_is_seen() -> None:
    from tesuki.pipelines.commands.diff import _edit

    shown = _edit("あ" * 500 + "旧" + "い" * 500, "あ" * 500 + "新" + "い" * 500)
    assert "旧" in shown
    assert "新" in shown
    assert len(shown) < 300
    assert "東京\u3000駅" in _edit("東京\u3000駅前", "東京\u3000駅裏")


def _table(names: list[tuple[int, str]]) -> pa.Table:
    offsets, records = [offset for offset, _ in names], [record for _, record in names]
    return pa.table({"offset": pa.array(offsets, pa.int64()), "record_id": pa.array(records, pa.string())})


records = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["a", "b"])), max_size=8)


@given(records, records)
def test_records_are_joined_as_a_dictionary_would_join_them(
    old: list[tuple[int, str]], new: list[tuple[int, str]]
) -> None:
    def numbered(rows: list[tuple[int, str]]) -> dict[tuple[int, str, int], int]:
        seen: Counter[tuple[int, str]] = Counter()
        found = {}
        for row, name in enumerate(rows):
            found[(*name, seen[name])] = row
            seen[name] += 1
        return found

    one, other = numbered(old), numbered(new)
    expected = {(one.get(name, -1), other.get(name, -1)) for name in one.keys() | other.keys()}
    pairs = list(zip(*(rows.tolist() for rows in joined(_table(old), _table(new))), strict=True))
    assert len(pairs) == len(expected)
    assert set(pairs) == expected


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9), st.integers(1, 20_000)), max_size=12))
def test_windows_hold_every_offset_once_and_few_rows(drawn: list[tuple[int, int, int]]) -> None:
    blocks = [Block(Path("x"), 0, rows, "a", first, first + more) for first, more, rows in drawn]
    found = list(windows(blocks))
    assert all(one[1] == other[0] for one, other in pairwise(found))
    for block in blocks:
        assert sum(start <= block.first < stop for start, stop in found) == 1
        assert block.last < found[-1][1]
    for start, stop in found:
        beginning = sorted((b.first, b.last, b.rows) for b in blocks if start <= b.first < stop)
        last = [rows for first, _, rows in beginning if first == beginning[-1][0]]
        assert sum(rows for *_, rows in beginning) - sum(last) < WINDOW_ROWS


def test_small_windows_find_what_one_window_finds(corpora: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = answer(*corpora)
    monkeypatch.setattr(record_blocks, "WINDOW_ROWS", 1)
    assert answer(*corpora) == whole


def test_tables_that_both_list_with_one_hash_are_not_read(
    corpora: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a table was read")

    monkeypatch.setattr(record_blocks.Piece, "read", refuse)
    assert answer(corpora[0], corpora[0])["same"] >= PAGES
