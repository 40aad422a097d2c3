"""One corpus on every engine that can be had, held to the bytes of one process: ``make cluster-check``.

    python tests/cluster_check.py [--folder .cluster] [ENGINE]…

Fetches what is not there yet (job servers for Flink and Spark from their Maven modules, Prism from Go's module proxy),
starts it on this machine's loopback, builds the sample corpus with each engine, compares manifests, and prints a table.
An engine that cannot be had or started is told as such, and the exit code is 1 then, as it is for a manifest that
differs.

Workers are started by the JVMs themselves (`tesuki-worker`), or by a pool of ours where the engine is in Go.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

BEAM_MODULES = "2.62.0"
"""The newest release whose runner modules the package mirrors at hand had; Tesuki's own Beam is 2.77."""

PRISM = "v2.77.0"

START_SECONDS = 180

MODULES = {
    "flink": (("org.apache.beam", "beam-runners-flink-1.19", BEAM_MODULES),),
    "spark": (
        ("org.apache.beam", "beam-runners-spark-3", BEAM_MODULES),
        ("org.apache.spark", "spark-core_2.12", "3.5.5"),
        ("org.apache.spark", "spark-streaming_2.12", "3.5.5"),
    ),
}
"""What each job server is made of; what these need comes with them."""

LOGGING = ("org.slf4j", "slf4j-simple", "1.7.30")

DRIVERS = {
    "flink": ("org.apache.beam.runners.flink.FlinkJobServerDriver", "--flink-master=[local]"),
    "spark": ("org.apache.beam.runners.spark.SparkJobServerDriver", "--spark-master-url=local[2]"),
}
"""The main class of each job server, and how it runs the engine within itself."""

OPENED = tuple(
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in (
        *("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util"),
        *("java.util.concurrent", "java.util.concurrent.atomic", "sun.nio.ch", "sun.nio.cs", "sun.security.action"),
    )
)
"""What both engines reach into, and Java 17 keeps closed."""


@dataclass(frozen=True, slots=True)
class Engine:
    """How a corpus is built on one engine: its versions, and Beam's options once it is started."""

    versions: str
    started: Callable[[Path], Iterator[tuple[str, ...]]]


def in_memory(_: Path) -> Iterator[tuple[str, ...]]:
    """One process."""
    yield ("--direct_running_mode=in_memory",)


def workers(_: Path) -> Iterator[tuple[str, ...]]:
    """Two worker processes of this machine."""
    yield "--direct_running_mode=multi_processing", "--direct_num_workers=2"


def job_server(engine: str) -> Callable[[Path], Iterator[tuple[str, ...]]]:
    """The job server of an engine that runs within it, with workers that it starts itself."""

    def started(folder: Path) -> Iterator[tuple[str, ...]]:
        lib = fetched(engine, folder)
        port = free_port()
        main, master = DRIVERS[engine]
        command = ["java", "-Xmx2g", *OPENED, "-cp", f"{lib}/*", main, master, f"--job-port={port}"]
        command += ["--artifact-port=0", "--expansion-port=0"]
        with process(command, folder / f"{engine}.log", port):
            worker = json.dumps({"command": str(BIN / "tesuki-worker")})
            yield (
                *("--runner=PortableRunner", f"--job_endpoint=localhost:{port}", "--parallelism=2"),
                *("--environment_type=PROCESS", f"--environment_config={worker}"),
            )

    return started


def prism(folder: Path) -> Iterator[tuple[str, ...]]:
    """Beam's engine in Go, on one machine, with a pool of ours."""
    program = folder / "bin" / "prism"
    if not program.exists():
        environment = {**os.environ, "GOBIN": str(program.parent)}
        call(["go", "install", f"github.com/apache/beam/sdks/v2/go/cmd/prism@{PRISM}"], environment)
    port, pool = free_port(), free_port()
    serve = [sys.executable, "-m", "tesuki.pipelines.engine.pool", f"--port={pool}"]
    command = [str(program), f"--job_port={port}", "--serve_http=false"]
    with process(serve, folder / "pool.log", pool), process(command, folder / "prism.log", port):
        yield (
            *("--runner=PortableRunner", f"--job_endpoint=localhost:{port}"),
            *("--environment_type=EXTERNAL", f"--environment_config=localhost:{pool}"),
        )


ENGINES = {
    "in_memory": Engine("one process", in_memory),
    "workers": Engine("2 processes", workers),
    "flink": Engine(f"Flink 1.19.0, runner {BEAM_MODULES}", job_server("flink")),
    "spark": Engine(f"Spark 3.5.5, runner {BEAM_MODULES}", job_server("spark")),
    "prism": Engine(f"Prism {PRISM}", prism),
}


def main(words: Sequence[str] | None = None) -> int:
    """Build, compare, tell; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, default=ROOT / ".cluster", help="where what is fetched stays")
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=", ".join(ENGINES))
    given = parser.parse_args(words)
    given.folder.mkdir(parents=True, exist_ok=True)
    chosen = given.engines or list(ENGINES)
    if unknown := sorted(set(chosen) - set(ENGINES)):
        parser.error(f"{', '.join(unknown)}: expected {', '.join(ENGINES)}")
    first, failed = "", False
    with tempfile.TemporaryDirectory(prefix="cluster-check-") as scratch:
        recipe = sample(Path(scratch))
        print(f"{'engine':<10} {'versions':<32} {'seconds':>8} {'manifest':<14} result", flush=True)
        for name in ["in_memory", *(name for name in chosen if name != "in_memory")]:
            manifest, seconds, complaint = built(name, recipe, Path(scratch, name), given.folder.absolute())
            first = first or manifest
            result = complaint or ("the same manifest" if manifest == first else "ANOTHER MANIFEST")
            failed |= manifest != first or not manifest
            print(f"{name:<10} {ENGINES[name].versions:<32} {seconds:8.0f} {manifest[:12]:<14} {result}", flush=True)
    return int(failed)


def sample(folder: Path) -> Path:
    """The sample's recipe, beside its archives."""
    samples = folder / "samples"
    shutil.copytree(ROOT / "samples", samples, ignore=shutil.ignore_patterns("archives"))
    call([sys.executable, str(ROOT / "samples" / "make_warc.py"), str(samples / "archives")])
    return samples / "recipe.yaml"


def built(name: str, recipe: Path, output: Path, folder: Path) -> tuple[str, float, str]:
    """The hash of the manifest that an engine gives, how long it took, and what went wrong, if anything did."""
    start = time.monotonic()
    try:
        with contextmanager(ENGINES[name].started)(folder) as options:
            start = time.monotonic()
            command = [str(BIN / "tesuki"), "corpus", str(recipe), "--output", str(output), "--quiet", *options]
            run = subprocess.run(command, capture_output=True, text=True, check=False)
    except (OSError, RuntimeError, subprocess.CalledProcessError) as failure:
        return "", time.monotonic() - start, f"not started: {failure}"
    seconds = time.monotonic() - start
    if run.returncode:
        return "", seconds, f"exit code {run.returncode}: {(run.stderr.strip().splitlines() or ['silent'])[-1]}"
    return hashlib.sha256((output / "manifest.json").read_bytes()).hexdigest(), seconds, ""


def fetched(engine: str, folder: Path) -> Path:
    """The folder of an engine's jars, fetched by Maven where it is not there."""
    place = folder / engine
    if not (place / "whole").exists():
        place.mkdir(parents=True, exist_ok=True)
        wanted = (*MODULES[engine], LOGGING)
        listed = "".join(
            f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version>"
            "</dependency>"
            for group, name, version in wanted
        )
        (place / "pom.xml").write_text(
            '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
            f"<groupId>local</groupId><artifactId>{engine}</artifactId><version>1</version>"
            f"<dependencies>{listed}</dependencies></project>"
        )
        copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib"]
        call(["mvn", "-q", "-B", "-f", str(place / "pom.xml"), *copy])
        (place / "whole").touch()
    return place / "lib"


@contextmanager
def process(command: Sequence[str], log: Path, port: int) -> Iterator[None]:
    """A process that listens on ``port``, ended with all it started when the block ends."""
    with ExitStack() as opened:
        sink = opened.enter_context(log.open("wb"))
        environment = {**os.environ, "PYTHONSAFEPATH": "1"}
        running = subprocess.Popen(command, stdout=sink, stderr=sink, env=environment, start_new_session=True)
        try:
            _wait_for(port, running, log)
            yield
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)


def _wait_for(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if running.poll() is not None:
            raise RuntimeError(f"it ended with {running.returncode}; see {log}")
        with socket.socket() as client:
            if client.connect_ex(("localhost", port)) == 0:
                return
        time.sleep(0.3)
    raise RuntimeError(f"nothing listens after {START_SECONDS} s; see {log}")


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def call(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    """Run a command to its end; what it says goes to our error output."""
    subprocess.run(command, check=True, stdout=sys.stderr, env=environment)


if __name__ == "__main__":
    sys.exit(main())
