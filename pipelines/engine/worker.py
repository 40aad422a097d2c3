"""A Beam worker process on this machine: Beam's own, silent, and gone when its driver is gone.

    python -m tesuki.pipelines.engine.worker DRIVER_PID [CONTROL_ADDRESS NAME]

``DRIVER_PID`` is the process that started it; a pool adds where to connect, and under which name. Signs of life go to
the temporary folder that both share.

Beam's worker notices a lost driver by its broken connections: at once while it works, after more than a minute where
the driver ends while it is still being connected.
"""

from __future__ import annotations

import ctypes
import io
import logging
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, suppress
from functools import partial
from pathlib import Path
from typing import Any

from tesuki.pipelines.engine.failures import TRACEBACK
from tesuki.pipelines.engine.vigil import show_life_while

PR_SET_PDEATHSIG = 1
"""Of Linux' prctl.h."""


def end_with(driver: int, *, of_one_thread: bool = True) -> None:
    """End this process, whatever it does, once process ``driver`` is no longer its parent.

    The kernel does it where it can, for a thread gets no turn while another one stays in C code; but it ends a process
    with the *thread* that started it, which must be one that stays (``of_one_thread``).
    """
    if of_one_thread:
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_look_for, args=(driver,), daemon=True).start()


def _look_for(driver: int) -> None:
    show_life_while(lambda: os.getppid() == driver, Path(tempfile.gettempdir()))
    os._exit(0)


class _Nowhere(io.TextIOBase):
    """Keeps nothing of what is written to it."""

    def write(self, text: str) -> int:
        return len(text)


def quiet_errors() -> redirect_stderr[Any]:
    """Beam's worker prints the stack of every failure, which reaches the driver as an exception as well."""
    return redirect_stderr(sys.stderr if os.environ.get(TRACEBACK) else _Nowhere())


def main(driver: int, work: Callable[[], None], *, of_one_thread: bool = True) -> None:
    """Do ``work`` as a worker of the process ``driver``: quietly, and no longer than it lives; see `end_with`."""
    end_with(driver, of_one_thread=of_one_thread)
    # Ctrl-C is sent to every process of a terminal: the driver decides what becomes of this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    handler = logging.StreamHandler()
    handler.setLevel(logging.ERROR if os.environ.get(TRACEBACK) else logging.CRITICAL)
    logging.basicConfig(handlers=[handler])
    try:
        with quiet_errors():
            work()
    except Exception:
        traceback.print_exc()
        raise SystemExit(1) from None


def serve_driver() -> None:
    """Beam's own main: where to connect stands in the environment."""
    # Imported here: loading Beam logs a warning.
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(sys.argv)


def serve_engine(address: str, name: str) -> None:
    """Beam's harness, connected to an engine's control service at ``address``."""
    from apache_beam.runners.worker.sdk_worker import SdkHarness

    SdkHarness(address, worker_id=name, state_cache_size=0, data_buffer_time_limit_ms=0).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), partial(serve_engine, *sys.argv[2:]) if sys.argv[2:] else serve_driver)
