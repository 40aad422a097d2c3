"""Ranges: how an archive file is cut so that several workers can read it at once."""

from __future__ import annotations

from pathlib import Path

from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.remote.address import name_of, remote_of
from tesuki.pipelines.reading.warc.packing import archive_format

RANGE_BYTES = 64 << 20
"""Nominal size of a range in bytes on disk: a few seconds of work, and few enough parts to count."""


def plan_ranges(path: str | Path, subset: str, range_bytes: int = RANGE_BYTES) -> tuple[Range, ...]:
    """Cut a file into ranges of ``range_bytes``, in file order, covering every byte once.

    Only the first bytes are looked at. A file that is not WARC, or empty, becomes one range, for the reader to name.
    A gzip or zstd file that holds all its records in one compression unit may be cut too: the
    range that holds the unit's first byte reads it whole and the others are empty. Raises ValueError for a size
    that is not positive, OSError where the file cannot be read.
    """
    if range_bytes < 1:
        raise ValueError(f"range_bytes is {range_bytes}, expected at least 1")
    path = Path(path)
    size = path.stat().st_size
    step = max(size, 1) if archive_format(path).unsupported else range_bytes
    return _cut(subset, str(path), path.name, size, step)


def plan_remote_ranges(pinned: str, subset: str, range_bytes: int) -> tuple[Range, ...]:
    """The same for the file at a pinned address, about which nothing is asked: the pin says what must be known."""
    remote = remote_of(pinned)
    step = max(remote.size, 1) if remote.whole or remote.sha256 else range_bytes
    return _cut(subset, pinned, name_of(remote.address), remote.size, step)


def _cut(subset: str, path: str, archive: str, size: int, step: int) -> tuple[Range, ...]:
    starts = range(0, max(size, 1), step)
    return tuple(Range(subset, path, archive, start, min(start + step, size)) for start in starts)
