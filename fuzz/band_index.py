"""The description of a band index, which another corpus, perhaps another person's, has written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import PRESETS
from tesuki.pipelines.deduplication.index.band_index import open_band_index, seal_band_index
from tesuki.pipelines.errors import RequestError

FOLDER = tempfile.TemporaryDirectory()
PARAMETERS = next(iter(PRESETS.values()))
ORDER = KeepOrder("newest")


def seeds() -> Iterator[bytes]:
    """An index as it is sealed."""
    folder = Path(FOLDER.name)
    seal_band_index(folder, ["a", "b"], 4, PARAMETERS, ORDER)
    yield (folder / "index.json").read_bytes()


def attack(data: bytes) -> None:
    """The bytes of index.json."""
    folder = Path(FOLDER.name)
    (folder / "index.json").write_bytes(data)
    with suppress(RequestError):
        index = open_band_index(folder, PARAMETERS, ORDER)
        assert all(isinstance(path, Path) for path in index.document_files)
