"""docs/quality-rules.md and docs/readings: every rule with its bound, every choice, and what the marks come to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tesuki.filters.optional_rules import OPTIONAL
from tesuki.filters.presets import PRESETS, preset
from tesuki.pipelines.commands.sample import score_lines

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "quality-rules.md").read_text(encoding="utf-8")


def cells(name: str) -> list[str]:
    """The first row of a table that begins with a name."""
    rows = re.findall(rf"^\| `{name}` \|(.*)\|$", PAGE, re.MULTILINE)
    assert rows, f"{name} has no row"
    return [cell.strip() for cell in rows[0].split("|")]


@pytest.mark.parametrize("rule", preset("tesuki").rules, ids=lambda rule: rule.name)
def test_every_rule_stands_on_the_page_with_its_bound(rule: object) -> None:
    name, comparison, threshold = (getattr(rule, field) for field in ("name", "comparison", "threshold"))
    found = re.search(r"([<>]=?) (\.?\d[\d.]*)", cells(name)[0])
    assert found
    assert (found[1], float(found[2])) == (comparison, threshold)


def test_every_preset_and_optional_rule_stands_on_the_page() -> None:
    for chosen in PRESETS:
        assert cells(chosen.name)
    for name in OPTIONAL:
        assert cells(name)


@pytest.mark.parametrize("marks", sorted(DOCS.glob("readings/*.scores.tsv")), ids=lambda path: path.name)
def test_the_scores_are_those_of_the_marks(marks: Path, tmp_path: Path) -> None:
    copy = tmp_path / marks.name.replace(".scores", "")
    copy.write_bytes((marks.parent / copy.name).read_bytes())
    list(score_lines(copy))
    assert (tmp_path / marks.name).read_bytes() == marks.read_bytes()
