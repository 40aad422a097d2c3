"""`tesuki report --to`: what the corpus' own report has no place for: costs, changes, texts beside each bound."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml

from tesuki.filters.rule_table import rule_of_row
from tesuki.pipelines.commands.full_report import full_report, write_full_report
from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.corpus.run_record import former_manifest, read_run
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.levelling.shown import shown_levels
from tesuki.pipelines.looking.doubtful import least_alike
from tesuki.pipelines.looking.near_bounds import kept_near, rejected_near
from tesuki.release_levels.levels import parse_level

STATIONS = {"read", "detect", "decode", "extract", "identify", "withhold", "measure", "deduplicate", "hosts", "mend"}


def table(html: str, name: str) -> list[list[str]]:
    """The rows of a table of the page, as texts."""
    body = html.split(f'<table id="{name}">', 1)[1].split("</table>", 1)[0]
    return [
        [unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in body.split("<tr>")[2:]
    ]


def test_it_tells_what_every_station_cost_and_the_corpus_own_report_does_not(sample: Path) -> None:
    run = read_run(sample / "parts")
    assert run is not None
    assert {work.station for work in run.work} >= STATIONS
    assert {"extract", "deduplicate", "documents", "tokens and shards"} == set(run.seconds)
    html = full_report(sample, read_manifest(sample), internal=False)
    rows = table(html, "costs")
    assert {row[0] for row in rows} >= STATIONS
    assert sum(float(row[1].replace(",", "")) for row in rows) == pytest.approx(
        sum(work.seconds for work in run.work), abs=len(rows) / 10
    )
    own = (sample / "report.html").read_text(encoding="utf-8")
    assert 'id="costs"' not in own
    assert "<pre" not in own


@pytest.mark.slow
def test_what_changed_since_the_run_before(
    sample_copy: Path, sample_recipe: Path, build: Callable[..., Any], manifest_at: Callable[[Path], dict[str, Any]]
) -> None:
    assert former_manifest(sample_copy / "parts") is None
    before = manifest_at(sample_copy)
    recipe = yaml.safe_load(sample_recipe.read_text("utf-8"))
    recipe["rules"] = {**recipe["rules"], "set": {"letters": 900}}
    path = sample_recipe.with_name("changed.yaml")
    path.write_text(yaml.safe_dump(recipe, allow_unicode=True), "utf-8")
    build(path, sample_copy)
    after = manifest_at(sample_copy)
    html = full_report(sample_copy, read_manifest(sample_copy), internal=False)
    assert ["rules.set.letters", "–", "900.0"] in table(html, "asked")
    changes = {row[0]: row[1:] for row in table(html, "changes")}
    fates = (before["balance"]["fates"]["kept"], after["balance"]["fates"]["kept"])
    assert fates[0] > fates[1]
    assert changes["kept"] == [f"{fates[0]:,}", f"{fates[1]:,}", f"{fates[1] - fates[0]:+,}"]
    assert "read" not in changes


def test_the_pages_beside_a_bound_are_the_nearest(sample: Path, rows_of: Any) -> None:
    manifest, shown = read_manifest(sample), shown_levels(internal=False)
    record = next(record for record in manifest.lists if record["list"] == "rules")
    rules = [rule_of_row(row) for row in record["rules"]]
    kept, rejected = kept_near(sample, rules, shown, 3), rejected_near(sample, rules, 3)
    documents = [row for row in rows_of(sample, "documents") if parse_level(row["level"]) in shown]
    left = [row for row in rows_of(sample, "ledger") if row["fate"] == "rejected" and row["value"] is not None]
    for rule in rules:
        values = [{each["name"]: each["value"] for each in row["measures"]}.get(rule.measure) for row in documents]
        near = sorted(abs(value - rule.threshold) for value in values if value is not None)[:3]
        assert [each.distance for each in kept.get(rule.name, ())] == near
        values = [row["value"] for row in left if row["rule"] == f"quality.{rule.name}"]
        near = sorted(abs(value - rule.threshold) for value in values)[:3]
        assert [each.distance for each in rejected.get(rule.name, ())] == near
    assert any(kept.values())
    assert any(rejected.values())


def test_the_least_alike_come_first(sample: Path, rows_of: Any) -> None:
    values = sorted(row["value"] for row in rows_of(sample, "ledger") if row["rule"] == "duplicate.near")
    assert values
    assert [pair.similarity for pair in least_alike(sample, 5)] == values[:5]


def test_it_is_not_written_where_a_take_down_would_miss_it(sample: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"--to: .* lies in the corpus"):
        write_full_report(sample, sample / "parts" / "full.html", internal=False)
    said = write_full_report(sample, tmp_path / "full.html", internal=False)
    assert said.startswith(f"{tmp_path / 'full.html'}: ")
    html = (tmp_path / "full.html").read_text(encoding="utf-8")
    assert html.count("<script") == 1
    assert '<pre class="kept">' in html
    assert '<pre class="rejected">' in html
    assert "<del>" in html or "<ins>" in html
