"""report.html shows the figures of the manifest, in a real browser too, and fetches nothing."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.filters.optional_rules import OPTIONAL
from tesuki.filters.presets import PRESETS
from tesuki.filters.rules import Rule
from tesuki.pipelines.corpus.manifest import Manifest
from tesuki.pipelines.corpus.report.figures import Histogram, figures_of
from tesuki.pipelines.corpus.report.page import report_html
from tesuki.pipelines.corpus.report.words import words_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Tables(HTMLParser):
    """The cells of a page's tables by the table's id, row by row, and the text of elements that have an id."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.texts: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._table = self._id = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        self._id = values.get("id") or ""
        if tag == "table":
            self._table = self._id
            self.tables[self._table] = []
        elif tag == "tr":
            self.tables[self._table].append([])
        elif tag in ("td", "th"):
            self.tables[self._table][-1].append("")

    def handle_data(self, data: str) -> None:
        if self._id:
            self.texts.setdefault(self._id, data.strip())
            self._id = ""
        if self._table and self.tables[self._table] and self.tables[self._table][-1]:
            self.tables[self._table][-1][-1] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._table = ""


def model_of(manifest: dict[str, Any]) -> Manifest:
    return Manifest.model_validate({name: value for name, value in manifest.items() if name != "digest"})


def parsed(html: str) -> Tables:
    page = Tables()
    page.feed(html)
    return page


def number(shown: str) -> int:
    return int(shown.replace(",", ""))


def test_the_report_shows_the_manifests_figures(sample: Path, manifest_at: Any, rows_of: Any) -> None:
    manifest = manifest_at(sample)
    page = parsed((sample / "report.html").read_text(encoding="utf-8"))
    balance = manifest["balance"]
    assert number(page.texts["read"]) == balance["read"]
    assert number(page.texts["kept"]) == balance["fates"]["kept"]
    stations = page.tables["stations"][1:]
    assert [row[0] for row in stations] == [station["station"] for station in balance["stations"]]
    assert [number(row[1]) for row in stations] == [station["arrived"] for station in balance["stations"]]
    assert sum(number(row[2]) for row in page.tables["rules"][1:]) == balance["read"] - balance["fates"]["kept"]
    levels = {(row[0], row[1]): number(row[2]) for row in page.tables["levels"][1:]}
    counted: dict[tuple[str, str], int] = {}
    for row in rows_of(sample, "documents"):
        counted[row["subset"], row["level"]] = counted.get((row["subset"], row["level"]), 0) + 1
    assert levels == counted
    assert len(page.tables["mixture"]) == 1 + len(manifest["mixture"])


def test_the_report_fetches_nothing_and_says_nothing_of_pages(sample: Path, rows_of: Any) -> None:
    html = (sample / "report.html").read_text(encoding="utf-8")
    assert not [tag for tag, _ in parsed(html).tags if tag in {"link", "img", "iframe", "object"}]
    assert not re.search(r"""(?:src|href)\s*=|url\(|@import|fetch\(""", html)
    # One script, ours: the page itself forbids any other, whatever a name in it might say.
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}'" in html
    assert "default-src 'none'" in html
    for row in rows_of(sample, "documents"):
        assert row["url"] not in html
        assert not row["title"] or row["title"] not in html


def test_names_from_a_recipe_are_text_not_markup(sample: Path, manifest_at: Any) -> None:
    manifest = manifest_at(sample)
    manifest["recipe"]["name"] = "<script>alert('x')</script> $read & 日本語"
    html = report_html(model_of(manifest), figures_of(sample, model_of(manifest)))
    assert "<script>alert" not in html
    assert manifest["recipe"]["name"] in unescape(html)


def test_an_empty_corpus_has_a_report_too(sample: Path, manifest_at: Any, tmp_path: Path) -> None:
    manifest = manifest_at(sample)
    manifest["balance"] |= {"read": 0, "fates": dict.fromkeys(manifest["balance"]["fates"], 0), "stations": []}
    manifest |= {"mixture": [], "tokenizer": None}
    empty = model_of(manifest)
    assert parsed(report_html(empty, figures_of(tmp_path, empty))).texts["read"] == "0"


def test_every_rule_has_words_in_both_languages(sample: Path, rows_of: Any) -> None:
    rules = [rule for preset in PRESETS for rule in preset.rules]
    rules += [rule for stages in OPTIONAL.values() for rule in getattr(stages, "rules", ())]
    names = {f"quality.{rule.name}" for rule in rules} | {row["rule"] for row in rows_of(sample, "ledger")}
    assert [name for name in sorted(names) if words_of(name) is None] == []


def test_histograms_count_every_judged_page(sample: Path, manifest_at: Any) -> None:
    manifest = model_of(manifest_at(sample))
    figures = figures_of(sample, manifest)
    stations = {row.station: row for row in manifest.balance.stations}
    assert figures.histograms
    for drawn in figures.histograms:
        # A page that was withheld before it was judged is in neither.
        assert int(drawn.rejected.sum()) == stations["measure"].fates.get("rejected", 0)
        assert int(drawn.kept.sum()) == stations["measure"].passed


@given(st.lists(st.tuples(st.floats(-10, 10), st.booleans())), st.floats(-3, 3))
def test_a_bar_holds_what_lies_in_it(pages: list[tuple[float, bool]], threshold: float) -> None:
    drawn = Histogram(Rule("x", "x", "<", threshold, "here"), -2.0, 4.0)
    values = np.array([value for value, _ in pages])
    keep = np.array([kept for _, kept in pages], dtype=bool)
    drawn.add(values, keep)
    assert int(drawn.kept.sum()) == int(keep.sum())
    assert int((drawn.kept + drawn.rejected)[-1]) == int((values >= 4.0).sum())
    assert int((drawn.kept + drawn.rejected)[0]) == int((values < -2.0 + 6.0 / 39).sum())


def test_characters_and_pages_that_left_are_those_of_the_ledger(sample: Path, manifest_at: Any, rows_of: Any) -> None:
    figures = figures_of(sample, model_of(manifest_at(sample)))
    ledger = rows_of(sample, "ledger")
    assert sum(pages for pages, _ in figures.lost.values()) == len(ledger)
    assert sum(characters for _, characters in figures.lost.values()) == sum(row["characters"] for row in ledger)
    assert sum(figures.lengths.values()) == len(rows_of(sample, "documents"))


def test_hosts_of_restricted_documents_are_not_shown(sample: Path, manifest_at: Any, rows_of: Any) -> None:
    figures = figures_of(sample, model_of(manifest_at(sample)))
    rows = rows_of(sample, "documents")
    open_hosts = {row["url"].split("/")[2] for row in rows if row["level"] in ("L1", "L2")}
    assert {host for host, _, _ in figures.hosts.largest} == open_hosts
    assert figures.hosts.count == len(open_hosts)


def test_the_command_writes_it_again(sample_copy: Path, sample: Path, tesuki: Any) -> None:
    (sample_copy / "report.html").unlink()
    run = tesuki("report", sample_copy)
    assert (run.returncode, run.stdout, run.stderr) == (0, f"{sample_copy / 'report.html'}\n", "")
    assert (sample_copy / "report.html").read_bytes() == (sample / "report.html").read_bytes()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_shows_it(sample: Path, manifest_at: Any, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            str(CHROMIUM),
            *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1000,1400"),
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            (sample / "report.html").as_uri(),
        ],
        capture_output=True,
        encoding="utf-8",
        timeout=90,
        check=True,
    )
    page = parsed(done.stdout)
    assert number(page.texts["kept"]) == manifest_at(sample)["balance"]["fates"]["kept"]
    assert ("meta", {"charset": "utf-8"}) in page.tags
