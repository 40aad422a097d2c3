"""A second run does nothing; a changed recipe redoes what the change touches; a killed run is finished by the next."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest
import yaml

from tesuki.pipelines.corpus import build as corpus_module
from tesuki.tokenize.training import train_sentencepiece

Hashes = Callable[[Path], dict[str, str]]
Identity = Callable[[Path], dict[str, tuple[int, int]]]


def changed(recipe: Path, name: str, **fields: Any) -> Path:
    """A recipe beside ``recipe`` with some fields replaced."""
    value = yaml.safe_load(recipe.read_text(encoding="utf-8")) | fields
    path = recipe.with_name(name)
    path.write_text(yaml.safe_dump(value), encoding="utf-8")
    return path


def below(identity: Mapping[str, tuple[int, int]], *folders: str) -> dict[str, tuple[int, int]]:
    return {name: state for name, state in identity.items() if name.startswith(folders)}


def test_a_second_run_does_nothing_but_say_so(
    sample_copy: Path, sample_recipe: Path, tesuki: Any, identity_of: Identity
) -> None:
    before = identity_of(sample_copy)
    run = tesuki("corpus", sample_recipe, "--output", sample_copy)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"Nothing to do: {sample_copy} holds the corpus of this recipe and these inputs.\n"
    assert identity_of(sample_copy) == before


def test_a_damaged_corpus_is_made_whole(
    sample_copy: Path, sample: Path, sample_recipe: Path, build: Any, hashes_of: Hashes
) -> None:
    next((sample_copy / "shards").rglob("*.arrow")).unlink()
    table = next((sample_copy / "documents").rglob("*.parquet"))
    table.write_bytes(table.read_bytes()[:-10])
    assert build(sample_recipe, sample_copy).built
    assert hashes_of(sample_copy) == hashes_of(sample)


def test_a_change_of_repeats_makes_new_shards_and_nothing_else(
    sample_copy: Path, sample: Path, sample_recipe: Path, build: Any, hashes_of: Hashes, identity_of: Identity
) -> None:
    before = identity_of(sample_copy)
    subsets = yaml.safe_load(sample_recipe.read_text(encoding="utf-8"))["subsets"]
    subsets["web"]["repeats"] = "7/3"
    other = build(changed(sample_recipe, "repeats.yaml", subsets=subsets), sample_copy).manifest
    assert {row["repeats"] for row in other["mixture"] if row["subset"] == "web"} == {"7/3", "1"}
    after = identity_of(sample_copy)
    untouched = ("documents/", "ledger/", "parts/pages/", "parts/judged/", "parts/drops/")
    assert below(after, *untouched) == below(before, *untouched)
    assert hashes_of(sample_copy)["manifest.json"] != hashes_of(sample)["manifest.json"]

    build(sample_recipe, sample_copy)
    assert below(identity_of(sample_copy), *untouched) == below(before, *untouched)
    assert hashes_of(sample_copy) == hashes_of(sample)


def test_a_change_of_rules_judges_again_and_extracts_nothing(
    sample_copy: Path, sample: Path, sample_recipe: Path, build: Any, hashes_of: Hashes, identity_of: Identity
) -> None:
    before = identity_of(sample_copy)
    other = build(changed(sample_recipe, "rules.yaml", rules="tesuki"), sample_copy).manifest
    tables = [name for name in below(before, "parts/pages/") if name.endswith(".parquet")]
    scrubbed = {name for name in tables if identity_of(sample_copy)[name] != before[name]}
    assert len(scrubbed) <= other["balance"]["fates"]["withheld"], "only a part with a withheld page is written again"
    assert len(scrubbed) < len(tables)
    assert other["balance"]["rules"] != build(sample_recipe, sample_copy).manifest["balance"]["rules"]
    assert hashes_of(sample_copy) == hashes_of(sample)


@contextmanager
def started(words: list[str]) -> Iterator[subprocess.Popen[str]]:
    program = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True
    )
    try:
        yield program
    finally:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.communicate()


def wait_for(found: Callable[[], Any], program: subprocess.Popen[str]) -> Any:
    """What ``found`` finds, as soon as it finds something; fails where the program ends first."""
    deadline = time.monotonic() + 120
    while not (value := found()):
        assert program.poll() is None, f"ended too early: {program.communicate()}"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return value


def no_process_left(session: int) -> bool:
    def living() -> list[int]:
        found = []
        for process in psutil.process_iter(["pid", "status"]):
            try:
                if os.getsid(process.pid) == session and process.info["status"] != psutil.STATUS_ZOMBIE:
                    found.append(process.pid)
            except (ProcessLookupError, psutil.NoSuchProcess):
                continue
        return found

    deadline = time.monotonic() + 15
    while living() and time.monotonic() < deadline:
        time.sleep(0.1)
    return not living()


@pytest.mark.slow
def test_a_run_killed_again_and_again_reaches_the_same_bytes(
    tmp_path: Path,
    sample: Path,
    sample_recipe: Path,
    command: Callable[..., list[str]],
    build: Any,
    hashes_of: Hashes,
    tesuki: Any,
) -> None:
    """Killed while it extracts, after it judged, and while it assembles; then a worker is killed; then it may end."""
    output = tmp_path / "out"
    workers = ("--direct_running_mode=multi_processing", "--direct_num_workers=2")
    for sight, options in (
        ("parts/pages/seals/*", workers),
        ("parts/judged/seals/*", ()),
        ("parts/building/documents-*/seals/*", ()),
    ):
        with started(command("corpus", sample_recipe, "--output", output, *options)) as program:
            wait_for(lambda sight=sight: next(output.glob(sight), None), program)
            program.send_signal(signal.SIGKILL)
            program.wait()
            assert no_process_left(program.pid)
        assert not (output / "manifest.json").exists(), "an unfinished run must not be taken for a finished one"
        assert tesuki("verify", output).returncode == 2

    shutil.rmtree(output / "parts" / "judged")
    with started(command("corpus", sample_recipe, "--output", output, *workers)) as program:

        def worker() -> psutil.Process | None:
            children = psutil.Process(program.pid).children(recursive=True)
            return next((child for child in children if "tesuki.pipelines.engine.worker" in child.cmdline()), None)

        wait_for(worker, program).send_signal(signal.SIGKILL)
        assert program.wait(timeout=60) == 1
        assert no_process_left(program.pid)
        assert "Worker subprocess exited" in program.communicate()[1]
    assert not (output / "manifest.json").exists()

    build(sample_recipe, output)
    assert hashes_of(output) == hashes_of(sample)
    leftovers = [path for path in output.rglob("*") if path.suffix == ".tmp" or path.name in {"chunks", "building"}]
    assert not leftovers


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, recipe_with: Any, archive_of: Any, web_page: Any) -> Path:
    """The recipe of a small corpus with every kind of thing to be moved: a duplicate, a withheld page, two subsets."""
    folder = tmp_path_factory.mktemp("small")
    noai = '<meta name="robots" content="noai">'
    archive_of(folder / "web.warc.gz", [web_page(f"https://w{n}.example/", n) for n in range(4)])
    archive_of(
        folder / "blog.warc.gz",
        [
            web_page("https://b1.example/", 10, head=noai),
            web_page("https://b2.example/", 11),
            web_page("https://b3.example/", 11),
        ],
    )
    (folder / "policy.yaml").write_text(
        "policy: ours\nunlicensed: {level: L2, reason: none}\nrows:\n"
        "  - {signal: list.takedown, level: LZ, reason: asked}\n"
        "  - {signal: robots.noai, level: LZ, reason: asked}\n",
        encoding="utf-8",
    )
    subsets = {name: {"inputs": f"{name}.warc.gz", "judge": False} for name in ("web", "blog")}
    return recipe_with(folder / "recipe.yaml", subsets=subsets, policy={"file": "policy.yaml"})


CHANGES = ("rename", "replace", "unlink", "rmdir")
"""What the operating system is asked for where files are put in their place."""


def killed_at(monkeypatch: pytest.MonkeyPatch, run: Callable[[], Any], number: int) -> bool:
    """Run, and end at the ``number``-th kind of change to the disk since the old manifest goes; whether it came to it.

    Changes of one kind in a row, in one folder, count once, as do those of a whole tree. Every later change fails too:
    nothing is cleaned up, as nothing is after a SIGKILL.
    """
    kinds: list[tuple[str, str]] = []
    armed = False
    discard = corpus_module.discard_manifest

    def arm(output: Path) -> None:
        nonlocal armed
        armed = True
        discard(output)

    def counted(name: str, change: Callable[..., Any]) -> Callable[..., Any]:
        def perform(path: Any, *arguments: Any, **named: Any) -> Any:
            if armed:
                kind = ("rmtree", "") if "dir_fd" in named else (name, str(Path(path).parent))
                if kinds[-1:] != [kind]:
                    kinds.append(kind)
                if len(kinds) > number:
                    raise Killed
            return change(path, *arguments, **named)

        return perform

    with monkeypatch.context() as patched:
        patched.setattr(corpus_module, "discard_manifest", arm)
        for name in CHANGES:
            patched.setattr(os, name, counted(name, getattr(os, name)))
        try:
            run()
        except Killed:
            return True
    return False


def test_a_change_of_policy_withholds_and_brings_back(
    tmp_path: Path, small: Path, build: Any, hashes_of: Hashes, rows_of: Any, identity_of: Identity
) -> None:
    """The sample's policy lets a page stand that the small corpus' own withholds."""
    permissive = changed(small, "permissive.yaml", policy={"file": "default"})
    fresh = hashes_of(build(permissive, tmp_path / "fresh").output)
    made = build(small, tmp_path / "out").manifest
    assert made["balance"]["fates"]["withheld"] == 1
    extracted = identity_of(tmp_path / "out" / "parts" / "pages")
    build(permissive, tmp_path / "out")
    assert "https://b1.example/" in {row["url"] for row in rows_of(tmp_path / "out", "documents")}
    assert hashes_of(tmp_path / "out") == fresh
    assert identity_of(tmp_path / "out" / "parts" / "pages") == extracted, "one page is read again, no part"


@pytest.mark.parametrize(
    ("parts", "moments"),
    [
        ("keep", range(1, 60, 15)),
        pytest.param("keep", range(60), marks=pytest.mark.slow),
        pytest.param("remove", range(60), marks=pytest.mark.slow),
    ],
)
def test_killed_anywhere_while_things_are_put_in_place(
    tmp_path: Path,
    small: Path,
    build: Any,
    hashes_of: Hashes,
    monkeypatch: pytest.MonkeyPatch,
    parts: str,
    moments: range,
) -> None:
    """Over a finished corpus of another recipe: each run gets a little further than the one before."""
    recipe = changed(small, f"{parts}.yaml", parts=parts)
    whole = hashes_of(build(recipe, tmp_path / "whole").output)
    output = tmp_path / "out"
    build(changed(small, "before.yaml", mend="none", hosts={"deny": ["w1.example"]}), output)
    before = hashes_of(output)
    for number in moments:
        if not killed_at(monkeypatch, lambda: build(recipe, output), number):
            break
        assert not (output / "manifest.json").exists() or hashes_of(output) in (before, whole)
    assert number > moments.start
    assert hashes_of(output) == whole
    assert (output / "parts").exists() == (parts == "keep")
    assert not [path for path in output.rglob("*") if path.suffix == ".tmp"]


def test_a_corpus_is_finished_before_its_parts_are_removed(small: Path, tmp_path: Path, build: Any) -> None:
    """Who asks for it later gets it as well, though there is nothing else to do."""
    build(small, tmp_path / "out")
    assert (tmp_path / "out" / "parts" / "pages").exists()
    assert not build(changed(small, "later.yaml", parts="remove"), tmp_path / "out").built
    assert not (tmp_path / "out" / "parts").exists()


@pytest.mark.slow
def test_a_model_of_the_same_name_with_other_words_makes_new_shards(
    tmp_path: Path, small: Path, sample: Path, build: Any, archive_of: Any, web_page: Any
) -> None:
    model = tmp_path / "tokenizer.model"
    shutil.copy(sample / "tokenizer" / "tokenizer.model", model)
    recipe = changed(small, "named.yaml", tokenizer={"path": str(model)})
    first = build(recipe, tmp_path / "out").manifest
    texts = (row for path in sorted((sample / "documents").rglob("*.parquet")) for row in pq.read_table(path)["text"])
    model.write_bytes(train_sentencepiece((text.as_py() for text in texts), vocabulary_size=1_900, seed=0))
    second = build(recipe, tmp_path / "out")
    assert second.built
    assert second.manifest["tokenizer"]["fingerprint"] != first["tokenizer"]["fingerprint"]
    assert second.manifest["stages"]["documents"] == first["stages"]["documents"]
