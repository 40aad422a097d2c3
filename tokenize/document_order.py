"""The order of documents inside a subset: by a hash of their ids."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

HashArray = npt.NDArray[np.uint64]


def order_hash(document_id: str) -> int:
    """The place of a document in [0, 2**64): the same on any machine, unrelated to crawl, host or length."""
    return int.from_bytes(hashlib.blake2b(document_id.encode(), digest_size=8, person=b"tesuki order").digest(), "big")


def order_hashes(document_ids: Iterable[str]) -> HashArray:
    """`order_hash` of each id."""
    return np.fromiter(map(order_hash, document_ids), dtype=np.uint64)


def document_order(hashes: HashArray, document_ids: Iterable[str]) -> npt.NDArray[np.int64]:
    """The row numbers in document order: by hash, and by id where two hashes are equal."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    if not (ordered[1:] == ordered[:-1]).any():
        return order
    ids = list(document_ids)
    return np.array(sorted(range(len(ids)), key=lambda row: (int(hashes[row]), ids[row])), dtype=np.int64)
