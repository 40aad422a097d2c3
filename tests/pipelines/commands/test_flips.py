"""One byte that changes anywhere in a finished corpus is noticed, with a message and never a traceback."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.takedown.take_down import take_down

SEED = 20261121


@pytest.fixture(scope="module")
def whole(
    sample_folder: Path, model: Path, build: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A corpus with every kind of file there is: a band index, records of take-downs, parts."""
    folder = tmp_path_factory.mktemp("flips")
    for beside in sample_folder.iterdir():
        (folder / beside.name).symlink_to(beside)
    recipe = yaml.safe_load((sample_folder / "recipe.yaml").read_text(encoding="utf-8"))
    recipe["deduplication"]["write_index"] = True
    recipe["tokenizer"] = {"path": str(model)}
    recipe["shards"]["tokens"] = 20_000
    (folder / "with-index.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False))
    build(folder / "with-index.yaml", folder / "out")
    listed = folder / "take-down.txt"
    for line in ("https://hikuyama.example/course/kagami\n", "hoshimi.example\n"):
        listed.write_text((listed.read_text() if listed.exists() else "") + line)
        assert list(take_down(folder / "out", listed))
    assert list(verify_corpus(folder / "out", parts=True))
    return folder / "out"


def flipped(path: Path, position: int, bits: int) -> bytes:
    """Change one byte of a file; gives what it held."""
    content = path.read_bytes()
    path.write_bytes(content[:position] + bytes([content[position] ^ bits]) + content[position + 1 :])
    return content


def flips(files: list[Path], number: int) -> list[tuple[Path, int, int]]:
    """Byte flips, half of them uniform over files, half over bytes."""
    draw = random.Random(SEED)
    files = [path for path in files if path.stat().st_size]
    sizes = [path.stat().st_size for path in files]
    chosen = draw.choices(files, k=number // 2) + draw.choices(files, weights=sizes, k=number - number // 2)
    return [(path, draw.randrange(path.stat().st_size), draw.randrange(1, 256)) for path in chosen]


def files_of(corpus: Path) -> list[Path]:
    """All files but those of ``parts/`` that no run uses again: what a run is about to do, what runs took, the manifest
    that was replaced, measures kept for `tesuki try`, and the copy of a tokenizer that was given.
    """
    files = [path for path in sorted(corpus.rglob("*")) if path.is_file()]
    passing = {"measures", "plan", "tokenizer", "under-way.json", "work", "run.json", "former-manifest.json"}
    return [path for path in files if not (in_parts(path, corpus) and passing & set(path.relative_to(corpus).parts))]


def in_parts(path: Path, corpus: Path) -> bool:
    return path.relative_to(corpus).parts[0] == "parts"


def unnoticed(corpus: Path, changes: list[tuple[Path, int, int]], *, parts: bool) -> list[str]:
    missed = []
    for path, position, bits in changes:
        content = flipped(path, position, bits)
        try:
            list(verify_corpus(corpus, parts=parts))
            said = ""
        except (WorkError, RequestError) as failure:
            said = str(failure)
        finally:
            path.write_bytes(content)
        if not said or not said.isprintable():  # one line, fit for a terminal
            missed.append(f"{path.relative_to(corpus)} at {position} by {bits}: {said!r}")
    return missed


def test_a_byte_of_each_kind_of_file(whole: Path, tmp_path: Path) -> None:
    corpus = Path(shutil.copytree(whole, tmp_path / "corpus"))
    kinds: dict[tuple[str, ...], Path] = {}
    for path in sorted(corpus.rglob("*")):
        if path.is_file() and path.stat().st_size and not in_parts(path, corpus):
            kinds.setdefault((*path.relative_to(corpus).parts[:-1][:2], path.suffix), path)
    changes = [change for path in kinds.values() for change in flips([path], 1)]
    assert {path.relative_to(corpus).parts[0] for path, _, _ in changes} >= {
        *("manifest.json", "report.html", "takedowns", "band-index", "tokenizer", "documents", "ledger", "shards")
    }
    assert not unnoticed(corpus, changes, parts=False)


def test_any_byte_of_the_manifest_the_report_and_the_records(whole: Path, tmp_path: Path) -> None:
    corpus = Path(shutil.copytree(whole, tmp_path / "corpus"))
    told = [corpus / "manifest.json", corpus / "report.html", *(corpus / "takedowns").iterdir()]
    assert not unnoticed(corpus, flips(told, 12), parts=False)


def test_a_byte_of_parts(whole: Path, tmp_path: Path) -> None:
    corpus = Path(shutil.copytree(whole, tmp_path / "corpus"))
    parts = [path for path in files_of(corpus) if in_parts(path, corpus)]
    assert not unnoticed(corpus, flips(parts, 6), parts=True)


@pytest.mark.slow
def test_500_bytes_anywhere(whole: Path, tmp_path: Path) -> None:
    corpus = Path(shutil.copytree(whole, tmp_path / "corpus"))
    changes = flips(files_of(corpus), 500)
    outside = [change for change in changes if not in_parts(change[0], corpus)]
    inside = [change for change in changes if in_parts(change[0], corpus)]
    assert not unnoticed(corpus, outside, parts=False)
    assert not unnoticed(corpus, inside, parts=True)


@pytest.mark.parametrize("content", ['{"format":1}', '{"format":2}', '{"format":2,"digest":"0"}', "[" * 5_000])
def test_a_manifest_that_is_none_gives_a_message_to_every_command(
    content: str, tmp_path: Path, sample_copy: Path
) -> None:
    from tesuki.pipelines.commands.why import story_of
    from tesuki.pipelines.corpus.report.page import rewrite_report

    (sample_copy / "manifest.json").write_text(content)
    (tmp_path / "list.txt").write_text("a.example\n")
    for command in (
        lambda: list(verify_corpus(sample_copy)),
        lambda: rewrite_report(sample_copy),
        lambda: list(story_of(sample_copy, "https://a.example/")),
        lambda: list(take_down(sample_copy, tmp_path / "list.txt")),
    ):
        with pytest.raises(RequestError, match=r"manifest\.json: ") as refused:
            command()
        assert str(refused.value).isprintable()
