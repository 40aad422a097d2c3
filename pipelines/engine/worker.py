"""A Beam worker process on this machine: Beam's own, silent below errors, and gone when its driver is gone.

    python -m tesuki.pipelines.engine.worker DRIVER_PID

Beam's worker notices a lost driver by its broken connections: at once while it works, after more than a minute where
the driver ends while it is still being connected.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time

SECONDS = 0.5
"""How often a worker looks for its driver."""


def end_with(driver: int) -> None:
    """End this process, whatever it does, once process ``driver`` is no longer its parent."""
    while os.getppid() == driver:
        time.sleep(SECONDS)
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with, args=(int(sys.argv[1]),), daemon=True).start()
    handler = logging.StreamHandler()
    handler.setLevel(logging.ERROR)
    logging.basicConfig(handlers=[handler])
    # Imported here: loading Beam logs a warning.
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(sys.argv)
