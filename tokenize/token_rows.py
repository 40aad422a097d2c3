"""Many tokenized documents as flat arrays: no Python object a token, none a document but its id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .document_order import HashArray, document_order
from .token_width import TokenArray


@dataclass(frozen=True, slots=True, eq=False)
class TokenRows:
    """Documents as rows: row i has id ``document_ids[i]`` and tokens ``ids[offsets[i]:offsets[i + 1]]``.

    ``document_ids`` is an Arrow string array; ``offsets`` has one entry more than there are rows, starts at
    0 and ends at ``ids.size``; ``hashes`` are the order hashes of the ids.
    """

    document_ids: pa.StringArray
    ids: TokenArray
    offsets: npt.NDArray[np.int64]
    hashes: HashArray

    def __post_init__(self) -> None:
        rows = len(self.document_ids)
        if self.offsets.size != rows + 1 or self.hashes.size != rows:
            raise ValueError(f"{rows} document ids, {self.offsets.size} offsets, {self.hashes.size} hashes: unequal")
        if self.offsets[0] != 0 or self.offsets[-1] != self.ids.size or (np.diff(self.offsets) < 0).any():
            raise ValueError(f"offsets must ascend from 0 to {self.ids.size}, the number of tokens")

    def __len__(self) -> int:
        return len(self.document_ids)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of each document."""
        return np.diff(self.offsets)


def rows_of(document_ids: Sequence[str], documents: Sequence[TokenArray], hashes: HashArray) -> TokenRows:
    """Rows from one array a document. Raises ValueError for an empty list, whose dtype nobody can know."""
    if not documents:
        raise ValueError("no documents to make rows of")
    offsets = np.zeros(len(documents) + 1, dtype=np.int64)
    np.cumsum([document.size for document in documents], out=offsets[1:])
    return TokenRows(pa.array(document_ids, pa.string()), np.concatenate(documents), offsets, hashes)


def concatenate_rows(parts: Iterable[TokenRows]) -> TokenRows:
    """The rows of all parts, in order. All must have one dtype; ValueError otherwise, or without parts."""
    parts = list(parts)
    widths = {str(part.ids.dtype) for part in parts}
    if len(widths) != 1:
        raise ValueError(f"token widths {sorted(widths)}; expected parts that all have the same one")
    ends = np.cumsum([part.ids.size for part in parts])
    starts = [0, *ends[:-1].tolist()]
    offsets = [part.offsets[1:] + start for part, start in zip(parts, starts, strict=True)]
    return TokenRows(
        pa.concat_arrays([part.document_ids for part in parts]),
        np.concatenate([part.ids for part in parts]),
        np.concatenate([np.zeros(1, dtype=np.int64), *offsets]),
        np.concatenate([part.hashes for part in parts]),
    )


def take_rows(rows: TokenRows, order: npt.NDArray[np.int64]) -> TokenRows:
    """The rows with these numbers, in this order."""
    lengths = rows.lengths[order]
    offsets = np.zeros(order.size + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    # Each token's source: its place in the new array, shifted by how far its row moved.
    source = np.arange(offsets[-1], dtype=np.int64) + np.repeat(rows.offsets[order] - offsets[:-1], lengths)
    return TokenRows(rows.document_ids.take(pa.array(order)), rows.ids[source], offsets, rows.hashes[order])


def copied_rows(rows: TokenRows) -> TokenRows:
    """The same rows in memory of their own, so that the file they were mapped from can be let go."""
    ids = rows.document_ids.take(pa.array(np.arange(len(rows))))
    return TokenRows(ids, rows.ids.copy(), rows.offsets.copy(), rows.hashes.copy())


def ordered_rows(rows: TokenRows) -> TokenRows:
    """The same rows in document order."""
    return take_rows(rows, document_order(rows.hashes, rows.document_ids.to_pylist()))


def rows_in_range(rows: TokenRows, first: int, end: int) -> TokenRows:
    """Of rows in document order, those with hash in [first, end): views, nothing copied but the offsets."""
    low = int(np.searchsorted(rows.hashes, np.uint64(first)))
    high = len(rows) if end >= 2**64 else int(np.searchsorted(rows.hashes, np.uint64(end)))
    start, stop = int(rows.offsets[low]), int(rows.offsets[high])
    return TokenRows(
        rows.document_ids.slice(low, high - low),
        rows.ids[start:stop],
        rows.offsets[low : high + 1] - start,
        rows.hashes[low:high],
    )
