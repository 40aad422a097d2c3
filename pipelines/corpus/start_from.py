"""Starting a corpus as a copy of another, so that a run redoes only what its recipe changes."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.corpus_folder import OTHERS, SHARDS, TABLES
from tesuki.pipelines.storage.lock import LOCK, locked, refuse_locked

BEGUN = ".begun"
"""How the name of the folder ends in which a copy is made, hidden beside the one it becomes."""

COPIED = ("parts", *TABLES, SHARDS, *OTHERS, "takedowns", "report.html", "manifest.json")
"""What a copy takes over. Take-downs bind it, too."""

OF_ONE_RUN = shutil.ignore_patterns(
    *("building", "scratch", "hosts", "lines", "templates", "shares", "fetching.json", "under-way.json", "plan"),
    *("page-index*", "*.tmp"),
)
"""What lies directly below ``parts/`` and belongs to one run of the other corpus, or is written in place. Deeper, and
elsewhere, folders have the names of subsets, which may be these."""

UNFINISHED = shutil.ignore_patterns("*.tmp")
"""What is never copied: files that somebody was writing."""


def copy_corpus(other: Path, output: Path) -> None:
    """Make ``output`` a copy of the corpus at ``other``: hard links where both lie on one disk, copies elsewhere.

    Nothing of Tesuki writes into a file that is finished, so both corpora live on their own afterwards. An ``output``
    that is there already stays: it is the same run, going on. The copy is made beside it and appears whole: of one that
    was killed half-way nothing but a hidden folder is left, which the next one removes. Raises `RequestError` where
    ``other`` has no parts, or a command is changing it.
    """
    if output.exists() and {path.name for path in output.iterdir()} - {LOCK}:
        return
    if not (other / "parts").is_dir():
        raise RequestError(
            f"--start-from: {other} holds no parts/ to start from; name a corpus whose recipe keeps them"
        )
    begun = output.absolute().with_name(f".{output.absolute().name}{BEGUN}")
    begun.mkdir(parents=True, exist_ok=True)
    with locked(begun):
        for left in begun.iterdir():
            if left.is_dir():
                shutil.rmtree(left)
            elif left.name != LOCK:
                left.unlink()
        refuse_locked(other)
        before = _manifest(other)
        for name in COPIED:
            source = other / name
            if source.is_dir():
                shutil.copytree(source, begun / name, copy_function=_link, ignore=partial(_left_out, other / "parts"))
            elif source.is_file():
                _link(str(source), str(begun / name))
        refuse_locked(other)
        if _manifest(other) != before:
            raise RequestError(f"--start-from: {other} changed while it was copied; run the same command again")
        if output.exists():
            refuse_locked(output)
            (output / LOCK).unlink(missing_ok=True)
        # Over an empty folder, or where there is none: nothing half-done is ever seen at ``output``.
        begun.rename(output)
        (output / LOCK).unlink(missing_ok=True)


def _left_out(parts: Path, folder: str, names: list[str]) -> set[str]:
    return (OF_ONE_RUN if Path(folder) == parts else UNFINISHED)(folder, names)


def _manifest(folder: Path) -> bytes | None:
    path = folder / "manifest.json"
    return path.read_bytes() if path.is_file() else None


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
