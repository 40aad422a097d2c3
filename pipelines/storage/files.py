"""Writing files so that a reader never sees half of one."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """A binary file that appears at ``path`` whole, when the block ends without an exception, or not at all.

    Written beside its place under a name no reader looks for, synced, then renamed: two workers that write the same
    bytes to the same path do each other no harm.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}.tmp")
    try:
        with temporary.open("wb") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make what was renamed, linked or removed in ``folder`` outlast a power cut, which syncing files does not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as failure:
        if failure.errno not in WITHOUT_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)


WITHOUT_FOLDER_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF})
"""What file systems answer that cannot sync a folder; they promise no order to begin with."""


def copy_folder(source: Path, target: Path) -> None:
    """Put every file below ``source`` at its place below ``target``, each whole and synced."""
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        with path.open("rb") as content, atomic_file(target / path.relative_to(source)) as sink:
            shutil.copyfileobj(content, sink)


def write_bytes(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path``, atomically."""
    with atomic_file(path) as sink:
        sink.write(content)


@contextmanager
def parquet_file(path: Path, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """A Parquet writer (zstd) whose file appears at ``path`` atomically. Same tables in, same bytes out."""
    with atomic_file(path) as sink, pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        yield writer


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex, read in blocks."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def sha256_of_folder(folder: Path) -> str:
    """SHA-256 over the names and hashes of all files below ``folder``, in hex."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listing = "".join(f"{path.relative_to(folder).as_posix()} {sha256_of(path)}\n" for path in files)
    return hashlib.sha256(listing.encode()).hexdigest()


def remove_unfinished(folder: Path) -> None:
    """Remove what runs that were killed in the middle of `atomic_file` left below ``folder``."""
    for path in folder.rglob(".*.tmp"):
        path.unlink(missing_ok=True)
