"""From judged parts to claims on buckets, and from claims to edges: who duplicates whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.pvalue import TaggedOutput
from numpy.typing import NDArray

from tesuki.dedup.claims import (
    EDGE,
    EXACT_BAND,
    Claims,
    bucket_firsts,
    carry_to_bucket_firsts,
    claim_type,
    lowest_band,
    make_claims,
    make_edges,
    shared,
    undecided,
)
from tesuki.dedup.keep_order import FIRST, KeepOrder, with_staying
from tesuki.dedup.presets import DedupParameters
from tesuki.filters.hosts import Denied
from tesuki.pipelines.deduplication.numbering import (
    ROW_BITS,
    Documents,
    order_columns,
    parts_of,
    priorities,
    references,
)
from tesuki.pipelines.deduplication.packing import packed, unpacked
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.storage.key_ranges import key_ranges, runs
from tesuki.pipelines.storage.numbered import Rows

CLAIMS = "claims"
EDGES = "edges"

Group = tuple[int, int]
"""A band and a range of its keys: the first bits of the key, as many as the corpus needs."""


def claims_of_unit(
    documents: Documents,
    units: Rows,
    parameters: DedupParameters,
    order: KeepOrder,
    refused: Denied | None,
    key_bits: int,
    unit: int,
) -> Iterator[TaggedOutput]:
    """The claims that the parts of the ``unit``-th of ``units`` make in each group, and the edges between their rows.

    Of several rows with one key only the best makes a claim; the others lose to it here and now, so that a page
    repeated a million times costs one claim a unit. Arrays are `packed`; edges go by the unit's first part.
    """
    first, stop = units.row(unit)
    table = pa.concat_tables([_kept_rows(documents, parameters, order, refused, part) for part in range(first, stop)])
    table = table.sort_by([(name, "ascending") for name in ("priority", "url", "id", "document")])
    numbers = np.asarray(table["document"])
    ranks = np.asarray(table["priority"])
    for band, rows, keys in bands_of(table, parameters):
        firsts = bucket_firsts(keys)
        best = firsts == np.arange(len(keys))
        if not best.all():
            edges = make_edges(numbers[rows[~best]], numbers[rows[firsts[~best]]], band)
            yield TaggedOutput(EDGES, (first, packed(edges)))
        claims = make_claims(keys[best], ranks[rows[best]], numbers[rows[best]])
        ranges = key_ranges(claims["key"][:, 0], key_bits)
        order_in = np.argsort(ranges, kind="stable")
        for number, start, end in runs(ranges[order_in]):
            yield TaggedOutput(CLAIMS, ((band, number), packed(claims[order_in[start:end]])))


def _kept_rows(
    documents: Documents, parameters: DedupParameters, order: KeepOrder, refused: Denied | None, part: int
) -> pa.Table:
    """The rows of a part that are compared, which have a fingerprint: their keys, names, numbers and priorities.

    Where duplicates go first and the rules judge what is left, those are all rows; else those that the rules keep.
    """
    table = documents.columns(part, ("keep", "url", "id", "fingerprint", "band_keys", *order_columns(order)))
    table = table.append_column("document", pa.array(references(part, np.arange(table.num_rows))))
    compared = pc.is_valid(table["fingerprint"])
    lacking = pc.sum(pc.and_(table["keep"], pc.invert(compared))).as_py() or 0
    if lacking:
        raise WorkError(f"{documents.path(part).name}: {lacking} kept rows have no fingerprint; judge the part again")
    if refused is not None:
        wanted = [refused.match(url) is None for url in table["url"].to_pylist()]
        compared = pc.and_(compared, pa.chunked_array([pa.array(wanted, pa.bool_())]))
    table = table.filter(compared)
    check_keys(table, parameters, documents.path(part).name)
    staying = np.full(table.num_rows, documents.stays(part))
    table = table.append_column("priority", pa.array(with_staying(priorities(order, table), staying)))
    return table.select(["url", "id", "fingerprint", "band_keys", "document", "priority"])


def edges_across_units(
    documents: Documents, units: Rows, earlier_stay: bool, group: Group, blocks: Iterable[bytes]
) -> Iterator[tuple[int, bytes]]:
    """The edges of one group, by the unit of the loser. URLs and ids are looked up only where all else ties.

    Each part of an earlier index is a unit of its own. Documents of earlier indexes take part where a key of theirs is
    claimed. A test set comes before all others, of whatever crawl. Then,
    where earlier documents are to stay, they come, and lose to test sets only.
    """
    band, _ = group
    claims = unpacked(blocks, claim_type(2 if band == EXACT_BAND else 1))
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
    edges = edges[np.argsort(edges["loser"])]
    parts = parts_of(edges["loser"])
    firsts_of_units = units.table["first"].to_numpy()
    unit = firsts_of_units[np.searchsorted(firsts_of_units, parts, side="right") - 1] if documents.judged else parts
    first_parts = np.where(parts < documents.judged, unit, parts)
    for unit, start, stop in runs(first_parts):
        yield unit, packed(edges[start:stop])


def earlier_claims(documents: Documents, band: int, keys: NDArray[np.uint64]) -> Iterator[Claims]:
    """The claims that earlier indexes make on ``keys`` (first words)."""
    for index, first_part in documents.earlier:
        found = index.matches(band, np.unique(keys))
        if len(found) == 0:
            continue
        numbers = found["document"] + np.uint64(first_part << ROW_BITS)
        table = documents.lookup(numbers, ("priority", "staying"))
        ranks = with_staying(np.asarray(table["priority"], dtype=np.uint64), np.asarray(table["staying"]))
        yield make_claims(found["key"], ranks, numbers)


def edges_of_unit(unit: int, blocks: Iterable[bytes]) -> tuple[int, bytes]:
    """The edges of the duplicates in a unit, each to the first of its bucket."""
    return unit, packed(carry_to_bucket_firsts(unpacked(blocks, EDGE)))


def one_edge_each(key: int, edges: bytes) -> tuple[int, bytes]:
    """One edge for each duplicate, that of the lowest band it shares."""
    return key, packed(lowest_band(unpacked([edges], EDGE)))


def by_part(_: object, edges: bytes) -> Iterator[tuple[int, bytes]]:
    """``edges`` split by the part of the loser."""
    rows = unpacked([edges], EDGE)
    rows = rows[np.argsort(rows["loser"])]
    for part, start, stop in runs(parts_of(rows["loser"])):
        yield part, packed(rows[start:stop])


def check_keys(table: pa.Table, parameters: DedupParameters, file: str) -> None:
    """Raise `WorkError` where a kept row of ``file`` has no fingerprint, or keys of other parameters."""
    missing = table["fingerprint"].null_count
    if missing:
        raise WorkError(f"{file}: {missing} kept rows have no fingerprint; judge the part again")
    lengths = np.unique(np.asarray(pc.list_value_length(table["band_keys"].drop_null())))
    if not set(lengths.tolist()) <= {parameters.r}:
        raise WorkError(
            f"{file}: found band_keys of length {', '.join(map(str, lengths))}, expected r = {parameters.r}; "
            "the part was judged with other dedup parameters, judge it again"
        )


def bands_of(
    table: pa.Table, parameters: DedupParameters
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.uint64]]]:
    """Each band with the rows of ``table`` that have a key in it and the keys, one row of words each."""
    words = np.frombuffer(b"".join(table["fingerprint"].to_pylist()), dtype="<u8").reshape(-1, 2)
    yield EXACT_BAND, np.arange(len(words)), words
    lists = table["band_keys"].combine_chunks()
    rows = np.flatnonzero(np.asarray(lists.is_valid()))
    keys = np.asarray(lists.drop_null().flatten()).reshape(-1, parameters.r)
    for band in range(parameters.r):
        yield band, rows, keys[:, band : band + 1]
