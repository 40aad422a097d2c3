"""From a recipe's globs to archive files with an identity that does not depend on where they lie."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.reading.documents import sound_text
from tesuki.pipelines.storage.files import sha256_of
from tesuki.pipelines.storage.sealed_json import read_sealed, write_sealed

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://")


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


def find_files(globs: Iterable[str], folder: Path, field: str, leave_out: Path | None = None) -> tuple[Path, ...]:
    """The files that ``globs``, seen from ``folder``, name, each once, sorted, by the name they are found by.

    A file may bear a name that reads like a glob. Of a link and its file the file is taken, of two links the first.
    Files in the folder ``leave_out``, the output of a run, are not its inputs. Raises `RequestError` for a glob that
    names no file.
    """
    found: dict[Path, Path] = {}
    for pattern in globs:
        own = folder / pattern
        matched = [own] if own.is_file() else [folder / name for name in _matches(pattern, folder)]
        files = [Path(os.path.abspath(path)) for path in matched if path.is_file()]  # noqa: PTH100 - links keep names
        outside = [
            path for path in files if leave_out is None or not path.resolve().is_relative_to(leave_out.resolve())
        ]
        if not outside:
            raise RequestError(f"{field}: {_why_none(pattern, folder, bool(files))}")
        for path in outside:
            target = path.resolve()
            found[target] = min(path, found.get(target, path), key=lambda each: (each.is_symlink(), each))
    return tuple(sorted(found.values()))


def _lies_in(path: Path, folder: Path | None) -> bool:
    return folder is not None and path.resolve().is_relative_to(folder.resolve())


def _matches(pattern: str, folder: Path) -> list[str]:
    # Path.glob refuses absolute patterns, which a command line is full of.
    return glob.glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207


def _why_none(pattern: str, folder: Path, only_output: bool) -> str:
    """What to say of a pattern that names no file to read."""
    if _ADDRESS.match(pattern):
        return f"{pattern!r} is an address; only files on this machine are read. Download it and name the files."
    if only_output:
        return f"{pattern!r} names only files of the output folder; expected the files to read"
    if pattern and (folder / pattern).is_dir():
        return f"{pattern!r} is a folder; name the files in it, as {pattern.rstrip('/') + '/*.warc.gz'!r}"
    return (
        f"{pattern!r} names no file (looked from {folder}); expected at least one archive. "
        "Quote globs on the command line so that they reach Tesuki whole."
    )


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
            if _stamp(path) != stamp:
                raise RequestError(f"{path}: changed while it was read; run again when it is whole")
            found.append(Input(subset, path.name, sha256, int(stamp.partition(":")[0]), path, stamp))
    return tuple(sorted(found))


def remember_inputs(inputs: Iterable[Input], known: Path) -> None:
    """Write down the hashes of ``inputs`` for the next run."""
    memory = {str(entry.path): [entry.stamp, entry.sha256] for entry in inputs}
    write_sealed(known, {"files": memory})


def check_unchanged(inputs: Iterable[Input]) -> None:
    """Raises `WorkError` for an input that is no longer the file that was hashed: what was read is not what the
    manifest would say.
    """
    for entry in inputs:
        try:
            stamp = _stamp(entry.path)
        except OSError as failure:
            raise WorkError(f"{entry.path}: cannot be read any more ({failure.strerror})") from None
        if stamp != entry.stamp:
            raise WorkError(
                f"{entry.path}: changed during the run, so its pages are partly those of another file. Remove the "
                "folder parts/ of the output and run again."
            )


def _check_names(subset: str, paths: Iterable[Path]) -> None:
    by_name = sorted(paths, key=lambda path: path.name)
    for path in by_name:
        if not _is_text(path.name):
            raise RequestError(
                f"subsets.{subset}.inputs: {sound_text(str(path))!r}: a name that is not UTF-8 cannot stand in the "
                "ledger. Rename the file."
            )
    for first, second in pairwise(by_name):
        if first.name == second.name:
            raise RequestError(
                f"subsets.{subset}.inputs: two files are called {first.name} "
                f"({first.parent} and {second.parent}); ledger rows could not tell them apart. Rename one."
            )


def _is_text(name: str) -> bool:
    return sound_text(name) == name


def _remembered(known: Path) -> dict[tuple[str, str], str]:
    """Hashes by path and stamp; none where the memory is missing or damaged."""
    try:
        return {(path, stamp): sha256 for path, (stamp, sha256) in read_sealed(known)["files"].items()}
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return {}


def _stamp(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}:{status.st_mtime_ns}"
