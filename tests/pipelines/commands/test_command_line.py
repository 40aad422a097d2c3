"""The command itself: what it says of wrong words, how it shows progress, how it ends when it is told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from tesuki.pipelines.commands.progress import Pace, finished_so_far
from tesuki.pipelines.corpus.run_record import read_run
from tesuki.pipelines.corpus.under_way import STEPS, Onlooker, Progress, announced_in


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, recipe_with: Any, archive_of: Any, web_page: Any) -> Path:
    folder = tmp_path_factory.mktemp("small")
    for name in "ab":
        archive_of(
            folder / f"{name}.warc.gz", [web_page(f"https://{name}{n}.example/", f"{name}{n}") for n in range(3)]
        )
    made: Path = recipe_with(folder / "recipe.yaml")
    return made


def test_version(tesuki: Any) -> None:
    run = tesuki("--version")
    assert (run.returncode, run.stdout) == (0, f"tesuki, version {metadata.version('tesuki')}\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["corups"], "no such command: corups; did you mean corpus?"),
        (["corpus", "r.yaml", "--outptu", "o"], "no such option: --outptu; did you mean --output?"),
        (["mend", "--sytle=x"], "--style"),
        (["corpus", "{recipe}", "--output", "o", "--runer=FlinkRunner"], "did you mean --runner?"),
        (["corpus", "{recipe}", "--output", "o", "--quite"], "did you mean --quiet?"),
        (["corpus", "{recipe}", "--output", "o", "{recipe}"], "quote globs"),
    ],
)
def test_wrong_words_are_answered_by_what_was_meant(
    tesuki: Any, small: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    run = tesuki(*(word.format(recipe=small) for word in words), cwd=tmp_path)
    assert run.returncode == 2
    (line,) = run.stderr.splitlines()
    assert said in line


def test_a_wrong_recipe_is_answered_before_beam_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("ruels: none\n", encoding="utf-8")
    code = (
        "import sys\nfrom tesuki.pipelines.commands.cli import main\n"
        "sys.argv = ['tesuki', 'corpus', 'r.yaml', '--output', 'o']\n"
        "try: main()\nfinally: print([name for name in ('apache_beam', 'pyarrow', 'numpy') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert (run.returncode, "apache_beam" in run.stdout) == (2, False)
    assert "ruels" in run.stderr


def test_escape_sequences_in_arguments_and_addresses_are_spelled_out(tesuki: Any, sample: Path, tmp_path: Path) -> None:
    run = tesuki("why", sample, "https://\x1b]0;owned\x07.example/")
    assert run.returncode != 0
    assert "\x1b" not in run.stdout + run.stderr
    run = tesuki("corpus", "no\x1b[31m.yaml", "--output", tmp_path / "o")
    assert r"no\x1b[31m.yaml" in run.stderr


@pytest.mark.slow
def test_events_for_machines_a_name_in_brackets_and_silence(
    tesuki: Any, small: Path, tmp_path: Path, hashes_of: Any
) -> None:
    events = tesuki("corpus", small, "--output", tmp_path / "o[bold]", "--json")
    assert events.returncode == 0, events.stderr
    said = [json.loads(line) for line in events.stdout.splitlines()]
    assert [event["event"] for event in said if event["event"] != "progress"] == ["line"] * 4 + ["finished"]
    assert said[-1]["balance"]["fates"]["kept"] == 6
    plain = tesuki("corpus", small, "--output", tmp_path / "o[bold]")
    assert "o[bold] holds the corpus" in plain.stdout
    silent = tesuki("corpus", small, "--output", tmp_path / "quiet", "--quiet")
    assert (silent.returncode, silent.stdout, silent.stderr) == (0, "", "")
    assert hashes_of(tmp_path / "quiet") == hashes_of(tmp_path / "o[bold]")


def test_progress_is_what_lies_on_disk(small: Path, tmp_path: Path, build: Any, manifest_at: Any) -> None:
    """At every step a run passes, and at its end, against the manifest."""
    output = tmp_path / "out"
    build(small, output)
    announced = announced_in(output / "parts")
    assert announced is not None
    assert sum(map(announced.parts.bytes_of, range(len(announced.parts)))) == sum(
        path.stat().st_size for path in small.parent.glob("*.warc.gz")
    )
    now = Onlooker(output / "parts", announced).look()
    assert (now.parts, now.pages, now.passing, now.bytes_done) == (2, 6, 6, now.bytes)
    assert {"read", "extract", "measure"} < now.seconds.keys()
    assert now.slowest is not None
    seals = sorted((output / "parts" / "pages" / "seals").iterdir())
    seals[0].unlink()
    (output / "parts" / "judged" / "seals" / f"{announced.parts[0].judged}.json").unlink()
    now = Onlooker(output / "parts", announced).look()
    assert (now.step, now.done, now.pages) == (STEPS[0], 1, 3)
    assert "3 records are read, 1 of 2 parts are finished (read and judge)" in finished_so_far(output / "parts")


@pytest.mark.slow
def test_what_documents_cost_stays_known_where_they_stay(small: Path, tmp_path: Path, build: Any) -> None:
    output = tmp_path / "out"
    build(small, output)
    before = read_run(output / "parts")
    recipe = yaml.safe_load(small.read_text(encoding="utf-8"))
    recipe["shards"] = {"tokens": 777}
    small.with_name("other.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    build(small.with_name("other.yaml"), output)
    after = read_run(output / "parts")
    assert before is not None
    assert after is not None
    assert before.work == after.work
    assert {"extract", "documents"} <= before.seconds.keys()
    assert set(after.seconds) == {"tokens and shards"}


def test_time_left_is_what_is_left_at_the_pace_so_far() -> None:
    """By hand: 30 of 90 MB in 60 seconds leave 120."""
    now = Progress(
        STEPS[0], parts=9, reused=0, done=3, bytes=90, bytes_done=30, pages=600, passing=5, fates={"dead": 2}
    )
    now = replace(now, seconds={"read": 1.0, "extract": 3.0})
    pace = Pace(now, seconds=60.0, pages=600, bytes=30, parts=3, memory=1_500_000_000)
    assert pace.seconds_left == 120.0
    assert "3 of 9 parts" in pace.line()
    assert "10 pages/s" in pace.line()
    assert "dead 2" in pace.line()
    assert "slowest extract 75% · 1.5 GB · about 2 min left" in pace.line()
    assert json.dumps(pace.record())


@pytest.mark.slow
def test_a_corpus_of_nothing_is_no_success(tesuki: Any, recipe_with: Any, tmp_path: Path) -> None:
    (tmp_path / "web.warc.gz").write_bytes(b"hello")
    recipe = recipe_with(tmp_path / "recipe.yaml")
    for _ in range(2):
        run = tesuki("corpus", recipe, "--output", tmp_path / "out")
        assert run.returncode == 1
        assert "nothing usable was read" in run.stderr.splitlines()[-1]


ALONE = ("--direct_running_mode=in_memory",)
WORKERS = ("--direct_running_mode=multi_processing", "--direct_num_workers=2")


@pytest.mark.parametrize(
    ("number", "code", "mode"),
    [
        (signal.SIGINT, 130, ALONE),
        (signal.SIGTERM, 143, ALONE),
        pytest.param(signal.SIGHUP, 129, ALONE, marks=pytest.mark.slow),
        (signal.SIGINT, 130, WORKERS),
    ],
)
def test_told_to_stop_it_stops_in_one_line(
    small: Path,
    tmp_path: Path,
    command: Callable[..., list[str]],
    number: signal.Signals,
    code: int,
    mode: tuple[str, ...],
) -> None:
    """As a terminal does it: the signal goes to every process of the group."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    program = subprocess.Popen(
        command("corpus", small, "--output", tmp_path / "out", *mode),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "out" / "parts" / "under-way.json").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.5)
    if number is signal.SIGINT:
        os.killpg(program.pid, number)
    else:
        program.send_signal(number)
    _, err = program.communicate(timeout=30)
    assert program.returncode == code
    (line,) = err.splitlines()
    assert line.startswith(f"tesuki: stopped by {'Ctrl-C' if number is signal.SIGINT else number.name}. ")
    assert "run the same command again" in line
    assert not list(temporary.iterdir())
    assert not (tmp_path / "out" / "parts" / "scratch").exists()
    deadline = time.monotonic() + 10
    while session_of(program.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not session_of(program.pid)


def session_of(leader: int) -> list[str]:
    """Processes of a session that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(stat.parent.name)
    return found
