"""Starting a corpus as a copy of another, so that a run redoes only what its recipe changes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.corpus_folder import OTHERS, SHARDS, TABLES
from tesuki.pipelines.storage.lock import LOCK, locked, refuse_locked

COPIED = ("parts", *TABLES, SHARDS, *OTHERS, "takedowns", "report.html", "manifest.json")
"""What a copy takes over, in this order: a folder with ``parts/inputs.json`` is known to be ours, one with a manifest
is whole. Take-downs bind it, too.
"""

LEFT_OUT = shutil.ignore_patterns(
    *("building", "scratch", "hosts", "lines", "templates", "fetching.json", "under-way.json", "plan"),
    *("page-index*", "*.tmp"),
)
"""What belongs to one run of the other corpus, or is written in place."""


def copy_corpus(other: Path, output: Path) -> None:
    """Make ``output`` a copy of the corpus at ``other``: hard links where both lie on one disk, copies elsewhere.

    Nothing of Tesuki writes into a file that is finished, so both corpora live on their own afterwards. An ``output``
    that is there already stays: it is the same run, going on. Raises `RequestError` where ``other`` has no parts,
    or a command is changing it.
    """
    if output.exists() and {path.name for path in output.iterdir()} - {LOCK}:
        return
    if not (other / "parts").is_dir():
        raise RequestError(
            f"--start-from: {other} holds no parts/ to start from; name a corpus whose recipe keeps them"
        )
    output.mkdir(parents=True, exist_ok=True)
    with locked(output):
        refuse_locked(other)
        for name in COPIED:
            source = other / name
            if source.is_dir():
                shutil.copytree(source, output / name, copy_function=_link, ignore=LEFT_OUT)
            elif source.is_file():
                _link(str(source), str(output / name))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
