"""Works whose term is over: everyone who had a part died in time; what is left out is counted by reason."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from tesuki.pipelines.commands.works import list_works
from tesuki.pipelines.errors import RequestError
from tesuki.release_levels.page_lists import parse_page_list
from tesuki.release_levels.works import COLUMNS, free_works

BASE = "https://bunko.example/cards/"


def rows(*persons: Sequence[str]) -> list[dict[str, str]]:
    return [dict(zip(COLUMNS, person, strict=True)) for person in persons]


@pytest.mark.parametrize(
    ("persons", "why"),
    [
        ([("1", "1916-12-09", "なし", BASE + "1.html")], None),
        ([("1", "1967-12-31", "なし", BASE + "1.html")], None),
        ([("1", "1968-01-01", "なし", BASE + "1.html")], "later"),
        ([("1", "894", "なし", BASE + "1.html")], None),
        ([("1", "1916-12-09", "なし", BASE + "1.html"), ("1", "1970-11-25", "なし", BASE + "1.html")], "later"),
        ([("1", "1916-12-09", "なし", BASE + "1.html"), ("1", "", "なし", BASE + "1.html")], "unknown"),
        ([("1", "不詳", "なし", BASE + "1.html")], "unknown"),
        ([("1", "19161", "なし", BASE + "1.html")], "unknown"),
        ([("1", "1916-12-09", "あり", BASE + "1.html")], "protected"),
        ([("1", "1916-12-09", "なし", "")], "no address"),
        ([("1", "1916-12-09", "なし", BASE + "1.html x")], "no address"),
    ],
)
def test_everyone_who_had_a_part_died_in_time(persons: list[Sequence[str]], why: str | None) -> None:
    free, left = free_works(rows(*persons))
    assert (free, dict(left)) == (([BASE + "1.html"], {}) if why is None else ([], {why: 1}))


def test_the_year_can_be_moved() -> None:
    table = rows(("1", "1950-01-01", "なし", BASE + "1.html"), ("2", "1970-01-01", "なし", BASE + "2.html"))
    assert free_works(table, 1949)[0] == []
    assert free_works(table, 1970)[0] == [BASE + "1.html", BASE + "2.html"]


def test_the_list_is_one_that_policies_read(tmp_path: Path) -> None:
    table = tmp_path / "works.csv"
    with table.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, [*COLUMNS, "作品名"])
        writer.writeheader()
        writer.writerows(rows(("1", "1916-12-09", "なし", BASE + "1.html"), ("2", "", "なし", BASE + "2.html")))
    told = list(list_works(table, tmp_path / "allow.txt", 1967))
    assert [line.partition(" ")[0] for line in told] == ["1", "1"]
    allowed = parse_page_list((tmp_path / "allow.txt").read_text(encoding="utf-8"), "allow.txt", "allow")
    assert len(allowed.pages) == 1


@pytest.mark.parametrize(("content", "said"), [(b"a,b\n1,2\n", "no column"), (b"\xff\xfe", "codec"), (None, "read")])
def test_a_wrong_table_is_a_wrong_request(tmp_path: Path, content: bytes | None, said: str) -> None:
    table = tmp_path / "works.csv"
    if content is not None:
        table.write_bytes(content)
    with pytest.raises(RequestError, match=said):
        list(list_works(table, tmp_path / "allow.txt", 1967))
