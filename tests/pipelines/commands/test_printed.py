"""Addresses and names that strangers wrote reach no terminal raw."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.commands.cli import main

EVIL = "https://a.example/\x1b]0;owned\x07\u202e[bold]"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[Any, str]]:
    """Runs the command in this process: exit code, and all that it printed."""

    def run(*words: object) -> tuple[Any, str]:
        monkeypatch.setattr(sys, "argv", ["tesuki", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, "".join(capsys.readouterr())

    return run


def test_words_of_strangers(tmp_path: Path, said: Callable[..., tuple[Any, str]], article: Any) -> None:
    rows = [{"text": "\n".join(article(number)), "url": f"{EVIL}{number}"} for number in range(2)]
    (tmp_path / "a[red].jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "take-down.txt").write_text("b.example\n")
    out = tmp_path / "o[bold]"
    commands: list[tuple[Any, ...]] = [
        ("dedup", "--input", tmp_path / "a[[]red].jsonl", "--output", out),
        ("why", out, f"{EVIL}0"),
        ("why", out, f"{EVIL}9"),
        ("verify", out),
        ("takedown", out, "--list", tmp_path / "take-down.txt"),
        ("verify", tmp_path / "\x1b[31mnothing"),
    ]
    for words in commands:
        code, printed = said(*words)
        assert not {"\x1b", "\x07", "\u202e"}.intersection(printed), words
        assert code == (0 if words[-1] not in (f"{EVIL}9", tmp_path / "\x1b[31mnothing") else code)
        if words[0] == "why":
            assert "https://a.example/\\x1b]0;owned\\x07\\u202e[bold]" in printed
    assert "o[bold]" in said(*commands[0])[1]
