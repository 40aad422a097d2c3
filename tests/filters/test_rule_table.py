"""Rules of one's own: tables that are checked row by row and judge as ours do."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
import yaml

from tesuki.filters.measure_sets import SETS, measures_by_name
from tesuki.filters.optional_rules import OPTIONAL
from tesuki.filters.presets import PRESETS, preset
from tesuki.filters.rule_table import COLUMNS, preset_of_rows, rows_of_rules
from tesuki.filters.rules import judge
from tesuki.pipelines.judging.rule_file import find_preset, table_text

TEXTS = (
    "",
    "短い。",
    "お知らせ\n" * 90,
    "\n".join(f"これは{number}番目の、少し長めの文です。" for number in range(40)),
)


@pytest.mark.parametrize("name", ["swallow-code", "tesuki"])
def test_a_preset_written_out_and_read_back_judges_the_same(name: str, tmp_path: Path) -> None:
    rules = preset(name).rules
    (tmp_path / "rules.tsv").write_text("# mine\n" + table_text(rules), encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rows_of_rules(rules)), encoding="utf-8")
    for file, text in itertools.product(("rules.tsv", "rules.yaml"), TEXTS):
        own = find_preset(file, tmp_path)
        assert own.rules == rules
        assert own.judge(text) == preset(name).judge(text)


def test_a_name_that_two_sets_have_can_be_told_apart() -> None:
    rows = [
        {"rule": "a", "measure": "hiragana_share", "comparison": "<", "threshold": 0.5},
        {"rule": "b", "measure": "swallow-paper:hiragana_share", "comparison": "<", "threshold": "0.5"},
    ]
    chosen = preset_of_rows("mine", ((f"row {number}", row) for number, row in enumerate(rows)))
    measures = chosen.measure("かな漢字 abcdefgh")
    assert measures["hiragana_share"] == 2 / 4
    assert measures["swallow-paper:hiragana_share"] == 2 / 13


def test_rows_judge_in_the_order_of_the_cost_of_their_measures() -> None:
    dear_first = "rule\tmeasure\tcomparison\tthreshold\ndear\tduplicate_10grams\t>=\t0\ncheap\tcharacters\t<\t5\n"
    rows = [dict(zip(COLUMNS, line.split("\t"), strict=False)) for line in dear_first.splitlines()[1:]]
    chosen = preset_of_rows("mine", ((str(number), row) for number, row in enumerate(rows)))
    assert [rule.name for rule in chosen.rules] == ["cheap", "dear"]
    assert chosen.judge("あ").rule == "cheap"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("x\tcharactres\t<\t3", "line 3: measure 'charactres' is not known; did you mean 'characters'?"),
        ("x\tcharacters\t=>\t3", "line 3: rule x: comparison is '=>'; write one of <, <=, >, >="),
        ("x\tcharacters\t<\tmany", "line 3: threshold is 'many'; write a number"),
        ("x\tcharacters\t<\tnan", "line 3: threshold is 'nan'; write a number"),
        ("x\tcharacters\t<", "line 3: threshold is missing"),
        ("\tcharacters\t<\t3", "line 3: rule is missing"),
        ("short\tcharacters\t<\t3", "line 3: a second rule called 'short'"),
        ("x\tcharacters\t<\t3\tform_vers", "line 3: measure 'form_vers' is not known; did you mean 'form_verse'?"),
        ("x\tcharacters\t<\t3\t\tme\tmore", "line 3: 7 cells under 6 columns"),
    ],
)
def test_a_wrong_row_is_named(row: str, problem: str, tmp_path: Path) -> None:
    table = "\t".join(COLUMNS) + f"\nshort\tcharacters\t<\t200\t\tme\n{row}\n"
    (tmp_path / "mine.tsv").write_text(table, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(f"{tmp_path / 'mine.tsv'}: {problem}")):
        find_preset("mine.tsv", tmp_path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a: 1", "found dict, expected a list of rows with rule, measure"),
        ("- 3", "row 1: found 3, expected rule, measure"),
        ("- {rule: a, bound: 3}", "row 1: unknown column 'bound'; the columns are rule"),
        ("- {rule: a\n", "not YAML at line"),
        ("[]", "no rule in it"),
    ],
)
def test_a_wrong_yaml_table_is_refused(content: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(problem)):
        find_preset("mine.yml", tmp_path)


def test_the_sets_hold_every_measure_of_every_preset_and_optional_rule() -> None:
    known = measures_by_name()
    for chosen in PRESETS:
        assert set(chosen.measure("")) <= set(known)
    for stage in OPTIONAL.values():
        assert set(stage.measure("")) <= set(known)
    for set_name in SETS:
        if set_name != "optional":
            assert {f"{set_name}:{name}" for name in preset(set_name).measure("")} <= set(known)


def test_the_sets_measure_what_the_presets_measure() -> None:
    text = TEXTS[-1]
    for chosen in PRESETS:
        if chosen.name in SETS:
            labelled = {
                name: measure(text)[name]
                for name, measure in measures_by_name().items()
                if name.startswith(f"{chosen.name}:")
            }
            plain = {name.partition(":")[2]: value for name, value in labelled.items()}
            assert judge(plain, chosen.rules) == chosen.judge(text)
