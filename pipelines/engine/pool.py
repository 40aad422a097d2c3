"""A pool of Beam workers for engines that start none themselves: one a host, beside each TaskManager.

    python -m tesuki.pipelines.engine.pool --port 50000

Beam's own pool listens on every interface; this one on loopback alone, unless it is told otherwise. **It runs what it
is sent**: whoever can connect to it can run any program as its user, without a password. Its workers are ours: silent,
gone when the pool is gone, and ended when they are stopped or stuck, which the engine sees as a lost worker.
"""

from __future__ import annotations

import argparse
import os
import queue
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import grpc
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
from apache_beam.utils import thread_pool_executor

from tesuki.pipelines.engine.ending import StoppedError, stoppable
from tesuki.pipelines.engine.vigil import PAUSE, kill, watch
from tesuki.pipelines.errors import WorkError

LOOPBACK = "localhost"

PINGS = (("grpc.http2.max_pings_without_data", 0), ("grpc.http2.max_ping_strikes", 0))
"""Beam's clients keep connections alive by pings; as Beam's own pool has it, they may be many."""


class Pool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    """Starts and stops workers as an engine asks. All are started by the thread that calls `work`: the kernel ends a
    worker together with the thread that started it.
    """

    def __init__(self) -> None:
        self._asked: queue.Queue[tuple[Any, Future[None]]] = queue.Queue()
        self._workers: dict[str, subprocess.Popen[bytes]] = {}

    def StartWorker(self, request: Any, context: Any) -> Any:  # noqa: N802  (gRPC's name)
        """Answer when the worker is started."""
        done: Future[None] = Future()
        self._asked.put((request, done))
        error = done.exception()
        return beam_fn_api_pb2.StartWorkerResponse(error=str(error) if error else "")

    def StopWorker(self, request: Any, context: Any) -> Any:  # noqa: N802
        """End the worker, if it has not ended by itself."""
        worker = self._workers.pop(request.worker_id, None)
        if worker:
            worker.kill()
            worker.wait()
        return beam_fn_api_pb2.StopWorkerResponse()

    def work(self) -> None:
        """Start what is asked for, for ever."""
        while True:
            self._workers = {name: worker for name, worker in self._workers.items() if worker.poll() is None}
            try:
                request, done = self._asked.get(timeout=PAUSE)
            except queue.Empty:
                continue
            try:
                self._workers[request.worker_id] = subprocess.Popen(worker_command(request))
            except OSError as failure:
                done.set_exception(failure)
            else:
                done.set_result(None)

    def processes(self) -> list[int]:
        """The workers there are."""
        return [worker.pid for worker in list(self._workers.values())]


def worker_command(request: Any) -> list[str]:
    """The words that start the worker which an engine asks for."""
    module = "tesuki.pipelines.engine.worker"
    return [sys.executable, "-m", module, str(os.getpid()), request.control_endpoint.url, request.worker_id]


def serve(host: str, port: int) -> None:
    """Listen on ``host`` and ``port`` until a signal ends the process. Raises `WorkError` where that cannot be."""
    pool = Pool()
    server = grpc.server(thread_pool_executor.shared_unbounded_instance(), options=PINGS)
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    try:
        server.add_insecure_port(f"{host}:{port}")
    except RuntimeError:
        raise WorkError(f"cannot listen on {host}:{port}: is another pool there already?") from None
    with tempfile.TemporaryDirectory(prefix="tesuki-pool-") as folder:
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        watch(pool.processes, Path(folder), _end)
        server.start()
        reach = "this machine" if host == LOOPBACK else "WHOEVER CAN REACH IT"
        print(f"Workers at {host}:{port}. It runs what it is sent, by {reach}; Ctrl-C closes it.", flush=True)
        try:
            pool.work()
        finally:
            for process in pool.processes():
                kill(process)
            server.stop(0)


def _end(worker: int, why: str) -> None:
    print(f"worker {worker} {why} and is ended", file=sys.stderr, flush=True)
    kill(worker)


def main(words: Sequence[str] | None = None) -> int:
    """Read the options and serve; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tesuki.pipelines.engine.pool", description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=50_000)
    parser.add_argument("--host", default=LOOPBACK, help="where to listen; anything but loopback needs a firewall")
    given = parser.parse_args(words)
    # The workers' interpreter must find the standard library's tokenize wherever the pool stands.
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        with stoppable(lambda: "The workers are ended."):
            serve(given.host, given.port)
    except StoppedError as stopped:
        return 0 if stopped.code == 128 + signal.SIGINT else stopped.code
    except WorkError as failure:
        print(f"tesuki: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.stdout.flush()
    code = main()
    # Beam's threads would keep the interpreter from ending.
    os._exit(code)
