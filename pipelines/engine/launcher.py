"""Starting a Beam pipeline here or on a cluster.

Locally we instantiate Beam's `FnApiRunner` ourselves: the name ``DirectRunner`` would choose an engine by network
reach. Two safeguards, both measured on Beam 2.77:

- ``DATA_BUFFER_TIME_LIMIT_MS`` is set to 0. As shipped (1,000 ms) a timer thread flushes the local data stream while
  the writer appends to it without a lock, and records are lost silently.
- a worker that dies, is stopped or stuck ends the run. As shipped the driver waits for it for ever.
"""

from __future__ import annotations

import io
import os
import shlex
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apache_beam as beam
import grpc
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, PortableOptions
from apache_beam.runners.portability import local_job_service
from apache_beam.runners.portability.fn_api_runner import FnApiRunner, worker_handlers
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from tesuki.pipelines.engine.ending import descendants, end_now
from tesuki.pipelines.engine.failures import GO_ON, as_work_error
from tesuki.pipelines.engine.vigil import watch
from tesuki.pipelines.errors import RequestError, did_you_mean

SMALL_INPUT_BYTES = 16 << 20
"""Below this, one process is done before worker processes have started (1-2 s each)."""

BYTES_PER_WORKER = 1_500 << 20
"""Memory to have for each worker process, extraction child included."""

LONG_SECONDS = 365 * 86_400
"""How long a pipeline may take by Beam's client, which gives up after five minutes where a job service is not Java."""


def run(build: Callable[[beam.Pipeline], None], options: Sequence[str]) -> None:
    """Build a pipeline with ``build`` and run it to its end with Beam's own ``options``.

    Raises `RequestError` for an engine that must not be used and `WorkError` when the pipeline fails.
    """
    check_options(options)
    worker_handlers.DATA_BUFFER_TIME_LIMIT_MS = 0
    threading.excepthook = _end_when_a_worker_is_lost
    parsed = PipelineOptions(list(options), save_main_session=False)
    if not any(option.startswith("--job_server_timeout") for option in options):
        parsed.view_as(PortableOptions).job_server_timeout = LONG_SECONDS
    engine = _engine(parsed)
    done = watch(_workers, Path(tempfile.gettempdir()), _end_without)
    try:
        with beam.Pipeline(runner=engine, options=parsed) as pipeline:
            build(pipeline)
    except Exception as failure:
        raise as_work_error(failure) from failure
    finally:
        done.set()


def _workers() -> list[int]:
    """The worker processes of this driver, which it started itself."""
    return [process for process in descendants(os.getpid()) if _is_worker(process)]


def _is_worker(process: int) -> bool:
    try:
        return WORKER.encode() in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


WORKER = "tesuki.pipelines.engine.worker"


def _engine(options: PipelineOptions) -> FnApiRunner | None:
    """The local engine, or None where the options name another one for Beam to find."""
    if options.get_all_options().get("runner"):
        return None
    direct = options.view_as(DirectOptions)
    if direct.direct_running_mode != "multi_processing":
        return FnApiRunner()
    # Beam would start its worker module itself, which prints some twenty lines for each; ours is that, silent.
    direct.direct_running_mode = "in_memory"
    for module in (worker_handlers, local_job_service):
        module.grpc = SimpleNamespace(**{**vars(grpc), "server": _loopback_server})
    # Beam starts it by a shell; `exec` makes it the driver's own child, which it watches. Ctrl-C goes to all processes
    # of a terminal: from its first moment the worker leaves it to the driver.
    command = f"trap '' INT; exec {shlex.quote(sys.executable)} -m {WORKER} {os.getpid()}"
    return FnApiRunner(default_environment=SubprocessSDKEnvironment.from_command_string(command))


def _loopback_server(*arguments: Any, **named: Any) -> Any:
    """A gRPC server that means this machine where Beam means every interface: its ports ask for no password."""
    server = grpc.server(*arguments, **named)
    listen = server.add_insecure_port
    server.add_insecure_port = lambda address: listen(address.replace("[::]", "localhost"))
    return server


def check_options(options: Sequence[str]) -> None:
    """Raise `RequestError` for options Beam does not take, and for engines known to lose records or to fetch software.

    With a cluster's engine, which may know more options than Beam's own, unknown ones pass.
    """
    known, unknown = _parsed(options)
    engine = str(known["runner"] or "")
    if reason := FORBIDDEN_ENGINES.get(engine.rpartition(".")[2].lower()):
        raise RequestError(f"--runner={engine}: {reason}")
    if known["direct_running_mode"] == "multi_threading":
        raise RequestError(
            "--direct_running_mode=multi_threading: loses records in Beam 2.77; use in_memory or multi_processing"
        )
    if unknown and not engine:
        raise RequestError(f"{unknown[0]}: no option of Tesuki or Beam{_meant(unknown[0], known)}")


OWN_OPTIONS = ("--output", "--input", "--start-from", "--json", "--quiet")
"""Options of `tesuki corpus` itself, which reach Beam only misspelt."""


def _meant(word: str, known: Mapping[str, Any]) -> str:
    """What to do about a word that is no option: a file's name stands there where a shell has spread a glob."""
    if not word.startswith("-") and Path(word).exists():
        return "; quote globs so that they reach Tesuki whole: --input 'crawl/*.warc.gz'"
    meant = did_you_mean(word, [*OWN_OPTIONS, *(f"--{name}" for name in known)])
    return f"{meant}; see `tesuki corpus --help`"


def _parsed(options: Sequence[str]) -> tuple[Mapping[str, Any], list[str]]:
    """Beam's options by name, and the words it knows nothing of. Raises `RequestError` for a value it does not take."""
    complaint = io.StringIO()
    try:
        with redirect_stderr(complaint):
            parsed = PipelineOptions(list(options))
            known, all_given = parsed.get_all_options(), parsed.get_all_options(retain_unknown_options=True)
    except SystemExit:
        raise RequestError(complaint.getvalue().strip().rpartition("error: argument ")[2]) from None
    strays = [
        word
        for before, word in pairwise(("", *options))
        if not word.startswith("-") and (not before.startswith("-") or "=" in before)
    ]
    return known, [*(f"--{name}" for name in sorted(all_given.keys() - known.keys())), *strays]


FORBIDDEN_ENGINES = {
    **dict.fromkeys(
        ("directrunner", "switchingdirectrunner"),
        "chooses an engine by network reach; leave --runner out to run on this machine",
    ),
    "bundlebaseddirectrunner": "needs three times the memory; leave --runner out to run on this machine",
    "prismrunner": "downloads its engine; leave --runner out to run on this machine",
    "daskrunner": "drops tagged outputs; use --runner=FlinkRunner for a cluster",
}
"""Beam's engines we refuse, by name in lower case: why, and what to do instead."""


def local_options(options: Sequence[str], input_bytes: int) -> list[str]:
    """``options`` with the local running mode chosen by size where the user chose none.

    Small inputs run in this process; larger ones in min(cores, memory / 1.5 GB) worker processes.
    """
    given = " ".join(options)
    if "--runner" in given or "--direct_running_mode" in given:
        return list(options)
    workers = min(_cores(), max(1, _memory_bytes() // BYTES_PER_WORKER))
    if "--direct_num_workers" not in given and (input_bytes < SMALL_INPUT_BYTES or workers < 2):
        return [*options, "--direct_running_mode=in_memory"]
    chosen = [*options, "--direct_running_mode=multi_processing"]
    return chosen if "--direct_num_workers" in given else [*chosen, f"--direct_num_workers={workers}"]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory_bytes() -> int:
    pages: int = os.sysconf("SC_PHYS_PAGES")
    return pages * int(os.sysconf("SC_PAGE_SIZE"))


def _end_when_a_worker_is_lost(failure: threading.ExceptHookArgs) -> None:
    """What becomes of an exception in a thread of Beam's: two say that a worker is gone, and nobody listens to them."""
    if "Worker subprocess exited" in str(failure.exc_value):
        end_now(1, _lost(f"a worker process died ({failure.exc_value})"))
    if failure.thread is not None and failure.thread.name.startswith("beam_control_read"):
        # Where the worker is our own child, the other thread knows more and is about to say so.
        time.sleep(1)
        end_now(1, _lost("the connection to a worker broke"))
    if isinstance(failure.exc_value, grpc.RpcError):
        return  # the worker's other connections break with it
    threading.__excepthook__(failure)


def _end_without(worker: int, why: str) -> None:
    end_now(1, _lost(f"worker process {worker} {why}"))


def _lost(what: str) -> str:
    return f"tesuki: {what}. The run stops. Give fewer workers (--direct_num_workers) if memory ran out. {GO_ON}"


def total_size(paths: Iterable[Path]) -> int:
    """Bytes on disk of ``paths`` together."""
    return sum(path.stat().st_size for path in paths)
