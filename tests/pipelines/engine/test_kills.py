"""Killed anywhere, by anything: nothing is left behind, nothing lies, and the next run reaches the same bytes.

Each series works in one folder: runs in modes drawn by its seed, each hit once by a blow drawn by its seed at a moment
drawn by its seed, then a run to the end. `make kill-check` runs them all: 220 blows.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

SERIES = 44
BLOWS = 5
"""Series of the full check, and blows in each."""

PATIENCE = 120.0
"""Seconds after which a run that should have ended counts as hanging, on the busiest machine."""

MODES: dict[str, tuple[str, ...]] = {
    "in_memory": ("--direct_running_mode=in_memory",),
    "workers": ("--direct_running_mode=multi_processing", "--direct_num_workers=2"),
    "job service": ("--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=EXTERNAL"),
}

MOMENTS = (
    ".tesuki-lock",
    "parts/inputs.json",
    "parts/under-way.json",
    "parts/scratch/*",
    "parts/pages/chunks/*",
    "parts/pages/seals/*",
    "parts/judged/seals/*",
    "parts/drops/*",
    "parts/drops/*/done",
    "parts/building/documents-*",
    "parts/building/documents-*/seals/*",
    "parts/building/tokens-*",
    "parts/building/shards-*/seals/*",
    "documents",
    "shards",
    "report.html",
)
"""What a run makes, in this order: a blow falls when one of these is seen, or a little later."""

WORKER = "tesuki.pipelines.engine.worker"
CHILD = "tesuki.pipelines.extraction.guard_child"

TOLD = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}
"""Signals that ask for an end, and the exit codes they are answered by."""


class Run:
    """A run of ``tesuki`` in a session and with a temporary folder of its own."""

    def __init__(self, words: list[str], folder: Path) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
            env={**os.environ, "TMPDIR": str(self.temporary)},
        )

    def await_sight(self, found: Callable[[], bool]) -> bool:
        """Whether ``found`` came true before the run ended."""
        while not found():
            if self.process.poll() is not None:
                return False
            time.sleep(0.002)
        return True

    def await_end(self) -> str:
        """What the run wrote to stderr. Fails where it hangs, or leaves a process or a temporary file behind."""
        _, err = self.process.communicate(timeout=PATIENCE)
        wait_until(lambda: not session(self.process.pid), "processes are left")
        assert not list(self.temporary.iterdir()), "temporary files are left"
        return err


def wait_until(true: Callable[[], bool], or_else: str) -> None:
    deadline = time.monotonic() + PATIENCE / 2
    while not true():
        assert time.monotonic() < deadline, or_else
        time.sleep(0.05)


def session(leader: int) -> list[psutil.Process]:
    """Living processes of a session."""
    found = []
    for process in psutil.process_iter(["pid", "status"]):
        with suppress(ProcessLookupError, psutil.Error):
            if os.getsid(process.pid) == leader and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def running(module: str, leaders: tuple[int, ...]) -> list[psutil.Process]:
    """Processes of some sessions that run a module."""
    found = []
    for leader in leaders:
        for process in session(leader):
            with suppress(psutil.Error):
                if module in process.cmdline():
                    found.append(process)
    return found


def strike(blow: str, run: Run, pool: int, draw: random.Random) -> bool:
    """Deal a blow; False where there was nobody to be hit."""
    leaders = (run.process.pid, pool)
    if blow == "SIGKILL group":
        os.killpg(run.process.pid, signal.SIGKILL)
    elif blow == "SIGKILL driver":
        run.process.kill()
    elif blow == "SIGINT":
        os.killpg(run.process.pid, signal.SIGINT)
    elif blow in TOLD:
        run.process.send_signal(signal.Signals[blow])
    else:
        kind, whom = blow.split()
        hit = running(WORKER if whom == "worker" else CHILD, leaders)
        if not hit:
            return False
        victim = draw.choice(hit)
        with suppress(psutil.NoSuchProcess):
            victim.send_signal(signal.Signals[kind])
            if blow == "SIGSTOP child":
                time.sleep(1)
                victim.send_signal(signal.SIGCONT)
    return True


ANYWHERE = ("SIGKILL group", "SIGKILL driver", *TOLD, "SIGKILL child", "SIGSTOP child")
WITH_WORKERS = (*ANYWHERE, "SIGKILL worker", "SIGKILL worker", "SIGSTOP worker")


def hit_once(words: list[str], folder: Path, output: Path, mode: str, pool: int, draw: random.Random) -> str | None:
    """One run and one blow; what it was, or None where the run was quicker."""
    blow = draw.choice(ANYWHERE if mode == "in_memory" else WITH_WORKERS)
    moment = draw.choice(MOMENTS)
    run = Run(words, folder)
    try:
        if not run.await_sight(lambda: next(output.glob(moment), None) is not None):
            run.await_end()
            return None
        time.sleep(draw.random() * draw.choice((0.0, 0.1, 1.0)))
        if run.process.poll() is not None or not strike(blow, run, pool, draw):
            run.await_end()
            return None
        err = run.await_end()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.process.pid, signal.SIGKILL)
    code = run.process.returncode
    label = f"{mode}: {blow} at {moment}: exit {code}"
    if blow in TOLD and code:
        assert code == TOLD[blow] or (code == -signal.Signals[blow] and not err), f"{label}\n{err}"
        assert len(err.splitlines()) <= 1, f"{label}\n{err}"
    elif blow.endswith("worker") and code:
        assert (code, len(err.splitlines())) == (1, 1), f"{label}\n{err}"
        assert "run the same command again" in err
    elif blow.endswith("child"):
        assert code == 0, f"{label}\n{err}"
    return label


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, recipe_with: Any, archive_of: Any, web_page: Any) -> Path:
    folder = tmp_path_factory.mktemp("small")
    for name in "abc":
        pages = [web_page(f"https://{name}{n}.example/", f"{name if n else ''}{n}") for n in range(5)]
        archive_of(folder / f"{name}.warc.gz", pages)
    made: Path = recipe_with(folder / "recipe.yaml")
    return made


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, small: Path, build: Any, hashes_of: Any) -> dict[str, str]:
    """The files of the corpus that nobody disturbed."""
    made: dict[str, str] = hashes_of(build(small, tmp_path_factory.mktemp("whole") / "out").output)
    return made


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """A pool of workers: its process, which leads a session, and its port."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = int(probe.getsockname()[1])
    with started_pool(port, tmp_path_factory.mktemp("pool")) as process:
        yield process.pid, port


@contextmanager
def started_pool(port: int, folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tesuki.pipelines.engine.pool", f"--port={port}"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(folder), "PYTHONSAFEPATH": "1"},
    )
    try:
        assert process.stdout
        assert "runs what it is sent" in process.stdout.readline()
        yield process
    finally:
        process.terminate()
        process.wait(30)
    assert not session(process.pid)
    assert not list(folder.iterdir())


def series(
    seed: int,
    blows: int,
    modes: tuple[str, ...],
    recipe: Path,
    folder: Path,
    command: Callable[..., list[str]],
    pool: tuple[int, int],
) -> list[str]:
    """A run again and again in one folder, hit ``blows`` times, and at last to its end."""
    draw = random.Random(seed)
    output = folder / "out"
    hits: list[str] = []
    for _ in range(blows * 6):
        if len(hits) == blows:
            break
        mode = draw.choice(modes)
        where = (f"--environment_config=localhost:{pool[1]}",) if mode == "job service" else ()
        words = command("corpus", recipe, "--output", output, *MODES[mode], *where)
        hit = hit_once(words, folder, output, mode, pool[0], draw)
        if pool[0]:
            wait_until(lambda: not running(WORKER, (pool[0],)), f"workers of the pool are left after {hit}")
        hits += [hit] if hit else []
        if (output / "manifest.json").exists():
            # Finished: the next blows fall on a corpus that is made anew, over the old one's files.
            (output / "manifest.json").unlink()
            (output / "parts" / draw.choice(("pages", "judged", "drops"))).rename(
                folder / f"gone-{time.monotonic_ns()}"
            )
    last = Run(command("corpus", recipe, "--output", output, *MODES["in_memory"]), folder)
    err = last.await_end()
    assert last.process.returncode == 0, (hits, err)
    return hits


@pytest.mark.slow
def test_a_handful_of_blows(
    tmp_path: Path, small: Path, whole: dict[str, str], command: Callable[..., list[str]], hashes_of: Any
) -> None:
    assert len(series(1, 2, ("in_memory", "workers"), small, tmp_path, command, (0, 0))) == 2
    assert hashes_of(tmp_path / "out") == whole


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", range(SERIES))
def test_killed_anywhere(
    tmp_path: Path,
    small: Path,
    whole: dict[str, str],
    command: Callable[..., list[str]],
    hashes_of: Any,
    pool: tuple[int, int],
    seed: int,
) -> None:
    hits = series(seed, BLOWS, tuple(MODES), small, tmp_path, command, pool)
    print("\n" + "\n".join(hits))
    assert len(hits) == BLOWS
    assert hashes_of(tmp_path / "out") == whole
