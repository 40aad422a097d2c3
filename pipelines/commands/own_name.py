"""How the person at the keyboard called the command, so that what it tells them to type works when pasted."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path


def own_name() -> str:
    """``tesuki`` where the shell finds this very command by that name, else the path it was started by."""
    started = Path(sys.argv[0])
    if started.name != "tesuki" or not started.is_file():
        return "tesuki"
    found = shutil.which("tesuki")
    if found and Path(found).samefile(started):
        return "tesuki"
    inside = started.is_absolute() and started.is_relative_to(Path.cwd())
    return shlex.quote(os.path.relpath(started) if inside else str(started))
