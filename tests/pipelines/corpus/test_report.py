"""report.html shows the figures of the manifest, in a real browser too, and fetches nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.corpus.manifest import Manifest
from tesuki.pipelines.corpus.report import level_counts, report_html

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
    assert sum(number(row[3]) for row in page.tables["rules"][1:]) == balance["read"] - balance["fates"]["kept"]
    levels = {(row[0], row[1]): number(row[2]) for row in page.tables["levels"][1:]}
    counted: dict[tuple[str, str], int] = {}
    for row in rows_of(sample, "documents"):
        counted[row["subset"], row["level"]] = counted.get((row["subset"], row["level"]), 0) + 1
    assert levels == counted
    assert len(page.tables["mixture"]) == 1 + len(manifest["mixture"])


def test_the_report_fetches_nothing_and_says_nothing_of_pages(sample: Path, rows_of: Any) -> None:
    html = (sample / "report.html").read_text(encoding="utf-8")
    assert not [tag for tag, _ in parsed(html).tags if tag in {"script", "link", "img", "iframe", "object"}]
    assert not re.search(r"""(?:src|href)\s*=|url\(|@import""", html)
    for row in rows_of(sample, "documents"):
        assert row["url"] not in html
        assert not row["title"] or row["title"] not in html


def test_names_from_a_recipe_are_text_not_markup(sample: Path, manifest_at: Any) -> None:
    manifest = manifest_at(sample)
    manifest["recipe"]["name"] = "<script>alert('x')</script> $read & 日本語"
    html = report_html(model_of(manifest), level_counts(sample))
    assert "<script>" not in html
    assert manifest["recipe"]["name"] in unescape(html)


def test_an_empty_corpus_has_a_report_too(sample: Path, manifest_at: Any) -> None:
    manifest = manifest_at(sample)
    manifest["balance"] |= {"read": 0, "fates": dict.fromkeys(manifest["balance"]["fates"], 0), "stations": []}
    manifest |= {"mixture": [], "tokenizer": None}
    assert parsed(report_html(model_of(manifest), [])).texts["read"] == "0"


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
