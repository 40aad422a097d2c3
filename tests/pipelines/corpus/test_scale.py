"""What a run submits to an engine does not grow with its parts: each phase, at two sizes of a plan that is drawn."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def scale() -> ModuleType:
    path = Path(__file__).resolve().parents[3] / "benchmarks" / "scale.py"
    spec = importlib.util.spec_from_file_location("scale", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["scale"] = module
    spec.loader.exec_module(module)
    return module


def test_what_is_submitted_and_what_is_open_stay_when_the_parts_grow_threefold(
    scale: ModuleType, tmp_path: Path
) -> None:
    costs = {}
    for count in (1_030, 3_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        for phase in scale.PHASES:
            costs[phase, count] = scale.measured(phase, count, folder)
    for phase in scale.PHASES:
        small, large = costs[phase, 1_030], costs[phase, 3_000]
        assert large.submitted < 1.1 * small.submitted + 1, phase
        assert large.descriptors <= small.descriptors + 2, phase
        assert large.submitted < 150_000, phase
