"""What is read is what the table of signals names; the packaged policies speak of nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tesuki.release_levels.decision import decide
from tesuki.release_levels.levels import USES, ForbiddenUse, Level, parse_level, require, strictest
from tesuki.release_levels.policy import PACKAGED, packaged_policy
from tesuki.release_levels.signals import known_signals, read_signals


def test_levels_allow_ever_less() -> None:
    allowed = {level.name: [use for use in USES if level.allows(use)] for level in Level}
    assert allowed == {
        "L1": ["train", "search", "distribute", "test"],
        "L2": ["train", "search", "test"],
        "L3": ["train", "test"],
        "LX": ["test"],
        "LZ": [],
    }
    assert sorted(Level, reverse=True) == [Level.LZ, Level.LX, Level.L3, Level.L2, Level.L1]


def test_strictest_of_a_cluster() -> None:
    assert strictest([Level.L1, Level.LX, Level.L3]) is Level.LX
    with pytest.raises(ValueError, match="at least one"):
        strictest([])


@pytest.mark.parametrize(("level", "use"), [(Level.LX, "train"), (Level.L2, "distribute"), (Level.LZ, "test")])
def test_require_refuses(level: Level, use: str) -> None:
    with pytest.raises(ForbiddenUse, match=f"{level.name} .*{use}"):
        require(level, use)  # type: ignore[arg-type]


def test_require_lets_pass_and_refuses_unknown_uses() -> None:
    require(Level.L1, "distribute")
    with pytest.raises(ValueError, match="expected one of train, search, distribute, test"):
        require(Level.L1, "resale")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'L4', expected one of L1, L2, L3, LX, LZ"):
        parse_level("L4")


def test_signals_have_names_and_meanings() -> None:
    assert len(known_signals()) > 60
    assert all(name.count(".") == 1 and meaning for name, meaning in known_signals().items())


@pytest.mark.parametrize("name", PACKAGED)
def test_a_silent_page_is_unlicensed(name: str) -> None:
    policy = packaged_policy(name)
    silent = decide(policy, read_signals("https://example.jp/", (), "<p>こんにちは</p>", "こんにちは"))
    assert (silent.level, silent.row, silent.evidence) == (policy.unlicensed, "unlicensed", ())
    assert policy.unlicensed == {"default": Level.L2, "strict": Level.L3}[name]


def test_the_documentation_names_every_signal() -> None:
    documentation = Path(__file__).resolve().parents[2] / "docs" / "release-levels.md"
    named = set(re.findall(r"`([a-z-]+\.[a-z0-9_-]+)`", documentation.read_text(encoding="utf-8")))
    assert set(known_signals()) <= named
