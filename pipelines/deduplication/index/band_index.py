"""The band index: what a deduplicated corpus leaves for later crawls to be compared with, without its text.

A folder of

- ``documents/NAME.parquet``: one file for each part the corpus had, one row a kept document (`INDEXED`);
- ``bands/BBB-RRR.npy``: the claims of one band on one range of keys (`entry_type`), ascending by key;
- ``index.json``: version, parameters, keep rule and the files in order; written last, so that a folder
without one is no index.

At b=20, r=20 a document costs 16 bytes in each band, 24 for its fingerprint, 400 for its sketch, and its id
and URL.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tesuki.dedup.claims import EXACT_BAND
from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import DedupParameters
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.files import atomic_file, write_bytes

INDEX = "band-index"
"""Where the index lies in a corpus, and what `deduplication.earlier` of a later recipe names."""

VERSION = 2
"""Of the folder's layout and of all that enters a key: comparison form, n-gram hash, permutations, band hash."""

RANGE_ENTRIES = 1 << 21
"""Entries that one band file should hold: 2 million of 16 bytes are 34 MB."""

INDEXED = pa.schema(
    [
        ("id", pa.string()),
        ("url", pa.string()),
        ("date", pa.string()),
        ("priority", pa.uint64()),
        ("sketch", pa.binary()),
        ("level", pa.string()),
        ("staying", pa.bool_()),
    ]
)
"""What is kept of a document.

``priority`` is its place by the index's keep rule (`tesuki.dedup.keep_order`), ``level`` its release level, and
``staying`` says that it is of a test set, which gives way to no other document.
"""


@dataclass(frozen=True, slots=True)
class BandIndex:
    """An index on disk that fits the run: its folder, its document files in order and its key ranges."""

    folder: Path
    names: tuple[str, ...]
    key_bits: int

    @property
    def name(self) -> str:
        """What drops and removal lists call the index: its folder, or its corpus where the folder is `INDEX`."""
        return index_name(self.folder)

    @property
    def document_files(self) -> tuple[Path, ...]:
        """The files of kept documents; an entry's number is the position here and the row."""
        return tuple(self.folder / "documents" / f"{name}.parquet" for name in self.names)

    def entries(self, band: int, lowest: int, highest: int) -> Iterator[NDArray[np.void]]:
        """The entries of ``band`` whose keys' first words lie from ``lowest`` to ``highest``, range by range.

        Ascending by key; mapped, not read, until used.
        """
        shift = 64 - self.key_bits
        for number in range(lowest >> shift, (highest >> shift) + 1):
            path = band_path(self.folder, band, number)
            if path.exists():
                entries = np.load(path, mmap_mode="r")
                words = entries["key"][:, 0]
                start = np.searchsorted(words, np.uint64(lowest), side="left")
                stop = np.searchsorted(words, np.uint64(highest), side="right")
                yield entries[start:stop]

    def matches(self, band: int, keys: NDArray[np.uint64]) -> NDArray[np.void]:
        """The entries of ``band`` whose keys' first words are among ``keys`` (ascending, each once)."""
        found = [np.empty(0, dtype=entry_type(band))]
        for entries in self.entries(band, int(keys[0]), int(keys[-1])) if len(keys) else ():
            words = np.ascontiguousarray(entries["key"][:, 0])
            starts = np.searchsorted(words, keys, side="left")
            lengths = np.searchsorted(words, keys, side="right") - starts
            rows = np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
            found.append(entries[rows])
        return np.concatenate(found)


def index_name(folder: Path) -> str:
    """The name of the index in ``folder``; see `BandIndex.name`."""
    return folder.absolute().parent.name if folder.name == INDEX else folder.name


def entry_type(band: int) -> np.dtype[np.void]:
    """The row of a band file: a key of one word, or two for a fingerprint, and the document that claims it."""
    return np.dtype([("key", "<u8", (2 if band == EXACT_BAND else 1,)), ("document", "<u8")])


def band_path(folder: Path, band: int, key_range: int) -> Path:
    """Where the entries of ``band`` in ``key_range`` lie; there is no file where there are none."""
    name = "exact" if band == EXACT_BAND else f"{band:03d}"
    return folder / "bands" / f"{name}-{key_range:05d}.npy"


def write_entries(folder: Path, band: int, key_range: int, blocks: Sequence[NDArray[np.void]]) -> Path:
    """Write the entries of one range of a band in their order: by key, then document."""
    entries = np.concatenate(blocks)
    ranked = np.lexsort((entries["document"], *reversed(entries["key"].T)))
    path = band_path(folder, band, key_range)
    with atomic_file(path) as sink:
        np.save(sink, entries[ranked], allow_pickle=False)
    return path


def seal_band_index(
    folder: Path, names: Sequence[str], key_bits: int, parameters: DedupParameters, order: KeepOrder
) -> None:
    """Say what the finished files in ``folder`` are; from now on it is an index."""
    about = _about(parameters, order) | {"key_bits": key_bits, "documents": list(names)}
    write_bytes(folder / "index.json", json.dumps(about, sort_keys=True, indent=1).encode() + b"\n")


def open_band_index(folder: Path, parameters: DedupParameters, order: KeepOrder) -> BandIndex:
    """The index in ``folder``. Raises `RequestError` where there is none or it was made otherwise."""
    path = folder / "index.json"
    if not path.exists():
        raise RequestError(
            f"{folder}: found no index.json, expected the {INDEX}/ of a corpus with deduplication.write_index: true"
        )
    try:
        about = dict(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, RecursionError):
        raise RequestError(f"{path}: not the JSON of a band index; write the index again") from None
    if about.get("version") != VERSION:
        raise RequestError(
            f"{path}: version: found {about.get('version')!r}, expected {VERSION}; an index of another version of "
            "Tesuki may not say which documents are of a test set, nor their levels. Build its corpus again with "
            "deduplication.write_index: true"
        )
    for name, expected in _about(parameters, order).items():
        if about.get(name) != expected:
            raise RequestError(
                f"{path}: {name}: found {about.get(name)!r}, expected {expected!r}; an index can be compared only "
                "with what was made alike: use its settings, or write the index again"
            )
    names, key_bits = about.get("documents"), about.get("key_bits")
    if not isinstance(names, list) or not all(isinstance(name, str) and name == Path(name).name for name in names):
        raise RequestError(f"{path}: documents: found {names!r:.80}, expected names of files; write the index again")
    if type(key_bits) is not int or not 0 <= key_bits < 64:
        raise RequestError(f"{path}: key_bits: found {key_bits!r:.80}, expected 0 to 63; write the index again")
    return BandIndex(folder, tuple(names), key_bits)


def _about(parameters: DedupParameters, order: KeepOrder) -> dict[str, object]:
    return {
        "format": "tesuki-band-index",
        "version": VERSION,
        "parameters": asdict(parameters),
        "keep": order.rule,
    }
