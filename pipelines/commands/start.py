"""Where the command begins: told to stop while Python still loads the rest, it says so in one line, as later."""

from __future__ import annotations

import os
import signal


def main() -> None:
    """Run the command ``tesuki``."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    from tesuki.pipelines.commands.cli import main as run

    run()


def _leave(number: int, _: object) -> None:
    os.write(2, b"tesuki: stopped before anything began; run the same command again\n")
    os._exit(128 + number)
