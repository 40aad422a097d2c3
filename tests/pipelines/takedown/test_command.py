"""The command `tesuki takedown`, and the list it takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tesuki.pipelines.corpus.take_downs import NamedList
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.takedown.request import check_growth, with_list


def test_takes_down_and_verifies(sample_copy: Path, tmp_path: Path, tesuki: Callable[..., Any]) -> None:
    listed = tmp_path / "take-down.txt"
    listed.write_text("https://hikuyama.example/course/kagami\n")
    run = tesuki("takedown", sample_copy, "--list", listed)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[0] == "withheld: documents 1, pages that had left for other reasons 1"
    assert run.stdout.splitlines()[-1] == "record: takedowns/1.json"
    assert "hikuyama" not in run.stdout + run.stderr
    assert tesuki("verify", sample_copy).returncode == 0


@pytest.mark.slow
def test_documents_without_tokens(tmp_path: Path, tesuki: Callable[..., Any], article: Callable[..., Any]) -> None:
    texts = {name: "\n".join(article(name)) for name in ("kept", "gone")}
    addresses = {"https://a.example/1": "kept", "https://b.example/1": "gone", "https://c.example/1": "gone"}
    rows = [{"text": texts[name], "url": url} for url, name in addresses.items()]
    (tmp_path / "some.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    (tmp_path / "take-down.txt").write_text("b.example\n")
    out = tmp_path / "out"
    assert tesuki("dedup", "--input", tmp_path / "some.jsonl", "--output", out).returncode == 0
    run = tesuki("takedown", out, "--list", tmp_path / "take-down.txt")
    assert run.returncode == 0, run.stderr
    # Of the two that are alike, the one with the first address was kept; the other does not come back in its place.
    assert run.stdout.splitlines()[0] == "withheld: documents 1, pages that had left for other reasons 0"
    assert tesuki("verify", out).returncode == 0
    kept = [row["url"] for path in (out / "documents").rglob("*.parquet") for row in pq.read_table(path).to_pylist()]
    assert kept == ["https://a.example/1"]


def test_a_list_that_is_none(sample_copy: Path, tmp_path: Path, tesuki: Callable[..., Any]) -> None:
    listed = tmp_path / "take-down.txt"
    listed.write_text("# ours\nhoshimi.example\nplease remove me\n")
    run = tesuki("takedown", sample_copy, "--list", listed)
    assert run.returncode == 2
    assert f"{listed}: line 3: found 'please remove me', expected an address" in run.stderr
    assert not (sample_copy / "takedowns").exists()


def test_a_folder_that_is_no_corpus(tmp_path: Path, tesuki: Callable[..., Any]) -> None:
    listed = tmp_path / "take-down.txt"
    listed.write_text("hoshimi.example\n")
    run = tesuki("takedown", tmp_path, "--list", listed)
    assert run.returncode == 2
    assert "no finished corpus here" in run.stderr


def test_a_corpus_that_lacks_a_file(sample_copy: Path, tmp_path: Path, tesuki: Callable[..., Any]) -> None:
    listed = tmp_path / "take-down.txt"
    listed.write_text("hoshimi.example\n")
    min((sample_copy / "shards").rglob("*.arrow")).unlink()
    run = tesuki("takedown", sample_copy, "--list", listed)
    assert run.returncode == 2
    assert "files of the corpus are missing or cut" in run.stderr


def named(content: bytes) -> NamedList:
    """A list of that content, as a corpus knows it."""
    return NamedList(name="old.txt", sha256=sha256(content).hexdigest())


def request_with(content: bytes) -> dict[str, Any]:
    """A request whose corpus was made with a list of that content."""
    record = {"list": "takedown", **named(content).model_dump()}
    return {"recipe": {"policy": {"take_down": "lists/old.txt"}}, "lists": [record]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"", b"a.example\n"),
        (b"a.example", b"a.example\nb.example\n"),
        (b"a.example\n", b"a.example\nb.example"),
        (b"a.example\r\n", b"a.example\r\nb.example\r\n"),
        (b"# none yet\n\n", b"# none yet\n\nb.example\n"),
    ],
)
def test_a_list_grows(old: bytes, new: bytes, tmp_path: Path) -> None:
    path = tmp_path / "new.txt"
    path.write_bytes(new)
    check_growth(path, named(old))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"a.example\n", b"b.example\na.example\n"),
        (b"a.example\nb.example\n", b"a.example\n"),
        # The line itself must not grow: a.example and a.example.org are two hosts.
        (b"a.example", b"a.example.org\n"),
    ],
)
def test_a_list_does_not_grow(old: bytes, new: bytes, tmp_path: Path) -> None:
    path = tmp_path / "new.txt"
    path.write_bytes(new)
    with pytest.raises(RequestError, match=rf"new\.txt: .*old\.txt \(sha256 {sha256(old).hexdigest()}\)"):
        check_growth(path, named(old))


@pytest.mark.parametrize(("name", "expected"), [("old.txt", "lists/old.txt"), ("new.txt", "new.txt")])
def test_the_recipe_names_the_list(name: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"a.example\n")
    asked = with_list(request_with(b""), path)
    assert asked["recipe"]["policy"]["take_down"] == expected
    assert asked["lists"] == [
        {"list": "takedown", "name": name, "sha256": sha256(b"a.example\n").hexdigest()},
    ]


def test_the_list_stands_where_a_run_puts_it(tmp_path: Path) -> None:
    kinds = ("words", "hosts", "policy", "deny", "allow", "host files", "band index")
    path = tmp_path / "take-down.txt"
    path.write_bytes(b"")
    request = {"recipe": {"policy": {"take_down": None}}, "lists": [{"list": kind} for kind in kinds]}
    asked = [record["list"] for record in with_list(request, path)["lists"]]
    assert asked == ["words", "hosts", "policy", "takedown", "deny", "allow", "host files", "band index"]
