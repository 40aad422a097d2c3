"""A Beam worker process on this machine: Beam's own, with nothing below an error reaching the user's terminal."""

from __future__ import annotations

import logging
import sys

if __name__ == "__main__":
    handler = logging.StreamHandler()
    handler.setLevel(logging.ERROR)
    logging.basicConfig(handlers=[handler])
    # Imported here: loading Beam logs a warning.
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(sys.argv)
