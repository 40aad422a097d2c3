"""CONTRIBUTING.md: the files of its worked examples, put in their tables, do what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tesuki.filters import optional_rules
from tesuki.filters.optional_rules import optional_stages
from tesuki.filters.rules import Rule, judge
from tesuki.filters.stages import Stage
from tesuki.pipelines.extraction import main_text
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.reading import sources
from tesuki.pipelines.reading.sources import Format, Source, ranges_of

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILES = re.findall(r'^```python\n(""".*?)^```$', PAGE, re.MULTILINE | re.DOTALL)


def names_of(number: int) -> dict[str, Any]:
    """What the file of an example defines."""
    names: dict[str, Any] = {}
    exec(compile(FILES[number], f"CONTRIBUTING.md, file {number + 1}", "exec", dont_inherit=True), names)
    return names


def test_there_are_a_format_a_rule_and_an_extractor() -> None:
    assert len(FILES) == 3
    places = re.findall(r"`((?:pipelines|filters|tests)/[a-z_/]+\.(?:py|tsv))`", PAGE)
    new = {"pipelines/reading/csv_rows.py", "filters/measures_questions.py", "pipelines/extraction/whole_page.py"}
    assert new <= set(places)
    assert [place for place in places if place not in new and not (ROOT / place).exists()] == []


def test_the_format_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = re.findall(r'^```python\n("csv": Format.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)
    added = eval(f"{{{row}}}", names_of(0) | {"Format": Format})
    monkeypatch.setattr(sources, "FORMATS", {**sources.FORMATS, **added})
    path = tmp_path / "a.csv"
    path.write_text('body,url\n"一、\n二",https://example.jp/\n,\n"三\n', encoding="utf-8")
    source = Source("csv", {"text": "body"}, {"a.csv": str(path)})
    found = [item for part in ranges_of(str(path), "s", "csv", 1 << 20) for item in source.read(part)]
    assert [item.text if isinstance(item, Page) else item.rule for item in found] == [
        "一、\n二",
        "read.empty",
        "read.damaged",
    ]
    assert [item.offset for item in found] == [0, 1, 2]


def test_the_rule_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = re.findall(r'^```python\n("questions": .*?)^```$', PAGE, re.MULTILINE | re.DOTALL)
    scope = names_of(1) | {"Stage": Stage, "Rule": Rule, "_OURS": "ours"}
    monkeypatch.setattr(optional_rules, "OPTIONAL", {**optional_rules.OPTIONAL, **eval(f"{{{row}}}", scope)})
    (stage,) = optional_stages(["questions"])
    assert judge(stage.measure("なぜ？どこへ？行く。"), stage.rules).rule == "questions"
    assert judge(stage.measure("行く。なぜ？帰る。"), stage.rules).keep
    assert judge(stage.measure(""), stage.rules).keep


def test_the_extractor_extracts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(main_text._EXTRACTORS, "whole", names_of(2)["whole_page"])  # type: ignore[misc]
    profile: Any = "whole"
    html = "<html><head><title>題</title></head><body><nav>表紙</nav><p>本文です。</p></body></html>"
    found = main_text.extract_main_text(html, "https://example.jp/", profile=profile)
    assert "表紙" in found.text
    assert "本文です。" in found.text
    assert found.title == "題"


def test_measures_find_one_another_where_a_script_s_folder_is_no_path() -> None:
    """The Makefile exports PYTHONSAFEPATH: scripts that import one another need the folder named."""
    scripts = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").glob("*.py")}
    assert any(re.search(rf"^from {name} import", text, re.MULTILINE) for name in scripts for text in scripts.values())
    runs = [line for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines() if "python" in line]
    runs = [line for line in runs if "$$script" in line or "benchmarks/" in line]
    assert runs
    assert all("PYTHONPATH=benchmarks" in line for line in runs)
