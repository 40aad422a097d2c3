"""What an engine starts where it starts workers itself: Beam's environment ``PROCESS``.

    --environment_type=PROCESS --environment_config='{"command": "/shared/tesuki/.venv/bin/tesuki-worker"}'

Several JVMs on one host each start and end their own; a pool, which knows workers by names that every JVM gives anew,
cannot serve two of them.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import grpc
from apache_beam.portability.api import beam_provision_api_pb2, beam_provision_api_pb2_grpc

from tesuki.pipelines.engine.worker import main as work
from tesuki.pipelines.engine.worker import serve_engine


def control_service(address: str, worker_id: str) -> str:
    """Where a worker is to connect, as the engine's provision service at ``address`` says."""
    with grpc.insecure_channel(address) as channel:
        # The service tells workers apart by this header, as every service of the engine does.
        told = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel).GetProvisionInfo(
            beam_provision_api_pb2.GetProvisionInfoRequest(), metadata=[("worker_id", worker_id)]
        )
    url: str = told.info.control_endpoint.url
    return url


def main(words: Sequence[str] | None = None) -> None:
    """Read what the engine says, and work for it until it ends."""
    parser = argparse.ArgumentParser(prog="tesuki-worker", description=__doc__.split("\n")[0])
    parser.add_argument("--id", required=True)
    parser.add_argument("--provision_endpoint", required=True)
    given, _ = parser.parse_known_args(words)
    os.environ["PYTHONSAFEPATH"] = "1"
    driver = os.getppid()
    # A JVM starts workers by threads that come and go.
    work(
        driver, lambda: serve_engine(control_service(given.provision_endpoint, given.id), given.id), of_one_thread=False
    )
    sys.stdout.flush()
    # Beam's threads would keep the interpreter from ending.
    os._exit(0)
