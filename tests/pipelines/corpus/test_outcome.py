"""A corpus that holds nothing is a failed run, which says where everything went; it is there to be looked at."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.commands.cli import main
from tesuki.pipelines.commands.verify import verify_corpus


@pytest.fixture
def corpus(
    tmp_path: Path, recipe_with: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> Callable[..., tuple[int, str]]:
    """Runs `tesuki corpus` over one file of some content: exit code and the last line of standard error."""

    def run(content: bytes, **fields: Any) -> tuple[int, str]:
        (tmp_path / "odd.warc.gz").write_bytes(content)
        recipe = recipe_with(tmp_path / "recipe.yaml", tokenizer=None, **fields)
        monkeypatch.setattr(sys, "argv", ["tesuki", "corpus", str(recipe), "--output", str(tmp_path / "out")])
        with pytest.raises(SystemExit) as end:
            main()
        return int(str(end.value.code)), capsys.readouterr().err.strip().splitlines()[-1]

    return run


def test_no_archive_at_all(tmp_path: Path, corpus: Callable[..., tuple[int, str]]) -> None:
    for _ in range(2):  # the second time there is nothing to do, and it is no better for that
        code, said = corpus(gzip.compress(b"hello"))
        assert code == 1
        assert "odd.warc.gz" in said
        assert said.startswith(("tesuki: nothing usable was read", "tesuki: no record was read"))
    assert list(verify_corpus(tmp_path / "out"))


@pytest.mark.slow
def test_nothing_that_is_kept(
    tmp_path: Path, corpus: Callable[..., tuple[int, str]], archive_of: Any, web_page: Any
) -> None:
    pages = [web_page(f"https://a.example/{n}", n) for n in range(2)]
    content = archive_of(tmp_path / "pages" / "a.warc.gz", pages).read_bytes()
    code, said = corpus(content, hosts={"deny": ["a.example"]})
    assert (code, said) == (
        1,
        "tesuki: nothing is kept of 2 records (host.denied 2); the report and the ledger tell of each",
    )
    assert list(verify_corpus(tmp_path / "out"))
