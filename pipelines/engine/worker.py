"""A Beam worker process on this machine: Beam's own, silent, and gone when its driver is gone.

    python -m tesuki.pipelines.engine.worker DRIVER_PID

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
import threading
import time
import traceback
from contextlib import redirect_stderr, suppress
from typing import Any

from tesuki.pipelines.engine.failures import TRACEBACK

SECONDS = 0.5
"""How often a worker looks for its driver, and shows that it lives."""

PR_SET_PDEATHSIG = 1
"""Of Linux' prctl.h."""


def end_with(driver: int) -> None:
    """End this process, whatever it does, once process ``driver`` is no longer its parent.

    The kernel does it where it can, for a thread gets no turn while another one stays in C code.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_look_for, args=(driver,), daemon=True).start()


def _look_for(driver: int) -> None:
    while os.getppid() == driver:
        time.sleep(SECONDS)
    os._exit(0)


class _Nowhere(io.TextIOBase):
    """Keeps nothing of what is written to it."""

    def write(self, text: str) -> int:
        return len(text)


def quiet_errors() -> redirect_stderr[Any]:
    """Beam's worker prints the stack of every failure, which reaches the driver as an exception as well."""
    return redirect_stderr(sys.stderr if os.environ.get(TRACEBACK) else _Nowhere())


if __name__ == "__main__":
    end_with(int(sys.argv[1]))
    handler = logging.StreamHandler()
    handler.setLevel(logging.ERROR if os.environ.get(TRACEBACK) else logging.CRITICAL)
    logging.basicConfig(handlers=[handler])
    try:
        with quiet_errors():
            # Imported here: loading Beam logs a warning.
            from apache_beam.runners.worker import sdk_worker_main

            sdk_worker_main.main(sys.argv)
    except Exception:
        traceback.print_exc()
        raise SystemExit(1) from None
