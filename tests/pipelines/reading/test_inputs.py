"""Inputs: found by glob, known by content, told apart by name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.reading import inputs as inputs_module
from tesuki.pipelines.reading.inputs import check_unchanged, find_files, identify_inputs, remember_inputs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("one/a.warc.gz", "one/b.warc.gz", "two/c.warc.gz", "two/deep/d.warc.gz"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path


def test_globs_in_any_order_name_each_file_once(folder: Path) -> None:
    patterns = ["one/*.gz", "two/**/*.gz", "one/a.warc.gz", str(folder / "one" / "b*")]
    found = find_files(patterns, folder, "--input")
    assert [path.name for path in found] == ["a.warc.gz", "b.warc.gz", "c.warc.gz", "d.warc.gz"]
    assert find_files(reversed(patterns), folder, "--input") == found


def test_a_link_and_its_file_are_one_input(folder: Path) -> None:
    (folder / "one" / "0-link.warc.gz").symlink_to(folder / "one" / "a.warc.gz")
    assert [path.name for path in find_files(["one/*.gz"], folder, "--input")] == ["a.warc.gz", "b.warc.gz"]


def test_a_link_keeps_its_name_and_two_are_one(folder: Path) -> None:
    for name in ("z.jsonl.gz", "feed.jsonl.gz"):
        (folder / name).symlink_to(folder / "one" / "a.warc.gz")
    (found,) = find_files(["*.jsonl.gz"], folder, "--input")
    assert found == folder / "feed.jsonl.gz"
    (entry,) = identify_inputs({"web": (found,)}, folder / "known.json")
    assert entry.archive == "feed.jsonl.gz"


def test_folders_and_files_may_be_called_like_globs(folder: Path) -> None:
    odd = folder / "a[1]*"
    odd.mkdir()
    (odd / "b[2].warc").write_bytes(b"x")
    for pattern in ("*.warc", "b[2].warc", str(odd / "b[2].warc")):
        assert find_files([pattern], odd, "--input") == (odd / "b[2].warc",)


def test_the_output_of_a_run_is_no_input_of_it(folder: Path) -> None:
    found = find_files(["**/*.gz"], folder, "--input", folder / "two" / "deep")
    assert [path.name for path in found] == ["a.warc.gz", "b.warc.gz", "c.warc.gz"]
    (folder / "link").symlink_to(folder / "two")
    with pytest.raises(RequestError, match="names only files of the output folder"):
        find_files(["two/deep/*"], folder, "--input", folder / "link" / "deep")


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("one", r"'one' is a folder; name the files in it, as 'one/\*.warc.gz'"),
        ("two/", r"as 'two/\*.warc.gz'"),
        ("s3://commoncrawl/x.warc.gz", "is an address; only files on this machine are read"),
        ("https://data.example/x.warc.gz", "is an address; only files on this machine are read"),
    ],
)
def test_a_likely_mistake_is_named(folder: Path, pattern: str, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        find_files([pattern], folder, "--input")


def test_a_file_that_changes_while_it_is_hashed_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    growing = folder / "one" / "a.warc.gz"

    def sha256_of(path: Path) -> str:
        path.write_bytes(b"more and more")
        return "hash"

    monkeypatch.setattr(inputs_module, "sha256_of", sha256_of)
    with pytest.raises(RequestError, match="changed while it was read"):
        identify_inputs({"web": (growing,)}, folder / "known.json")


def test_a_file_that_changes_after_it_was_hashed_ends_the_run(folder: Path) -> None:
    inputs = identify_inputs({"web": find_files(["one/*"], folder, "--input")}, folder / "known.json")
    check_unchanged(inputs)
    (folder / "one" / "a.warc.gz").write_bytes(b"another file")
    with pytest.raises(WorkError, match=r"a\.warc\.gz: changed during the run"):
        check_unchanged(inputs)
    (folder / "one" / "a.warc.gz").unlink()
    with pytest.raises(WorkError, match=r"a\.warc\.gz: cannot be read any more"):
        check_unchanged(inputs)


@pytest.mark.parametrize("pattern", ["three/*.gz", "one/[", ""])
def test_a_glob_that_names_no_file_is_named(folder: Path, pattern: str) -> None:
    with pytest.raises(RequestError, match=r"--input: '.*' names no file \(looked from"):
        find_files(["one/*.gz", pattern], folder, "--input")


def test_an_input_is_known_by_content_wherever_it_lies(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.warc.gz").write_bytes((folder / "one" / "a.warc.gz").read_bytes())
    here = identify_inputs({"web": (folder / "one" / "a.warc.gz",)}, folder / "known.json")
    there = identify_inputs({"web": (elsewhere / "a.warc.gz",)}, elsewhere / "known.json")
    assert [entry.identity() for entry in here] == [entry.identity() for entry in there]


def test_a_file_is_hashed_once_until_it_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []

    def sha256_of(path: Path) -> str:
        hashed.append(path.name)
        return f"hash of {path.read_bytes()!r}"

    monkeypatch.setattr(inputs_module, "sha256_of", sha256_of)
    files = {"web": find_files(["one/*"], folder, "--input")}
    first = identify_inputs(files, folder / "known.json")
    remember_inputs(first, folder / "known.json")
    assert identify_inputs(files, folder / "known.json") == first
    assert sorted(hashed) == ["a.warc.gz", "b.warc.gz"]
    (folder / "one" / "a.warc.gz").write_bytes(b"a newer crawl")
    changed = identify_inputs(files, folder / "known.json")
    assert sorted(hashed) == ["a.warc.gz", "a.warc.gz", "b.warc.gz"]
    assert changed[0] != first[0]
    assert changed[1] == first[1]


def test_two_files_of_one_name_in_a_subset_are_refused(folder: Path) -> None:
    (folder / "two" / "a.warc.gz").write_bytes(b"another")
    files = {"web": find_files(["*/a.warc.gz"], folder, "--input")}
    with pytest.raises(RequestError, match=r"subsets.web.inputs: two files are called a.warc.gz .*Rename one"):
        identify_inputs(files, folder / "known.json")


def test_a_name_that_cannot_be_written_is_refused(folder: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/\xff.warc"))
    odd.touch()
    with pytest.raises(RequestError, match=r"/\?\.warc': a name that is not UTF-8"):
        identify_inputs({"web": find_files(["*.warc"], folder, "--input")}, folder / "known.json")


def test_the_same_name_in_two_subsets_is_no_clash(folder: Path) -> None:
    (folder / "two" / "a.warc.gz").write_bytes(b"another")
    files = {name: (folder / name / "a.warc.gz",) for name in ("one", "two")}
    assert [entry.subset for entry in identify_inputs(files, folder / "known.json")] == ["one", "two"]


def test_a_memory_that_is_damaged_is_no_obstacle(folder: Path) -> None:
    files = {"web": find_files(["one/*"], folder, "--input")}
    first = identify_inputs(files, folder / "known.json")
    for damage in (b"{half", b"[]", json.dumps({str(first[0].path): "x"}).encode()):
        (folder / "known.json").write_bytes(damage)
        assert identify_inputs(files, folder / "known.json") == first


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser reads every file")
def test_an_archive_that_cannot_be_read_is_named(folder: Path) -> None:
    secret = folder / "one" / "a.warc.gz"
    secret.chmod(0)
    with pytest.raises(RequestError, match=f"{secret}: cannot be read"):
        identify_inputs({"web": (secret,)}, folder / "known.json")
