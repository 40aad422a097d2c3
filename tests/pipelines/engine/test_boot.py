"""The worker that an engine starts itself asks where to connect, under the name it was given."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from apache_beam.portability.api import beam_provision_api_pb2, beam_provision_api_pb2_grpc

from tesuki.pipelines.engine.boot import control_service


class Provision(beam_provision_api_pb2_grpc.ProvisionServiceServicer):
    def GetProvisionInfo(self, request: Any, context: Any) -> Any:  # noqa: N802  (gRPC's name)
        worker = dict(context.invocation_metadata())["worker_id"]
        answer = beam_provision_api_pb2.GetProvisionInfoResponse()
        answer.info.control_endpoint.url = f"control-of-{worker}:1"
        return answer


@pytest.fixture
def address() -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(1))
    beam_provision_api_pb2_grpc.add_ProvisionServiceServicer_to_server(Provision(), server)
    port = server.add_insecure_port("localhost:0")
    server.start()
    yield f"localhost:{port}"
    server.stop(0)


def test_the_engine_says_where_to_connect(address: str) -> None:
    assert control_service(address, "2-1") == "control-of-2-1:1"
