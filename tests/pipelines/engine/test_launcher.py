"""The launcher's two safeguards, and how it chooses an engine."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
import psutil
import pytest
from apache_beam.runners.portability.fn_api_runner import worker_handlers
from apache_beam.runners.worker import data_plane

from tesuki.pipelines.engine import launcher
from tesuki.pipelines.engine.launcher import check_options, local_options, run
from tesuki.pipelines.errors import RequestError

TWO_WORKERS = ("--direct_running_mode=multi_processing", "--direct_num_workers=2")


def test_the_local_data_stream_is_told_to_use_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The constant is Beam's own and private: this fails when a release of Beam no longer reads it."""
    assert hasattr(worker_handlers, "DATA_BUFFER_TIME_LIMIT_MS")
    monkeypatch.setattr(worker_handlers, "DATA_BUFFER_TIME_LIMIT_MS", 1_000)
    limits: list[int] = []
    make = data_plane.BeamFnDataServicer.__init__

    def watched(servicer: object, limit: int = 1_000) -> None:
        limits.append(limit)
        make(servicer, limit)

    monkeypatch.setattr(data_plane.BeamFnDataServicer, "__init__", watched)
    run(lambda pipeline: pipeline | beam.Create([1]) | beam.Map(abs), [*TWO_WORKERS[:1], "--direct_num_workers=1"])
    assert worker_handlers.DATA_BUFFER_TIME_LIMIT_MS == 0
    assert limits
    assert set(limits) == {0}


DYING = """
import os, signal, sys
import apache_beam as beam
from tesuki.pipelines.engine import launcher, vigil

ENDS = {
    "stop": lambda _: os.kill(os.getpid(), signal.SIGSTOP),
    "loop in C": lambda _: pow(3, 10 ** 9),
    "exit": lambda _: os._exit(3),
    "kill": lambda _: os.kill(os.getpid(), signal.SIGKILL),
    "raise": lambda _: 1 / 0,
}

def end(how, number):
    if number == 2:
        ENDS[how](number)
    return number

def main(how):
    if how == "loop in C":
        vigil.STUCK_SECONDS = 6.0
    if how == "never starts":
        launcher.sys.executable = "/bin/false"
        how = "kill"
    launcher.run(
        lambda pipeline: pipeline | beam.Create(range(4)) | beam.Reshuffle() | beam.Map(lambda n: end(how, n)),
        ["--direct_running_mode=multi_processing", "--direct_num_workers=2"],
    )
"""


def processes_of(session: int) -> list[psutil.Process]:
    """Living processes that a started program left behind, itself aside."""
    found = []
    for process in psutil.process_iter(["pid", "status"]):
        try:
            if os.getsid(process.pid) == session and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def gone(session: int) -> bool:
    """Whether within some seconds no process of the session is left."""
    deadline = time.monotonic() + 15
    while processes_of(session) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not processes_of(session)


HEAVY = pytest.mark.slow


@pytest.mark.parametrize(
    "how", ["kill", "never starts", *(pytest.param(how, marks=HEAVY) for how in ("exit", "raise", "stop", "loop in C"))]
)
def test_a_worker_that_is_lost_ends_the_run(tmp_path: Path, how: str) -> None:
    """As shipped, Beam's driver waits for it for ever: the time limit of the process call is the test."""
    (tmp_path / "dying.py").write_text(textwrap.dedent(DYING))
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    program = subprocess.Popen(
        [sys.executable, "-c", f"import dying; dying.main({how!r})"],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    out, err = program.communicate(timeout=60)
    assert out == ""
    assert gone(program.pid)
    if how == "raise":
        assert program.returncode == 1
        assert "ZeroDivisionError" in err
    elif how in ("stop", "loop in C"):
        assert program.returncode == 1
        assert ("has been stopped (SIGSTOP)" if how == "stop" else "is stuck") in err
        assert "run the same command again" in err
    else:
        assert program.returncode == 1
        assert "tesuki: a worker process died (Worker subprocess exited with return code" in err
        assert "run the same command again" in err


@pytest.mark.parametrize(
    ("given", "megabytes", "chosen"),
    [
        ([], 1, ["--direct_running_mode=in_memory"]),
        ([], 100, ["--direct_running_mode=multi_processing", "--direct_num_workers=8"]),
        (["--direct_num_workers=3"], 1, ["--direct_num_workers=3", "--direct_running_mode=multi_processing"]),
        (["--direct_running_mode=in_memory"], 100, ["--direct_running_mode=in_memory"]),
        (["--runner=FlinkRunner"], 100, ["--runner=FlinkRunner"]),
    ],
)
def test_the_local_engine_follows_the_size_of_the_input(
    monkeypatch: pytest.MonkeyPatch, given: Sequence[str], megabytes: int, chosen: Sequence[str]
) -> None:
    monkeypatch.setattr(launcher, "_cores", lambda: 8)
    monkeypatch.setattr(launcher, "_memory_bytes", lambda: 64 << 30)
    assert local_options(given, megabytes << 20) == chosen


@pytest.mark.parametrize(
    ("cores", "gigabytes", "workers"),
    [(16, 8, "--direct_num_workers=5"), (2, 8, "--direct_num_workers=2"), (1, 8, None), (16, 2, None)],
)
def test_no_more_workers_than_cores_and_memory_carry(
    monkeypatch: pytest.MonkeyPatch, cores: int, gigabytes: int, workers: str | None
) -> None:
    """By hand: 8 GB hold five workers of 1.5 GB; one worker is no better than none."""
    monkeypatch.setattr(launcher, "_cores", lambda: cores)
    monkeypatch.setattr(launcher, "_memory_bytes", lambda: gigabytes << 30)
    chosen = local_options([], 1 << 30)
    assert chosen == (
        ["--direct_running_mode=multi_processing", workers] if workers else ["--direct_running_mode=in_memory"]
    )


class CountOut(beam.DoFn):
    """Counts the elements that arrive, a file a bundle. Its side input needs them all first: they cross a border."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def start_bundle(self) -> None:
        self._count = 0

    def process(self, element: bytes, all_of_them: int) -> None:
        self._count += 1

    def finish_bundle(self) -> None:
        (self._folder / f"{os.getpid()}-{time.monotonic_ns()}").write_text(str(self._count))


@pytest.mark.slow
def test_no_record_is_lost_where_gigabytes_cross_a_stage_border(tmp_path: Path) -> None:
    """With Beam's timer left at 1,000 ms this loses records on most runs: 1.2 GB without a GroupByKey."""

    def build(pipeline: beam.Pipeline) -> None:
        swollen = (
            pipeline
            | beam.Create(range(300))
            | beam.Reshuffle()
            | "swell" >> beam.FlatMap(lambda n: (n.to_bytes(4_000, "big") for _ in range(1_000)))
        )
        number = swollen | beam.combiners.Count.Globally()
        _ = swollen | beam.ParDo(CountOut(tmp_path), beam.pvalue.AsSingleton(number))

    run(build, TWO_WORKERS)
    assert sum(int(path.read_text()) for path in tmp_path.iterdir()) == 300_000


def test_a_glob_that_a_shell_has_spread_is_told_from_an_option_nobody_knows(tmp_path: Path) -> None:
    archive = tmp_path / "b.warc.gz"
    archive.touch()
    with pytest.raises(RequestError, match="quote globs so that they reach Tesuki whole"):
        check_options([str(archive)])
    with pytest.raises(RequestError, match="--qqqqzz: no option of Tesuki or Beam; see"):
        check_options(["--qqqqzz=1"])
