"""From a recipe's globs to archive files with an identity that does not depend on where they lie."""

from __future__ import annotations

import glob
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.files import sha256_of, write_bytes


@dataclass(frozen=True, slots=True, order=True)
class Input:
    """One archive file of one subset. ``archive`` is its name without folder; ``size`` is in bytes."""

    subset: str
    archive: str
    sha256: str
    size: int
    path: Path
    stamp: str = field(compare=False)
    """Size and time of the file before it was hashed: while they stay, so does the hash."""

    def identity(self) -> dict[str, str | int]:
        """What the manifest says of it: the same wherever the file lies."""
        return {"subset": self.subset, "archive": self.archive, "sha256": self.sha256, "bytes": self.size}


def find_files(globs: Iterable[str], folder: Path, field: str) -> tuple[Path, ...]:
    """The files that ``globs`` name, each once, sorted. Raises `RequestError` for a glob that names none."""
    found: set[Path] = set()
    for pattern in globs:
        # Path.glob refuses absolute patterns, which a command line is full of.
        paths = [Path(name) for name in glob.glob(str(folder / pattern), recursive=True)]  # noqa: PTH207
        files = [path for path in paths if path.is_file()]
        if not files:
            raise RequestError(
                f"{field}: {pattern!r} names no file (looked from {folder}); expected at least one archive. "
                "Quote globs on the command line so that they reach Tesuki whole."
            )
        found.update(path.resolve() for path in files)
    return tuple(sorted(found))


def identify_inputs(files: dict[str, tuple[Path, ...]], known: Path) -> tuple[Input, ...]:
    """Hash the files of each subset, several at a time.

    ``known`` is what `remember_inputs` wrote: the hashes of files whose size and time have not changed since, so that
    a second run need not read terabytes to learn that there is nothing to do. Raises `RequestError` for a file that
    cannot be read, and when two files could not be told apart.
    """
    for subset, group in files.items():
        _check_names(subset, group)
    remembered = _remembered(known)
    paths = sorted({path for group in files.values() for path in group})

    def hashed(path: Path) -> tuple[str, str]:
        stamp = _stamp(path)
        return stamp, remembered.get((str(path), stamp)) or sha256_of(path)

    try:
        with ThreadPoolExecutor() as pool:
            hashes = dict(zip(paths, pool.map(hashed, paths), strict=True))
    except OSError as failure:
        raise RequestError(f"{failure.filename}: cannot be read ({failure.strerror})") from None
    found = []
    for subset, group in files.items():
        for path in group:
            stamp, sha256 = hashes[path]
            found.append(Input(subset, path.name, sha256, int(stamp.partition(":")[0]), path, stamp))
    return tuple(sorted(found))


def remember_inputs(inputs: Iterable[Input], known: Path) -> None:
    """Write down the hashes of ``inputs`` for the next run."""
    memory = {str(entry.path): [entry.stamp, entry.sha256] for entry in inputs}
    write_bytes(known, json.dumps(memory, sort_keys=True).encode())


def _check_names(subset: str, paths: Iterable[Path]) -> None:
    by_name = sorted(paths, key=lambda path: path.name)
    for first, second in pairwise(by_name):
        if first.name == second.name:
            raise RequestError(
                f"subsets.{subset}.inputs: two files are called {first.name} "
                f"({first.parent} and {second.parent}); ledger rows could not tell them apart. Rename one."
            )


def _remembered(known: Path) -> dict[tuple[str, str], str]:
    """Hashes by path and stamp; none where the memory is missing or damaged."""
    try:
        return {(path, stamp): sha256 for path, (stamp, sha256) in json.loads(known.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _stamp(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}:{status.st_mtime_ns}"
