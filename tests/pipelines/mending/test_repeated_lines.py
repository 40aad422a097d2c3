"""Repeated lines found in Beam, against counting with a dictionary."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from tesuki.dedup.lines import RepeatRule, cut_units, unit_keys
from tesuki.pipelines.mending import repeated_lines
from tesuki.pipelines.mending.repeated_lines import FindRepeatedLines, open_repeated_lines


def pages(seed: int, count: int) -> list[tuple[str, str]]:
    rng = random.Random(seed)
    menus = [f"メニュー{number}" for number in range(20)]
    return [
        (
            rng.choice(("a.example", "b.example")),
            "\n".join([*rng.choices(menus, weights=range(1, 21), k=4), f"本文{number}", ""]),
        )
        for number in range(count)
    ]


def find(documents: list[tuple[str, str]], folder: Path, rule: RepeatRule, about: int) -> None:
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        _ = pipeline | beam.Create(documents) | FindRepeatedLines(folder, rule, about)


@pytest.mark.parametrize("scope", ["corpus", "host"])
@pytest.mark.parametrize("held", [1 << 20, 50])
def test_lines_on_more_than_n_documents_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scope: str, held: int
) -> None:
    monkeypatch.setattr(repeated_lines, "HELD_KEYS", held)
    documents = pages(1, 300)
    rule = RepeatRule(scope=scope, documents=40)  # type: ignore[arg-type]
    find(documents, tmp_path, rule, about=1_000_000)
    assert len(list(tmp_path.iterdir())) > 1
    counts = Counter(
        (host if scope == "host" else "", line) for host, text in documents for line in set(text.split("\n"))
    )
    known = open_repeated_lines(tmp_path)
    some = 0
    for host, text in documents:
        expected = [line != "" and counts[host if scope == "host" else "", line] > 40 for line in text.split("\n")]
        assert known.contains(unit_keys(text, host, rule)).tolist() == expected
        some += sum(expected)
    assert 0 < some < 300 * 4


def test_a_menu_is_cut_and_the_text_stays(tmp_path: Path) -> None:
    rule = RepeatRule(documents=2)
    documents = [("a.example", f"ホーム｜会社案内\n本文その{number}\n無断転載を禁じます") for number in range(3)]
    find(documents, tmp_path, rule, about=3)
    known = open_repeated_lines(tmp_path)
    text = documents[0][1]
    cut, _ = cut_units(text, rule, known.contains(unit_keys(text, "a.example", rule)))
    assert cut == "本文その0\n"


def test_nothing_repeated(tmp_path: Path) -> None:
    find([("", "一度きり")], tmp_path, RepeatRule(documents=1), about=1)
    known = open_repeated_lines(tmp_path)
    assert known.contains(unit_keys("一度きり", "", RepeatRule())).tolist() == [False]
