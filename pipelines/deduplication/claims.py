"""From judged parts to claims on buckets, and from claims to edges: who duplicates whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.pvalue import TaggedOutput
from numpy.typing import NDArray

from tesuki.dedup.claims import (
    EXACT_BAND,
    bucket_firsts,
    carry_to_bucket_firsts,
    lowest_band,
    make_claims,
    make_edges,
    shared,
    undecided,
)
from tesuki.dedup.keep_order import FIRST, KeepOrder, with_staying
from tesuki.dedup.presets import DedupParameters
from tesuki.pipelines.deduplication.numbering import (
    ROW_BITS,
    Documents,
    order_columns,
    parts_of,
    priorities,
    references,
)
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.storage.key_ranges import key_ranges, runs

CLAIMS = "claims"
EDGES = "edges"

Group = tuple[int, int]
"""A band and a range of its keys: the first bits of the key, as many as the corpus needs."""


def claims_of_part(
    documents: Documents, parameters: DedupParameters, order: KeepOrder, key_bits: int, part: int
) -> Iterator[TaggedOutput]:
    """The claims that a part makes in each group, and the edges between its own rows.

    Of several rows with one key only the best makes a claim; the others lose to it here and now, so that a
    page repeated a million times costs one claim a part.
    """
    table = documents.columns(part, ("keep", "url", "id", "fingerprint", "band_keys", *order_columns(order)))
    table = table.append_column("row", pa.array(np.arange(table.num_rows)))
    compared = pc.is_valid(table["fingerprint"])
    _check_fingerprints(pc.and_not(table["keep"], compared), documents.paths[part].name)
    table = table.filter(compared)
    staying = np.full(table.num_rows, documents.names[part] in documents.staying)
    table = table.append_column("priority", pa.array(with_staying(priorities(order, table), staying)))
    table = table.sort_by([(name, "ascending") for name in ("priority", "url", "id", "row")])
    numbers = references(part, np.asarray(table["row"]))
    ranks = np.asarray(table["priority"])
    for band, rows, keys in bands_of(table, parameters, documents.paths[part].name):
        firsts = bucket_firsts(keys)
        best = firsts == np.arange(len(keys))
        if not best.all():
            edges = make_edges(numbers[rows[~best]], numbers[rows[firsts[~best]]], band)
            yield TaggedOutput(EDGES, (part, edges))
        claims = make_claims(keys[best], ranks[rows[best]], numbers[rows[best]])
        ranges = key_ranges(claims["key"][:, 0], key_bits)
        order_in = np.argsort(ranges, kind="stable")
        for number, start, stop in runs(ranges[order_in]):
            yield TaggedOutput(CLAIMS, ((band, number), claims[order_in[start:stop]]))


def edges_across_parts(
    documents: Documents, earlier_stay: bool, group: Group, blocks: Iterable[NDArray[np.void]]
) -> Iterator[tuple[int, NDArray[np.void]]]:
    """The edges of one group, by the part of the loser. URLs and ids are looked up only where all else ties.

    Documents of earlier indexes take part where a key of theirs is claimed. A test set comes before all others, of
    whatever crawl. Then, where earlier documents are to stay, they come, and lose to test sets only.
    """
    band, _ = group
    claims = np.concatenate(list(blocks))
    claims = np.concatenate([claims, *earlier_claims(documents, band, claims["key"][:, 0])])
    claims = claims[shared(claims["key"])]
    is_new = parts_of(claims["document"]) < documents.judged
    gives_way = claims["priority"] != FIRST
    order = (gives_way, is_new & earlier_stay, claims["priority"])
    tied = undecided(claims["key"], *order)
    names = np.zeros(len(claims), dtype=np.int64)
    names[tied] = documents.name_ranks(claims["document"][tied])
    firsts = bucket_firsts(claims["key"], *order, names, claims["document"])
    can_lose = is_new | (not earlier_stay) | (gives_way & ~gives_way[firsts])
    losing = np.flatnonzero((firsts != np.arange(len(claims))) & can_lose)
    edges = make_edges(claims["document"][losing], claims["document"][firsts[losing]], band)
    yield from by_part(group, edges)


def earlier_claims(documents: Documents, band: int, keys: NDArray[np.uint64]) -> Iterator[NDArray[np.void]]:
    """The claims that earlier indexes make on ``keys`` (first words)."""
    for index, first_part in documents.earlier:
        found = index.matches(band, np.unique(keys))
        if len(found) == 0:
            continue
        numbers = found["document"] + np.uint64(first_part << ROW_BITS)
        table = documents.lookup(numbers, ("priority", "staying"))
        ranks = with_staying(np.asarray(table["priority"], dtype=np.uint64), np.asarray(table["staying"]))
        yield make_claims(found["key"], ranks, numbers)


def edges_of_part(part: int, blocks: Iterable[NDArray[np.void]]) -> tuple[int, NDArray[np.void]]:
    """The edges of the duplicates in ``part``, each to the first of its bucket."""
    return part, carry_to_bucket_firsts(np.concatenate(list(blocks)))


def one_edge_each(part: int, edges: NDArray[np.void]) -> tuple[int, NDArray[np.void]]:
    """One edge for each duplicate in ``part``, that of the lowest band it shares."""
    return part, lowest_band(edges)


def by_part(_: object, edges: NDArray[np.void]) -> Iterator[tuple[int, NDArray[np.void]]]:
    """``edges`` split by the part of the loser."""
    ordered = edges[np.argsort(edges["loser"])]
    for part, start, stop in runs(parts_of(ordered["loser"])):
        yield part, ordered[start:stop]


def _check_fingerprints(lacking: pa.ChunkedArray, file: str) -> None:
    number = pc.sum(lacking).as_py() or 0
    if number:
        raise WorkError(f"{file}: {number} kept rows have no fingerprint; judge the part again")


def bands_of(
    table: pa.Table, parameters: DedupParameters, file: str
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.uint64]]]:
    """Each band with the rows of ``table`` that have a key in it and the keys, one row of words each."""
    words = np.frombuffer(b"".join(table["fingerprint"].to_pylist()), dtype="<u8").reshape(-1, 2)
    yield EXACT_BAND, np.arange(len(words)), words
    lists = table["band_keys"].combine_chunks()
    rows = np.flatnonzero(np.asarray(lists.is_valid()))
    lengths = np.unique(np.asarray(pc.list_value_length(lists.drop_null())))
    if not set(lengths.tolist()) <= {parameters.r}:
        raise WorkError(
            f"{file}: found band_keys of length {', '.join(map(str, lengths))}, expected r = {parameters.r}; "
            "the part was judged with other dedup parameters, judge it again"
        )
    keys = np.asarray(lists.drop_null().flatten()).reshape(-1, parameters.r)
    for band in range(parameters.r):
        yield band, rows, keys[:, band : band + 1]
