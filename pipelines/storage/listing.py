"""A folder's files written down with their hashes, so that what lies there is used again only as it was made."""

from __future__ import annotations

from pathlib import Path

from tesuki.pipelines.storage.files import sha256_of
from tesuki.pipelines.storage.sealed_json import DamagedError, read_sealed, write_sealed


def write_listing(folder: Path, listing: Path) -> None:
    """Write to ``listing`` what lies below ``folder`` by now, ``listing`` itself aside."""
    write_sealed(listing, {"files": _files(folder, listing)})


def is_as_listed(folder: Path, listing: Path) -> bool:
    """Whether ``folder`` holds, to the byte, what ``listing`` says; False where there is no whole listing."""
    try:
        return bool(read_sealed(listing) == {"files": _files(folder, listing)})
    except (DamagedError, OSError):
        return False


def _files(folder: Path, listing: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != listing)
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in paths}
