"""Claims on buckets, as arrays: who was first in each bucket, and who duplicates whom.

A claim says that a document has a key in a band: 24 bytes, and 32 for the exact match, whose key has two
words. All documents that claim one key of one band share a bucket; the first in the order of `keep_order`
stays, each other one duplicates it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EXACT_BAND = -1
"""The band of the fingerprints: two claims of one key there have the same text."""

EDGE = np.dtype([("loser", "<u8"), ("first", "<u8"), ("band", "<i4")])
"""``loser`` shares a bucket of ``band`` with ``first``, which comes before it; both are document references."""


Claims = NDArray[np.void]
"""Rows of `claim_type`."""

Edges = NDArray[np.void]
"""Rows of `EDGE`."""


def claim_type(words: int) -> np.dtype[np.void]:
    """The row of a claim whose key has so many 64-bit ``words``; ``priority`` as in `keep_order`, small is first."""
    return np.dtype([("key", "<u8", (words,)), ("priority", "<u8"), ("document", "<u8")])


def make_claims(keys: NDArray[np.uint64], priorities: NDArray[np.uint64], documents: NDArray[np.uint64]) -> Claims:
    """The claims of ``documents`` on ``keys`` (a row for each, one or more words)."""
    claims = np.empty(len(keys), dtype=claim_type(keys.shape[1]))
    claims["key"] = keys
    claims["priority"] = priorities
    claims["document"] = documents
    return claims


def shared(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The rows of ``keys`` whose first word another row has too; most keys of a corpus are nobody else's."""
    ranked = np.argsort(keys[:, 0])
    words = keys[ranked, 0]
    equals_next = np.zeros(len(keys) + 1, dtype=bool)
    equals_next[1:-1] = words[1:] == words[:-1]
    return np.sort(ranked[equals_next[1:] | equals_next[:-1]])


def bucket_firsts(keys: NDArray[np.uint64], *order: NDArray[np.generic]) -> NDArray[np.int64]:
    """For each row of ``keys`` the index of the first row with the same key, by the columns of ``order`` in turn.

    Rows equal in every column of ``order`` are taken in the order they stand.
    """
    ranked, starts, lengths = _buckets(keys, *order)
    firsts = np.empty(len(keys), dtype=np.int64)
    firsts[ranked] = np.repeat(ranked[starts], lengths)
    return firsts


def undecided(keys: NDArray[np.uint64], *order: NDArray[np.generic]) -> NDArray[np.int64]:
    """The rows that ``order`` puts first in their bucket together with another: more must be known of them."""
    ranked, starts, lengths = _buckets(keys, *order)
    tied = np.ones(len(keys), dtype=bool)
    for column in order:
        ordered = column[ranked]
        tied &= ordered == np.repeat(ordered[starts], lengths)
    equals = np.add.reduceat(tied, starts, dtype=np.int64) if len(starts) else starts
    return np.sort(ranked[tied & np.repeat(equals > 1, lengths)])


def make_edges(losers: NDArray[np.uint64], firsts: NDArray[np.uint64], bands: NDArray[np.int32] | int) -> Edges:
    """Edges from ``losers`` to ``firsts``."""
    edges = np.empty(len(losers), dtype=EDGE)
    edges["loser"] = losers
    edges["first"] = firsts
    edges["band"] = bands
    return edges


def carry_to_bucket_firsts(edges: Edges) -> Edges:
    """Each edge pointed at the first of its whole bucket.

    Where an edge's ``first`` is itself the loser of an edge of the same band, both edges speak of one bucket
    (a document has one key in a band) and the latter knows better who is first. One such step suffices: a
    document that loses within its part is never sent to be compared across parts.
    """
    losers, loser_numbers = np.unique(edges["loser"], return_inverse=True)
    if len(losers) == 0:
        return edges
    bands = int(edges["band"].max()) - EXACT_BAND + 1
    names = loser_numbers * bands + (edges["band"] - EXACT_BAND)
    order = np.argsort(names)
    places = np.searchsorted(losers, edges["first"])
    is_loser = losers[np.minimum(places, len(losers) - 1)] == edges["first"]
    wanted = places * bands + (edges["band"] - EXACT_BAND)
    found = order[np.minimum(np.searchsorted(names, wanted, sorter=order), len(edges) - 1)]
    known = is_loser & (names[found] == wanted)
    carried = edges.copy()
    carried["first"][known] = edges["first"][found[known]]
    return carried


def lowest_band(edges: Edges) -> Edges:
    """One edge for each loser, that of the lowest band (the exact match before all), by ascending loser."""
    ordered = edges[np.lexsort((edges["first"], edges["band"], edges["loser"]))]
    keep = np.ones(len(ordered), dtype=bool)
    keep[1:] = ordered["loser"][1:] != ordered["loser"][:-1]
    return ordered[keep]


def _buckets(
    keys: NDArray[np.uint64], *order: NDArray[np.generic]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Rows ranked by key and then ``order``, where in that ranking each bucket starts, and how long it is."""
    ranked = np.lexsort((*reversed(order), *keys.T))
    grouped = keys[ranked]
    changed = np.ones(len(keys), dtype=bool)
    changed[1:] = (grouped[1:] != grouped[:-1]).any(axis=1)
    starts = np.flatnonzero(changed)
    return ranked, starts, np.diff(np.append(starts, len(keys)))
