"""`tesuki index merge`: the band indexes of several corpora as one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import DedupParameters
from tesuki.pipelines.deduplication.index.band_index import open_band_index
from tesuki.pipelines.deduplication.index.merge import merge_band_indexes
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.lock import LOCK, locked


def merge_indexes(folders: Sequence[Path], target: Path, removals: Path | None) -> Iterator[str]:
    """Write the indexes in ``folders``, made alike, as one to the new folder ``target``; a line that says so.

    What the lists in ``removals`` (a corpus' folder of that name) displace is left out. Raises `RequestError` for a
    folder that is no index, indexes made differently or of one name, and a target that is not empty.
    """
    if target.exists() and (not target.is_dir() or {path.name for path in target.iterdir()} - {LOCK}):
        raise RequestError(f"--to: {target} is not an empty folder; name a new one")
    if removals is not None and not removals.is_dir():
        raise RequestError(f"--removals: {removals} is not a folder; expected the removals/ of a corpus")
    parameters, order = _settings_of(folders[0])
    target.mkdir(parents=True, exist_ok=True)
    with locked(target):
        merge_band_indexes(folders, target, parameters, order, removals=removals)
    files = len(open_band_index(target, parameters, order).names)
    yield f"{len(folders)} indexes in {target}: {files} files of documents"


def _settings_of(folder: Path) -> tuple[DedupParameters, KeepOrder]:
    path = folder / "index.json"
    try:
        about = json.loads(path.read_bytes())
        return DedupParameters(**about["parameters"]), KeepOrder(about["keep"])
    except (OSError, ValueError, TypeError, KeyError):
        raise RequestError(f"{path}: is not that of a band index; name the band-index/ of a corpus") from None
