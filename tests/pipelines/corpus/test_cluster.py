"""The way to a cluster: pipelines pickled, sent through a job service, and run by workers that nobody here started.

The worker pool stands for the workers of a cluster: processes with the same installation and the same disk, but with
another working folder, to which everything must come through Beam. What they make has to be what one process makes.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest

HashesOf = Callable[[Path], dict[str, str]]

START_SECONDS = 60


class Command(Protocol):
    """Runs ``tesuki`` with some words in a process of its own."""

    def __call__(
        self, *words: object, cwd: Path | None = None, environment: Mapping[str, str] = {}
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """Beam's options that lead to a pool of workers, which stands in a folder of its own."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    pool = subprocess.Popen(
        [sys.executable, "-m", "tesuki.pipelines.engine.pool", f"--port={port}"],
        cwd=tmp_path_factory.mktemp("somewhere-else"),
        env={**os.environ, "PYTHONSAFEPATH": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, pool)
        yield "--environment_type=EXTERNAL", f"--environment_config=localhost:{port}"
    finally:
        pool.terminate()
        pool.wait(30)


@pytest.mark.slow
def test_workers_behind_a_job_service_make_the_same_bytes(
    tesuki: Command, sample_recipe: Path, sample: Path, workers: tuple[str, ...], hashes_of: HashesOf, tmp_path: Path
) -> None:
    service = ("--runner=PortableRunner", "--job_endpoint=embed")
    run = tesuki("corpus", sample_recipe, "--output", "corpus", *service, *workers, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert hashes_of(tmp_path / "corpus") == hashes_of(sample)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="Flink needs a java on the path")
@pytest.mark.skipif(
    not Path(os.environ.get("TESUKI_FLINK_JAR", "")).is_file(),
    reason="TESUKI_FLINK_JAR names no file: expected Beam's job server for Flink (docs/cluster.md says where it is)",
)
def test_flink_makes_the_same_bytes(
    tesuki: Command, sample_recipe: Path, sample: Path, workers: tuple[str, ...], hashes_of: HashesOf, tmp_path: Path
) -> None:
    engine = (
        "--runner=FlinkRunner",
        "--flink_master=[local]",
        f"--flink_job_server_jar={os.environ['TESUKI_FLINK_JAR']}",
        "--job_server_jvm_properties=-Xmx2g",
        "--parallelism=2",
    )
    run = tesuki(
        "corpus",
        sample_recipe,
        "--output",
        "corpus",
        *engine,
        *workers,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stderr
    assert hashes_of(tmp_path / "corpus") == hashes_of(sample)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"the worker pool ended with {process.returncode}"
        with socket.socket() as client:
            if client.connect_ex(("localhost", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail(f"no worker pool on port {port} after {START_SECONDS} s")
