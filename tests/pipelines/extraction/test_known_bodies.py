"""Recall against truth: bodies that the page's own markup names, or that people wrote down."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tesuki.pipelines.extraction.main_text import extract_main_text

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared" / "data"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("known_bodies", ROOT / "benchmarks" / "known_bodies.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


known_bodies = load()


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real pages beside the project are not there")
def test_known_bodies_are_found() -> None:
    known = list(known_bodies.known_bodies(SHARED))
    japanese = [each for each in known if each.rule != "truth"]
    written = [each for each in known if each.rule == "truth"]
    assert (len(japanese), len(written)) == (289, 181)
    found = {
        name: known_bodies.score(
            some, [extract_main_text(e.page.html, e.page.url, captured=e.page.date).text for e in some]
        )
        for name, some in (("japanese", japanese), ("written", written))
    }
    assert found["japanese"].recall >= 0.94
    assert found["japanese"].precision >= 0.96
    assert found["japanese"].low <= 0.01
    assert found["japanese"].ruby is not None
    assert found["japanese"].ruby >= 0.995
    assert found["written"].recall >= 0.97
    assert found["written"].f1 >= 0.95
