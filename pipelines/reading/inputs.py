"""From a recipe's globs to archive files with an identity that does not depend on where they lie."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.reading.documents import sound_text
from tesuki.pipelines.reading.remote.address import checksum_of, is_address, name_of, remote_of
from tesuki.pipelines.reading.remote.fetch import RefusedError, identify
from tesuki.pipelines.reading.remote.manners import Manners
from tesuki.pipelines.storage.files import sha256_of
from tesuki.pipelines.storage.sealed_json import read_sealed, write_sealed


@dataclass(frozen=True, slots=True, order=True)
class Input:
    """One archive file of one subset. ``archive`` is its name without folder; ``size`` is in bytes.

    ``path`` is where it lies, a pinned address where that is elsewhere; it has a ``tag`` then and no ``sha256``, unless
    a list gives one.
    """

    subset: str
    archive: str
    sha256: str
    size: int
    path: Path | str
    stamp: str = field(compare=False)
    """Size and time of the file before it was hashed: while they stay, so does the hash."""
    tag: str = ""
    """What the server calls this version of the file: its ETag, or else the time of its last change."""

    def identity(self) -> dict[str, str | int]:
        """What the manifest says of it: the same wherever the file lies, as long as it lies here."""
        version = {"tag": self.tag} if self.tag else {"sha256": self.sha256}
        return {"subset": self.subset, "archive": self.archive, **version, "bytes": self.size}


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


def _matches(pattern: str, folder: Path) -> list[str]:
    # Path.glob refuses absolute patterns, which a command line is full of.
    return glob.glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207


def _why_none(pattern: str, folder: Path, only_output: bool) -> str:
    """What to say of a pattern that names no file to read."""
    if is_address(pattern):
        return f"{pattern!r} is an address; only files on this machine are read here. Download it and name the files."
    if only_output:
        return f"{pattern!r} names only files of the output folder; expected the files to read"
    if pattern and (folder / pattern).is_dir():
        return f"{pattern!r} is a folder; name the files in it, as {pattern.rstrip('/') + '/*.warc.gz'!r}"
    return (
        f"{pattern!r} names no file (looked from {folder}); expected at least one archive. "
        "Quote globs on the command line so that they reach Tesuki whole."
    )


def identify_inputs(
    files: Mapping[str, Sequence[Path | str]], known: Path, manners: Manners | None = None
) -> tuple[Input, ...]:
    """Hash the files of each subset, several at a time; of addresses ask for size and version, by ``manners``.

    ``known`` is what `remember_inputs` wrote: the hashes of files whose size and time have not changed since, so that
    a second run need not read terabytes to learn that there is nothing to do. Raises `RequestError` for a file that
    cannot be read, and when two files could not be told apart.
    """
    here = {subset: [path for path in group if isinstance(path, Path)] for subset, group in files.items()}
    for subset, group in here.items():
        _check_names(subset, group)
    remembered = _remembered(known)
    paths = sorted({path for group in here.values() for path in group})

    def hashed(path: Path) -> tuple[str, str]:
        stamp = _stamp(path)
        return stamp, remembered.get((str(path), stamp)) or sha256_of(path)

    try:
        with ThreadPoolExecutor() as pool:
            hashes = dict(zip(paths, pool.map(hashed, paths), strict=True))
    except OSError as failure:
        raise RequestError(f"{failure.filename}: cannot be read ({failure.strerror})") from None
    found = []
    for subset, group in here.items():
        for path in group:
            stamp, sha256 = hashes[path]
            if _stamp(path) != stamp:
                raise RequestError(f"{path}: changed while it was read; run again when it is whole")
            found.append(Input(subset, path.name, sha256, int(stamp.partition(":")[0]), path, stamp))
    elsewhere = {subset: [path for path in group if isinstance(path, str)] for subset, group in files.items()}
    every = tuple(sorted((*found, *_identified(elsewhere, remembered, manners))))
    for (subset, archive), count in Counter((entry.subset, entry.archive) for entry in every).items():
        if count > 1:
            raise RequestError(
                f"subsets.{subset}.inputs: {count} inputs are called {archive}; ledger rows could not tell them apart"
            )
    return every


def _identified(
    addresses: Mapping[str, Sequence[str]], remembered: Mapping[tuple[str, str], str], manners: Manners | None
) -> Iterator[Input]:
    """The files at ``addresses``, in the version that a former run began with, or else in that of now."""
    if manners is None:
        return
    for subset, group in addresses.items():
        names = [name_of(address) for address in group]
        for name, count in Counter(names).items():
            if count > 1:
                raise RequestError(
                    f"subsets.{subset}.inputs: {count} addresses end in {name}; ledger rows could not tell them apart"
                )
    wanted = sorted({address for group in addresses.values() for address in group})
    with ThreadPoolExecutor(ASKING) as pool:
        pins = dict(zip(wanted, pool.map(partial(_pin, remembered, manners), wanted), strict=True))
    for subset, group in addresses.items():
        for address in group:
            remote = remote_of(pins[address])
            tag = "" if remote.sha256 else remote.tag
            yield Input(subset, name_of(address), remote.sha256, remote.size, remote.pinned, "", tag)


ASKING = 8
"""Addresses asked about at a time; the pace is that of the recipe's section fetch."""


def _pin(remembered: Mapping[tuple[str, str], str], manners: Manners, address: str) -> str:
    address, sha256 = checksum_of(address)
    known = remembered.get((address, ""))
    try:
        if known and remote_of(known).sha256 == sha256:
            return known
        return replace(identify(address, manners), sha256=sha256).pinned
    except RefusedError as failure:
        raise RequestError(f"{failure}; name a file that is there") from None


def remember_inputs(inputs: Iterable[Input], known: Path) -> None:
    """Write down the hashes of ``inputs`` for the next run."""
    memory = dict(map(_memory_of, inputs))
    write_sealed(known, {"files": memory})


def _memory_of(entry: Input) -> tuple[str, list[str]]:
    if isinstance(entry.path, str):
        return remote_of(entry.path).address, ["", entry.path]
    return str(entry.path), [entry.stamp, entry.sha256]


def path_of(known: Path, archive: str, sha256: str) -> Path | None:
    """Where the file called ``archive`` lies that has this hash, by what `remember_inputs` wrote; None where it is not
    there any more, or not as it was."""
    for (name, stamp), found in _remembered(known).items():
        path = Path(name)
        if path.name == archive and found == sha256 and path.is_file() and _stamp(path) == stamp:
            return path
    return None


def check_unchanged(inputs: Iterable[Input]) -> None:
    """Raises `WorkError` for an input that is no longer the file that was hashed: what was read is not what the
    manifest would say. What comes from elsewhere was held against its version with each answer.
    """
    for entry in inputs:
        if isinstance(entry.path, str):
            continue
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
    """Hashes by path and stamp, from ``known`` and what shares wrote beside it; none where they are damaged."""
    found: dict[tuple[str, str], str] = {}
    for memory in sorted(known.parent.glob(f"{known.stem}*.json")):
        with suppress(OSError, ValueError, TypeError, AttributeError, KeyError):
            found |= {(path, stamp): sha256 for path, (stamp, sha256) in read_sealed(memory)["files"].items()}
    return found


def _stamp(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}:{status.st_mtime_ns}"
