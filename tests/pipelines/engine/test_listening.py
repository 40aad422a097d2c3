"""What this machine's engines listen on: loopback alone, for nobody is asked for a password."""

from __future__ import annotations

import ipaddress
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import apache_beam as beam
import psutil
import pytest

from tesuki.pipelines.engine.launcher import run


def write_ports_of_driver(path: Path, _: int) -> None:
    path.write_text(" ".join(listening(os.getppid())))


def is_loopback(address: str) -> bool:
    """An IPv4 address may be written as one of IPv6."""
    return ipaddress.ip_address(address.removeprefix("::ffff:")).is_loopback


def listening(process: int) -> list[str]:
    """Addresses on which a process waits for connections."""
    found = psutil.Process(process).net_connections(kind="inet")
    return [connection.laddr.ip for connection in found if connection.status == psutil.CONN_LISTEN]


def test_a_driver_of_worker_processes_listens_on_loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beam binds its control, data, state and logging services to every interface."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))  # the worker loads a function of this file
    note = partial(write_ports_of_driver, tmp_path / "ports")
    run(
        lambda pipeline: pipeline | beam.Create([1]) | beam.Map(note),
        ["--direct_running_mode=multi_processing", "--direct_num_workers=1"],
    )
    addresses = (tmp_path / "ports").read_text().split()
    assert len(addresses) >= 4
    assert all(map(is_loopback, addresses)), addresses


def test_a_pool_listens_on_loopback_and_is_closed_by_a_signal(tmp_path: Path) -> None:
    pool = subprocess.Popen(
        [sys.executable, "-m", "tesuki.pipelines.engine.pool", "--port=0"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONSAFEPATH": "1"},
    )
    try:
        assert pool.stdout
        assert "It runs what it is sent, by this machine" in pool.stdout.readline()
        addresses = listening(pool.pid)
        assert addresses
        assert all(map(is_loopback, addresses)), addresses
        pool.send_signal(signal.SIGTERM)
        assert pool.wait(20) == 143
        assert not list(tmp_path.iterdir())
    finally:
        pool.kill()
        pool.communicate()
