"""What a take-down leaves: nothing of what went, a record of hashes, and every other file as it was."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq
import pytest

from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.takedown import swap as takedown_swap
from tesuki.pipelines.takedown import take_down as takedown
from tesuki.pipelines.takedown.take_down import take_down

Rows = Callable[[Path, str], list[dict[str, Any]]]
Words = Callable[[Path], Mapping[str, str]]

MIRROR = "toriset-mirror.example"
"""A host that copied the manual of another; the sample keeps the original, which stands for both."""
ORIGINAL = "https://support.hinoki-denki.example/hk320/05.html"
COURSE = "https://hikuyama.example/course/kagami"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list that names a duplicate of a document, and a page that was captured twice."""
    path = tmp_path / "take-down.txt"
    path.write_text(f"{MIRROR}\n{COURSE}\n")
    return path


@pytest.mark.parametrize("lines", [(MIRROR, COURSE), (ORIGINAL, COURSE)], ids=["by a duplicate", "by the document"])
def test_nothing_of_the_pages_is_left(
    lines: tuple[str, ...], sample_copy: Path, listed: Path, rows_of: Rows, words_in: Words
) -> None:
    listed.write_text("\n".join(lines) + "\n")
    gone = {row["url"]: row for row in rows_of(sample_copy, "documents") if row["url"] in (ORIGINAL, COURSE)}
    said = {
        piece
        for row in gone.values()
        for piece in (row["title"], *(part for part in row["text"].splitlines() if len(part) > 20))
    }
    # A duplicate that no line names keeps its row in the ledger, with its address.
    addresses = {*gone, *(line for line in lines if line == MIRROR), urlsplit(ORIGINAL).path}
    before = words_in(sample_copy)
    for trace in (*said, *addresses):
        assert any(trace in words for words in before.values()), f"{trace} should be there to be removed"
    assert list(take_down(sample_copy, listed))
    for path, words in words_in(sample_copy).items():
        for trace in (*said, *addresses):
            assert trace not in words, f"{path} still has {trace}"


def test_remains_of_killed_runs_go_too(sample_copy: Path, listed: Path) -> None:
    remains = [
        sample_copy / "parts" / "building" / "documents-0" / "chunks" / "some" / "documents~web~L2~.000000.arrow",
        sample_copy / "parts" / "pages" / "chunks" / "some" / ".pages.parquet.000000.arrow",
        sample_copy / "parts" / "pages" / ".some.pages.parquet.1.2.tmp",
    ]
    for path in remains:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("本文")
    assert list(take_down(sample_copy, listed))
    assert not [path for path in remains if path.exists()]


def test_files_that_do_not_change_are_not_touched(
    sample_copy: Path, listed: Path, hashes_of: Callable[[Path], dict[str, str]], identity_of: Callable[[Path], Any]
) -> None:
    hashes, identity = hashes_of(sample_copy), identity_of(sample_copy)
    assert list(take_down(sample_copy, listed))
    after, identity_after = hashes_of(sample_copy), identity_of(sample_copy)
    same = [path for path in hashes if path in after and hashes[path] == after[path]]
    assert {path.split("/")[0] for path in same} >= {"documents", "ledger", "shards", "tokenizer"}
    assert {path: identity[path] for path in same} == {path: identity_after[path] for path in same}
    parts = [path for path in identity if path.startswith("parts/pages/") and identity[path] != identity_after[path]]
    assert 0 < len(parts) < sum(path.startswith("parts/pages/") for path in identity)


def test_record(sample_copy: Path, listed: Path, rows_of: Rows, hashes_of: Callable[[Path], dict[str, str]]) -> None:
    documents = rows_of(sample_copy, "documents")
    kept = {row["id"] for row in documents if row["url"] in (ORIGINAL, COURSE)}
    before = hashes_of(sample_copy)
    assert list(take_down(sample_copy, listed))
    after = hashes_of(sample_copy)
    content = (sample_copy / "takedowns" / "1.json").read_text(encoding="utf-8")
    record = json.loads(content)
    assert record["list"] == {"name": "take-down.txt", "sha256": hashlib.sha256(listed.read_bytes()).hexdigest()}
    assert record["manifest"] == {"before": before["manifest.json"], "after": after["manifest.json"]}
    assert record["previous"] is None
    assert {page["id"] for page in record["pages"] if page["was"] == "kept"} == kept
    assert sorted(page["was"] for page in record["pages"]) == ["duplicate", "duplicate", "kept", "kept"]
    withheld = {row["url_hash"] for row in rows_of(sample_copy, "ledger") if row["rule"] == "level.list.takedown"}
    assert {page["url_hash"] for page in record["pages"]} == withheld
    not_listed = ("manifest.json", "report.html", "takedowns/1.json")
    assert {file["path"]: (file["before"], file["after"]) for file in record["files"]} == {
        path: (before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path) and path not in not_listed
    }
    for row in documents:
        assert row["url"] not in content
        assert row["title"] not in content
    assert "://" not in content


def test_records_are_a_chain(sample_copy: Path, listed: Path) -> None:
    assert list(take_down(sample_copy, listed))
    first = (sample_copy / "takedowns" / "1.json").read_bytes()
    listed.write_text(listed.read_text() + "# some days later\nhoshimi.example\n")
    assert list(take_down(sample_copy, listed))[-1] == "record: takedowns/2.json"
    second = json.loads((sample_copy / "takedowns" / "2.json").read_bytes())
    assert second["previous"] == hashlib.sha256(first).hexdigest()
    assert second["manifest"]["before"] == json.loads(first)["manifest"]["after"]
    assert [page["was"] for page in second["pages"]] == ["kept"]


def test_the_same_list_again_does_nothing(sample_copy: Path, listed: Path, identity_of: Callable[[Path], Any]) -> None:
    assert list(take_down(sample_copy, listed))
    before = identity_of(sample_copy)
    assert list(take_down(sample_copy, listed)) == ["nothing to do: the corpus is made with the list take-down.txt"]
    assert identity_of(sample_copy) == before


def test_a_list_must_grow_at_its_end(sample_copy: Path, listed: Path, identity_of: Callable[[Path], Any]) -> None:
    assert list(take_down(sample_copy, listed))
    before = identity_of(sample_copy)
    listed.write_text(f"{COURSE}\nhoshimi.example\n")
    with pytest.raises(RequestError, match="which this list does not begin with; add new lines at the end"):
        list(take_down(sample_copy, listed))
    assert identity_of(sample_copy) == before


def test_without_parts(sample_copy: Path, listed: Path, hashes_of: Callable[[Path], dict[str, str]]) -> None:
    with_parts = Path(shutil.copytree(sample_copy, sample_copy.with_name("with-parts")))
    shutil.rmtree(sample_copy / "parts")
    outputs = (sample_copy, with_parts)
    for output in outputs:
        assert list(take_down(output, listed))
    assert not (sample_copy / "parts").exists()
    # The report shows measures of pages that left, too, where parts/ still has them.
    found = [{path: each for path, each in hashes_of(output).items() if path != "report.html"} for output in outputs]
    assert found[0] == found[1]


def test_a_tokenizer_that_was_learnt_stays(sample_copy: Path, listed: Path) -> None:
    before = json.loads((sample_copy / "manifest.json").read_bytes())
    said = list(take_down(sample_copy, listed))
    after = json.loads((sample_copy / "manifest.json").read_bytes())
    assert before["tokenizer"] == after["tokenizer"]
    assert after["tokenizer"]["trained"]
    assert any(line.startswith("tokenizer: kept, though it was learnt from what went") for line in said)
    assert list(verify_corpus(sample_copy))


STEPS = (
    (takedown, "reshard"),
    (takedown, "write_index"),
    (takedown, "commit"),
    (takedown_swap, "_remove_empty"),
    (takedown_swap, "remove_unfinished"),
    (takedown_swap, "scrub_documents"),
    (takedown_swap, "write_report"),
    (takedown_swap, "write_manifest"),
)
"""Where a run is killed: the first three before anything of the corpus is touched."""


@pytest.fixture
def everywhere(sample_copy: Path, listed: Path) -> Path:
    """A list by which files end, too: all documents of one table go."""
    path = min((sample_copy / "documents").glob("*/L3/*.parquet"))
    urls = pq.read_table(path)["url"].to_pylist()
    listed.write_text(listed.read_text() + "\n".join(urls) + "\n")
    return listed


@pytest.mark.parametrize("step", STEPS, ids=[name for _, name in STEPS])
def test_a_killed_run_is_made_up_for(
    step: tuple[Any, str],
    sample_copy: Path,
    everywhere: Path,
    hashes_of: Callable[[Path], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    undisturbed = Path(shutil.copytree(sample_copy, sample_copy.with_name("undisturbed")))
    assert list(take_down(undisturbed, everywhere))
    before = hashes_of(sample_copy)
    with monkeypatch.context() as patch:
        patch.setattr(*step, killed)
        with pytest.raises(KeyboardInterrupt):
            list(take_down(sample_copy, everywhere))
    if step in STEPS[:3]:
        whole = {path: sha256 for path, sha256 in hashes_of(sample_copy).items() if not path.startswith("takedowns/")}
        assert whole == before
        assert list(verify_corpus(sample_copy))
    else:
        with pytest.raises(RequestError, match=r"manifest\.json is missing"):
            list(verify_corpus(sample_copy))
    assert list(take_down(sample_copy, everywhere))
    assert hashes_of(sample_copy) == hashes_of(undisturbed)


@pytest.mark.parametrize("moved", [0, 1, 4])
def test_a_run_killed_among_the_files_is_made_up_for(
    moved: int,
    sample_copy: Path,
    everywhere: Path,
    hashes_of: Callable[[Path], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    undisturbed = Path(shutil.copytree(sample_copy, sample_copy.with_name("undisturbed")))
    assert list(take_down(undisturbed, everywhere))
    replace = Path.replace
    done: list[Path] = []

    def replace_some(path: Path, target: Path) -> Path:
        if "takedowns/unfinished/files" in str(path) and not path.name.endswith(".tmp"):
            if len(done) == moved:
                raise KeyboardInterrupt
            done.append(path)
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_some)
        with pytest.raises(KeyboardInterrupt):
            list(take_down(sample_copy, everywhere))
    said = list(take_down(sample_copy, everywhere))
    assert said[0] == "finished: the take-down of record takedowns/1.json"
    assert hashes_of(sample_copy) == hashes_of(undisturbed)


def killed(*_: object) -> None:
    """In place of a step."""
    raise KeyboardInterrupt
