"""Where each page of a corpus stands, by address, document id or record id: a sorted table of hashes, and no text.

The table is made when it is first asked for and kept in ``parts/``, which is no part of the corpus. It holds hashes
only: a page that a take-down removes leaves no address behind.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.storage.files import atomic_file, sha256_of
from tesuki.pipelines.storage.key_ranges import key_ranges, runs
from tesuki.pipelines.storage.values import url_hash
from tesuki.release_levels.page_lists import comparable_url

ENTRY = np.dtype([("name", "<u8"), ("file", "<u4"), ("row", "<u4")])
"""The hash of a name, and the row it leads to; ascending by name."""

NAMES = ("id", "record_id", "url", "url_hash")
"""The columns a page can be asked for by."""

ROWS_AT_ONCE = 8_192
"""Rows that are held as Python values while the table is made."""

GROUP = 1 << 22
"""Entries that are sorted at a time: 4 million of 16 bytes are 67 MB, and as much again while they are sorted."""

MOST_BITS = 10
"""Entries are dealt into at most two to the power of this many files; with more than 4 billion, groups grow."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PageIndex:
    """The tables of a corpus (documents first, then the ledger) and where each name leads."""

    files: tuple[Path, ...]
    entries: NDArray[np.void]

    def find(self, pages: Sequence[str], leaving_out: frozenset[str] = frozenset()) -> dict[str, list[Row]]:
        """The rows of each of ``pages``, with ``file`` (a path) and ``kept``; no row where there is none.

        Columns ``leaving_out`` are not read. Each file is read once.
        """
        wanted: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for page in pages:
            for name in _asked(page):
                start = np.searchsorted(self.entries["name"], np.uint64(name), side="left")
                stop = np.searchsorted(self.entries["name"], np.uint64(name), side="right")
                for entry in self.entries[start:stop]:
                    wanted[int(entry["file"])][int(entry["row"])].add(page)
        found: dict[str, list[Row]] = {page: [] for page in pages}
        for number in sorted(wanted):
            rows = sorted(wanted[number])
            for row, values in zip(rows, self._rows(number, rows, leaving_out), strict=True):
                for page in sorted(wanted[number][row]):
                    if _is(values, page):
                        found[page].append(values)
        return found

    def with_text(self, snippet: str) -> Iterator[Row]:
        """The documents whose text holds ``snippet``: every text is read."""
        for number, path in enumerate(self.files):
            if _of_documents(path):
                rows = np.flatnonzero(np.asarray(pc.match_substring(read_columns(path, ["text"])["text"], snippet)))
                yield from self._rows(number, rows.tolist(), frozenset()) if len(rows) else ()

    def _rows(self, number: int, rows: Sequence[int], leaving_out: frozenset[str]) -> list[Row]:
        path = self.files[number]
        table = read_columns(path, None if not leaving_out else sorted(set(_columns(path)) - leaving_out))
        about = {"file": path, "kept": _of_documents(path)}
        return [about | row for row in table.take(pa.array(rows)).to_pylist()]


def open_page_index(output: Path) -> PageIndex:
    """The index of the corpus at ``output``: the one that lies there, if it is of this very corpus, else a new one."""
    corpus = CorpusFolder(output)
    files = (*corpus.document_paths(), *corpus.ledger())
    folder, name = output / "parts", f"page-index-{sha256_of(output / 'manifest.json')[:16]}.npy"
    if (entries := _mapped(folder / name)) is not None:
        return PageIndex(files, entries)
    try:
        if folder.is_dir():
            for former in folder.glob("page-index-*.npy"):
                former.unlink()
            write_index(files, folder / name)
            return PageIndex(files, np.load(folder / name, mmap_mode="r", allow_pickle=False))
    except OSError:
        pass  # A corpus that may only be read is asked all the same, more slowly.
    with tempfile.TemporaryDirectory(prefix="tesuki-index-") as own:
        write_index(files, Path(own, name))
        # A file that is mapped stays until nobody looks at it any more.
        return PageIndex(files, np.load(Path(own, name), mmap_mode="r", allow_pickle=False))


def _mapped(path: Path) -> NDArray[np.void] | None:
    try:
        entries: NDArray[np.void] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    return entries


def write_index(files: Sequence[Path], path: Path, group: int = GROUP) -> None:
    """Write the entries of all ``files`` to ``path``, ascending by name, file and row.

    They are dealt by the first bits of their names into parts of about ``group`` entries, each of which is sorted by
    itself: that is what is held, and `ROWS_AT_ONCE` rows, however large the corpus is.
    """
    rows = sum(_rows_in(file) for file in files)
    bits = min(MOST_BITS, (rows * len(NAMES) // group).bit_length())
    with tempfile.TemporaryDirectory(prefix=".page-index-", dir=path.parent) as folder:
        dealt = [Path(folder, f"{number:04d}") for number in range(1 << bits)]
        for number, file in enumerate(files):
            for block in _blocks(number, file):
                _deal(block, dealt, bits)
        sizes = [part.stat().st_size // ENTRY.itemsize if part.exists() else 0 for part in dealt]
        with atomic_file(path) as sink:
            header = {"descr": np.lib.format.dtype_to_descr(ENTRY), "fortran_order": False, "shape": (sum(sizes),)}
            np.lib.format.write_array_header_1_0(sink, header)
            for part, size in zip(dealt, sizes, strict=True):
                if size:
                    entries = np.fromfile(part, dtype=ENTRY)
                    sink.write(entries[np.lexsort((entries["row"], entries["file"], entries["name"]))].tobytes())


def _deal(block: NDArray[np.void], dealt: Sequence[Path], bits: int) -> None:
    numbers = key_ranges(block["name"], bits)
    order = np.argsort(numbers, kind="stable")
    for number, start, stop in runs(numbers[order]):
        with dealt[number].open("ab") as sink:
            sink.write(block[order[start:stop]].tobytes())


def read_columns(path: Path, columns: Sequence[str] | None) -> pa.Table:
    """Some columns of a table, or all. Raises `WorkError` for a file that cannot be read."""
    try:
        with pq.ParquetFile(path) as file:
            return file.read(columns=None if columns is None else list(columns))
    except (OSError, pa.ArrowException) as failure:
        raise WorkError(f"{path}: cannot be read ({str(failure).splitlines()[0]}); see tesuki verify") from None


def _columns(path: Path) -> list[str]:
    try:
        return list(pq.read_schema(path).names)
    except (OSError, pa.ArrowException) as failure:
        raise WorkError(f"{path}: cannot be read ({str(failure).splitlines()[0]}); see tesuki verify") from None


def _of_documents(path: Path) -> bool:
    return path.parent.name != "ledger"


def _rows_in(path: Path) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException) as failure:
        raise WorkError(f"{path}: cannot be read ({str(failure).splitlines()[0]}); see tesuki verify") from None


def _blocks(number: int, path: Path) -> Iterator[NDArray[np.void]]:
    """The entries of a file, some rows at a time."""
    columns = [name for name in NAMES if name in _columns(path)]
    first = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=columns):
                names = [(name, row) for row, values in enumerate(batch.to_pylist(), first) for name in _given(values)]
                block = np.zeros(len(names), dtype=ENTRY)
                block["name"] = np.array([name for name, _ in names], dtype=np.uint64)
                block["file"] = number
                block["row"] = [row for _, row in names]
                first += batch.num_rows
                yield block
    except (OSError, pa.ArrowException) as failure:
        raise WorkError(f"{path}: cannot be read ({str(failure).splitlines()[0]}); see tesuki verify") from None


def _given(row: Row) -> Iterator[int]:
    """What a row can be found by."""
    yield from (_hash(str(row[name])) for name in ("id", "record_id") if row.get(name))
    if row.get("url"):
        yield _hash(comparable_url(row["url"]) or row["url"])
    elif row.get("url_hash"):
        yield _hash(row["url_hash"])


def _asked(page: str) -> set[int]:
    """What somebody may mean by ``page``."""
    names = {page, comparable_url(page), comparable_url(f"https://{page}"), *map(url_hash, _spellings(page))}
    return {_hash(name) for name in names if name}


def _is(row: Row, page: str) -> bool:
    if page in (row.get("id"), row.get("record_id"), row.get("url")):
        return True
    if not row.get("url"):
        return row.get("url_hash") in set(map(url_hash, _spellings(page)))
    comparable = comparable_url(row["url"])
    return bool(comparable) and comparable in (comparable_url(page), comparable_url(f"https://{page}"))


def _spellings(page: str) -> set[str]:
    """Addresses that ``page`` may have been captured by; of a withheld page nothing but the hash of one is kept."""
    bare = page.strip().partition("#")[0]
    scheme, found, rest = bare.partition("://")
    rest = rest if found else scheme
    places = {rest, rest.rstrip("/"), rest.rstrip("/") + "/"}
    places |= {place.removeprefix("www.") for place in places} | {f"www.{place}" for place in places}
    return {page, bare, *(f"{name}://{place}" for name in ("http", "https") for place in places)}


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
