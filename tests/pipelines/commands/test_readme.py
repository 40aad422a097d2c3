"""README.md promises what is there: its commands work when pasted, its links lead somewhere, its tables are whole."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tesuki.pipelines.commands.cli import tesuki as command_group
from tesuki.pipelines.corpus.manifest import read_manifest

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]

PICTURE_BYTES = 300_000


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_it_opens_with_the_two_commands_and_a_picture() -> None:
    start = re.match(r"# Tesuki\n\n```bash\nmake corpus .*\nmake test .*\n```\n\n!\[[^\]]+\]\(([^)]+)\)\n", README)
    assert start
    assert (ROOT / start[1]).stat().st_size < PICTURE_BYTES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_table_of_commands_is_whole() -> None:
    listed = re.findall(r"^\| `tesuki ([a-z]+)", README, re.MULTILINE)
    assert sorted(listed) == sorted(command_group.commands)


def test_every_command_stands_in_a_page_of_the_docs() -> None:
    told = "".join(page.read_text(encoding="utf-8") for page in PAGES if page.parent.name == "docs")
    assert [name for name in command_group.commands if f"tesuki {name}" not in told] == []


def test_the_japanese_readme_names_commands_there_are() -> None:
    page = (ROOT / "README.ja.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `tesuki ([a-z]+)", page, re.MULTILINE)
    assert listed
    assert set(listed) <= set(command_group.commands)


def test_targets_of_make_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        commands = re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        named = re.findall(r"^make ([a-z-]+)", "\n".join(commands), re.MULTILINE)
        assert {*named, *re.findall(r"`make ([a-z-]+)", text)} <= targets, page


def test_commands_work_when_pasted(sample_copy: Path, command: Callable[..., list[str]], tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(sample_copy)
    lines = [line for block in blocks("bash") for line in block.splitlines() if ".venv/bin/tesuki" in line]
    assert len(lines) == 5
    for line in lines:
        pasted = line.replace(".venv/bin/tesuki", shlex.join(command()))
        run = subprocess.run(
            pasted,
            shell=True,
            cwd=tmp_path,
            env=dict(os.environ),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert run.returncode == 0, f"{line}\n{run.stderr}"
        assert run.stdout, line


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_the_picture_is_of_the_sample_as_it_is(name: str, sample: Path) -> None:
    """Where this fails, `make pictures` photographs the report anew; what is said of it is mended by hand."""
    said = re.search(r"!\[([^\]]+)\]\(docs/images/report\.png\)", (ROOT / name).read_text(encoding="utf-8"))
    assert said
    balance = read_manifest(sample).balance
    assert [int(figure) for figure in re.findall(r"\d+", said[1])] == [balance.read, balance.fates["kept"]]


def test_the_snippet_opens_a_shard(sample: Path) -> None:
    (snippet,) = blocks("python")
    names: dict[str, object] = {}
    exec(snippet.replace("out/shards", f"{sample}/shards"), names)
    assert "input_ids" in names["shard"].column_names  # type: ignore[attr-defined]
