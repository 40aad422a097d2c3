"""What libraries may say while we work: errors only, and Beam nothing: its errors come back as exceptions."""

from __future__ import annotations

import logging
import os

from tesuki.pipelines.engine.failures import TRACEBACK

CHATTY = ("apache_beam", "trafilatura", "htmldate", "courlan", "charset_normalizer")


def quiet_libraries() -> None:
    """Let libraries report errors and nothing less. Called before Beam is imported, which warns as it loads."""
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    if not os.environ.get(TRACEBACK):
        logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
