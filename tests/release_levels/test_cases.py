"""The table of cases: what stands on a page → which signals → which level, by both packaged policies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tesuki.release_levels.decision import decide
from tesuki.release_levels.evidence import VALUE_LIMIT
from tesuki.release_levels.policy import packaged_policy
from tesuki.release_levels.signals import known_signals, read_signals

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8"))
DEFAULT, STRICT = packaged_policy("default"), packaged_policy("strict")


def page(case: Mapping[str, Any]) -> str:
    """The case's markup within an ordinary page, or its text as one."""
    body = case.get("html", "")
    text = "".join(f"<p>{line}</p>" for line in str(case.get("text", "")).splitlines())
    return f'<!DOCTYPE html>\n<html lang="ja"><head><meta charset="utf-8"></head><body>{body}{text}</body></html>'


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_case(case: Mapping[str, Any]) -> None:
    headers = [(str(name), str(value)) for name, value in case.get("headers", ())]
    url = case.get("url", "https://www.example.jp/page.html")
    evidence = read_signals(url, headers, page(case), case.get("text", "本文です。"))
    assert {each.signal for each in evidence} == set(case["signals"])
    assert list(evidence) == sorted(set(evidence))
    assert all(each.signal in known_signals() and len(each.value) <= VALUE_LIMIT for each in evidence)
    assert decide(DEFAULT, evidence).level.name == case["level"]
    strict = {"L2": "L3"}.get(case["level"], case["level"])
    assert decide(STRICT, evidence).level.name == case.get("strict", strict)


def test_table_is_whole() -> None:
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names))
    assert len(names) >= 150
    read_from_pages = {
        name for name in known_signals() if not name.startswith(("robots-txt.", "ai-txt.", "list.", "file."))
    }
    seldom = {name for name in read_from_pages if name.startswith(("robots-for-", "part-licence."))}
    seen = {signal for case in CASES for signal in case["signals"]}
    assert read_from_pages - seldom - seen == set()
