"""What libraries may say while we work: errors only."""

from __future__ import annotations

import logging

CHATTY = ("apache_beam", "trafilatura", "htmldate", "courlan", "charset_normalizer")


def quiet_libraries() -> None:
    """Let libraries report errors and nothing less. Called before Beam is imported, which warns as it loads."""
    logging.basicConfig(level=logging.ERROR)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
