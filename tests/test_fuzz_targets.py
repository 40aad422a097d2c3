"""What fuzzing found once is never found again; and every target at least bears its own seeds."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_run", ROOT / "fuzz" / "run.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


RUN = _runner()


@pytest.mark.parametrize("name", RUN.targets())
def test_a_target_bears_its_seeds_and_what_was_found_before(name: str) -> None:
    if name in ("formats", "wikitext"):
        pytest.importorskip("mwparserfromhell")
    target = RUN.target(name)
    cases = [path.read_bytes() for path in sorted((ROOT / "fuzz" / "cases" / name).glob("*"))]
    seeds = list(target.seeds())
    assert seeds
    for data in (b"", *seeds, *cases):
        target.attack(data)


def test_cases_belong_to_targets() -> None:
    folder = ROOT / "fuzz" / "cases"
    assert {path.name for path in folder.glob("*")} <= set(RUN.targets())
