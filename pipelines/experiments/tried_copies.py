"""What other settings of station 7 would do to a corpus, from the keys that are stored of the pages it compared.

Claims are written to a temporary folder, by band and range of keys, and read one file at a time; what is held besides
are an edge for each duplicate and a bit for each page.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.dedup.band_keys import estimate_similarities
from tesuki.dedup.chains import follow
from tesuki.dedup.claims import (
    EDGE,
    EXACT_BAND,
    Claims,
    Edges,
    bucket_firsts,
    claim_type,
    lowest_band,
    make_claims,
    make_edges,
    shared,
    undecided,
)
from tesuki.dedup.keep_order import KeepOrder, with_staying
from tesuki.dedup.mixing import mix64, random_words
from tesuki.dedup.presets import DedupParameters
from tesuki.pipelines.corpus.remaining import ROW, SUFFIX
from tesuki.pipelines.deduplication.numbering import (
    Documents,
    documents_in,
    order_columns,
    parts_of,
    priorities,
    references,
    rows_of,
)
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.trial import Tally, Tried, count_pages, rows_in_part
from tesuki.pipelines.storage.corpus_folder import LEDGER
from tesuki.pipelines.storage.key_ranges import key_bits_for, key_ranges, runs
from tesuki.pipelines.storage.schemas import LATER

CLAIMS_AT_ONCE: Final = 1 << 21
"""Claims of one band that are held at a time: 50 MB."""

EDGES_AT_ONCE: Final = 1 << 14
"""Pairs whose sketches are held at a time: 13 MB with sketches of 400 bytes."""

JOIN_STREAM: Final = 77
"""The stream of words by which stored keys are joined into others."""

References = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How documents are compared: the numbers, who stays, and the least similarity of a duplicate, where there is one.

    ``stored`` are the numbers by which the stored keys were made.
    """

    stored: DedupParameters
    asked: DedupParameters
    order: KeepOrder
    verify_similarity: float | None

    @property
    def exact(self) -> bool:
        """Whether a build finds to the page what is foretold: it draws other hash functions for other numbers."""
        return self.stored == self.asked


@dataclass(slots=True)
class CopyTrial:
    """What another comparison changes, of pages that the rules keep.

    ``stay`` pages are no duplicates today, ``would_stay`` with the new settings. The sides are pages that stay in only
    one of the two. ``elsewhere`` are duplicates of former corpora's documents, ``behind_withheld`` those of withheld
    pages, ``displaced`` what lists of later corpora name: they are counted as going in both. Pages whose hosts were
    refused before any were compared are none of ``compared``.
    """

    compared: int = 0
    stay: int = 0
    would_stay: int = 0
    elsewhere: int = 0
    behind_withheld: int = 0
    displaced: int = 0
    sides: Mapping[str, Tally] = field(default_factory=lambda: {"gained": Tally(), "lost": Tally()})


def check_numbers(stored: DedupParameters, asked: DedupParameters) -> None:
    """Raises `RequestError` where the stored keys and sketches can't say what buckets of the numbers ``asked`` hold."""
    for name in ("n", "seed"):
        if getattr(stored, name) != getattr(asked, name):
            raise RequestError(
                f"deduplication.{name}: found {getattr(asked, name)}, and keys are stored of {name} = "
                f"{getattr(stored, name)} alone: others need the texts"
            )
    if asked.permutations > stored.permutations:
        raise RequestError(
            f"deduplication: b = {asked.b} and r = {asked.r} need {asked.permutations} hash values of each page, and "
            f"{stored.permutations} are stored (b = {stored.b}, r = {stored.r}): more need the texts"
        )


def try_copies(tried: Tried, comparison: Comparison, test_sets: frozenset[str], examples: int) -> CopyTrial:
    """What ``comparison`` would change in a corpus; the documents of ``test_sets`` stay before all others."""
    missing = sorted(tried.subsets.keys() - (tried.tables.keys() & tried.drops.keys()))
    if missing:
        raise RequestError(
            f"{missing[0]}: what stations 6 and 7 say of this part is gone; run the same corpus command again"
        )
    test_parts = [part for part, subset in tried.subsets.items() if subset in test_sets]
    staying = frozenset(name for part in test_parts for name in (part, f"{part}{SUFFIX}"))
    with tempfile.TemporaryDirectory(prefix="tesuki-try-") as folder:
        documents = documents_in(tried.tables.values(), Path(folder) / "files.arrow", staying=staying)
        edges = _edges(tried, documents, comparison, Path(folder))
        ends = follow(edges["loser"], edges["first"]) if len(edges) else edges["first"]
        left = _rows_left(tried)
        bounds = np.searchsorted(parts_of(edges["loser"]), np.arange(documents.judged + 1))
        trial = CopyTrial()
        for part in range(documents.judged):
            rows = slice(bounds[part], bounds[part + 1])
            _count_part(trial, tried, left, documents, part, edges[rows], ends[rows], comparison, examples)
        return trial


def _count_part(
    trial: CopyTrial,
    tried: Tried,
    left: Mapping[str, npt.NDArray[np.int64]],
    documents: Documents,
    part: int,
    edges: Edges,
    ends: References,
    comparison: Comparison,
    examples: int,
) -> None:
    name = documents.name(part).partition(".")[0]
    table = documents.columns(part, ("id", "url", "host", "characters", "keep", *([ROW] if name in left else [])))
    kept = table["keep"].to_numpy(zero_copy_only=False) & ~_refused(tried, name, table["url"])
    drops = pq.read_table(tried.drops[name], columns=["row", "kept_part", "kept_row", "band", "similarity"])
    # Of the part's rows those that are left: a withheld page is none of them.
    places = np.asarray(pc.fill_null(pc.index_in(drops["row"].cast(pa.int64()), pa.array(rows_in_part(table))), -1))
    drops, gone = drops.filter(pa.array(places >= 0)), places[places >= 0]
    old, new = np.zeros((2, table.num_rows), dtype=bool)
    old[gone] = True
    new[rows_of(edges["loser"])] = True
    former, withheld, displaced = _out_of_reach(drops, left)
    new[gone[former | withheld | displaced]] = True
    trial.compared += int(kept.sum())
    trial.stay += int((kept & ~old).sum())
    trial.would_stay += int((kept & ~new).sum())
    trial.elsewhere += int(former.sum())
    trial.behind_withheld += int(withheld.sum())
    trial.displaced += int(displaced.sum())
    bound = comparison.verify_similarity or 0.0
    similarities = np.full(table.num_rows, np.nan)
    similarities[gone] = drops["similarity"].to_numpy()
    gained, lost = np.flatnonzero(kept & old & ~new), np.flatnonzero(kept & new & ~old)
    for side, rows in (("gained", gained), ("lost", lost)):
        if len(rows) == 0:
            continue
        met = similarities[rows]
        if side == "lost":
            places = np.searchsorted(rows_of(edges["loser"]), rows)
            met = _similarities(documents, edges["loser"][places], ends[places])
        met = np.nan_to_num(met, nan=1.0)
        rules = pa.array(np.where(met >= 1, "duplicate.exact or nearly", "duplicate.near"))
        bounds = np.full(len(rows), bound)
        count_pages(trial.sides[side], table, tried.subsets[name], rows, rules, met, bounds, examples)


def _rows_left(tried: Tried) -> dict[str, npt.NDArray[np.int64]]:
    """Of the parts of which a page was withheld: the rows that are left, ascending."""
    return {
        part: rows_in_part(pq.read_table(path, columns=[ROW], partitioning=None))
        for part, path in tried.tables.items()
        if path.name.endswith(SUFFIX)
    }


def _refused(tried: Tried, part: str, urls: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Which of a part's ``urls`` are of pages that left by their hosts before any were compared, as the ledger has it:
    nothing but its address decides that of a page."""
    ledger = tried.parts.parent / LEDGER / f"{part}.parquet"
    if not tried.hosts_first or not ledger.is_file():
        return np.zeros(len(urls), dtype=bool)
    left = pq.read_table(ledger, columns=["url"], filters=[("station", "=", "hosts")], partitioning=None)
    return np.asarray(pc.is_in(urls, left["url"].combine_chunks()), dtype=bool)


def _out_of_reach(
    drops: pa.Table, left: Mapping[str, npt.NDArray[np.int64]]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which of ``drops`` stand behind a document of a former corpus (INDEX/PART), which behind a withheld page, whose
    whole cluster goes with it, and which go because a later corpus' list names them."""
    former = np.asarray(pc.match_substring(drops["kept_part"], "/"), dtype=bool)
    withheld = np.zeros(drops.num_rows, dtype=bool)
    rows = drops["kept_row"].to_numpy()
    for place in range(drops.num_rows) if left else ():
        known = left.get(drops["kept_part"][place].as_py())
        withheld[place] = known is not None and rows[place] not in known
    return former, withheld, drops["band"].to_numpy() == LATER


def _edges(tried: Tried, documents: Documents, comparison: Comparison, folder: Path) -> Edges:
    """One edge for each page that goes, by ascending page: to the first of the first bucket in which it is second."""
    bits = key_bits_for(documents.total, CLAIMS_AT_ONCE)
    found: list[Edges] = []
    losers = np.zeros(0, dtype=np.uint64)
    _write_claims(tried, documents, comparison, bits, folder)
    for band in (EXACT_BAND, *range(comparison.asked.r)):
        new: list[Edges] = [np.zeros(0, EDGE)]
        for number in range(1 << bits):
            path = folder / f"{band}.{number}"
            if path.is_file():
                edges = _edges_of(documents, np.fromfile(path, dtype=_type(band)), band)
                edges = edges[~np.isin(edges["loser"], losers)]
                new.append(_verified(documents, edges, comparison.verify_similarity))
                path.unlink()
        found.append(np.concatenate(new))
        losers = np.union1d(losers, found[-1]["loser"])
    return lowest_band(np.concatenate(found))


def _edges_of(documents: Documents, claims: Claims, band: int) -> Edges:
    """From each page that is second in a bucket to the first of it: by priority, URL, id."""
    claims = claims[shared(claims["key"])]
    tied = undecided(claims["key"], claims["priority"])
    names = np.zeros(len(claims), dtype=np.int64)
    names[tied] = documents.name_ranks(claims["document"][tied])
    firsts = bucket_firsts(claims["key"], claims["priority"], names, claims["document"])
    losing = np.flatnonzero(firsts != np.arange(len(claims)))
    return make_edges(claims["document"][losing], claims["document"][firsts[losing]], band)


def _verified(documents: Documents, edges: Edges, least: float | None) -> Edges:
    if least is None or len(edges) == 0:
        return edges
    return edges[_similarities(documents, edges["loser"], edges["first"]) >= least]


def _similarities(documents: Documents, one: References, other: References) -> npt.NDArray[np.float64]:
    """The estimated similarity of each pair; 1 where a page has no sketch, which can only be an exact duplicate."""
    found = np.ones(len(one), dtype=np.float64)
    # Neighbours in one order lie in few files.
    order = np.argsort(one, kind="stable")
    for start in range(0, len(order), EDGES_AT_ONCE):
        some = order[start : start + EDGES_AT_ONCE]
        mine, theirs = (documents.lookup(pages[some], ("sketch",))["sketch"] for pages in (one, other))
        both = np.flatnonzero(pc.and_(pc.is_valid(mine), pc.is_valid(theirs)))
        if len(both):
            found[some[both]] = estimate_similarities(*(_bytes(each.take(pa.array(both))) for each in (mine, theirs)))
    return found


def _write_claims(tried: Tried, documents: Documents, comparison: Comparison, bits: int, folder: Path) -> None:
    """The claims of all pages that are compared, by band and range of keys."""
    order = comparison.order
    for part in range(documents.judged):
        of_keys = ("fingerprint", "band_keys", "sketch")
        table = documents.columns(part, ("url", *of_keys, *order_columns(order)))
        numbers = references(part, np.arange(table.num_rows))
        refused = _refused(tried, documents.name(part).partition(".")[0], table["url"])
        compared = np.asarray(pc.is_valid(table["fingerprint"]), dtype=bool) & ~refused
        numbers, table = numbers[compared], table.filter(pa.array(compared))
        staying = np.full(table.num_rows, documents.stays(part))
        ranks = with_staying(priorities(order, table), staying)
        for band, rows, keys in _bands(table, comparison):
            claims = make_claims(keys, ranks[rows], numbers[rows])
            ranges = key_ranges(claims["key"][:, 0], bits)
            sorted_rows = np.argsort(ranges, kind="stable")
            for number, start, stop in runs(ranges[sorted_rows]):
                with (folder / f"{band}.{number}").open("ab") as stream:
                    claims[sorted_rows[start:stop]].tofile(stream)


def _bands(
    table: pa.Table, comparison: Comparison
) -> Iterator[tuple[int, npt.NDArray[np.int64], npt.NDArray[np.uint64]]]:
    """Each band with the rows that have a key in it and the keys: stored ones, stored ones joined, or ones made of the
    sketch, where the asked for buckets are no multiples of the stored ones."""
    stored, asked = comparison.stored, comparison.asked
    words = np.frombuffer(b"".join(table["fingerprint"].to_pylist()), dtype="<u8").reshape(-1, 2)
    yield EXACT_BAND, np.arange(len(words)), words
    rows = np.flatnonzero(table["band_keys"].is_valid())
    if len(rows) == 0:
        return
    some = table.take(pa.array(rows))
    each = asked.b // stored.b
    if each * stored.b == asked.b and each * asked.r <= stored.r:
        keys = some["band_keys"].combine_chunks().flatten().to_numpy().reshape(-1, stored.r)
        for band in range(asked.r):
            yield band, rows, _joined(keys[:, band * each : (band + 1) * each], alone=each == 1)
        return
    values = _bytes(some["sketch"]).astype(np.uint64)
    for band in range(asked.r):
        yield band, rows, _joined(values[:, band * asked.b : (band + 1) * asked.b], alone=False)


def _joined(values: npt.NDArray[np.uint64], alone: bool) -> npt.NDArray[np.uint64]:
    """A key of each row: equal where all its values are."""
    if alone:
        return values
    mixed = mix64(values * np.uint64(2) + np.uint64(1)) * random_words(JOIN_STREAM, values.shape[1])
    return mix64(mixed.sum(axis=1, dtype=np.uint64))[:, None]


def _type(band: int) -> np.dtype[np.void]:
    return claim_type(2 if band == EXACT_BAND else 1)


def _bytes(sketches: pa.ChunkedArray) -> npt.NDArray[np.uint8]:
    return np.frombuffer(b"".join(sketches.to_pylist()), dtype=np.uint8).reshape(len(sketches), -1)


def comparison_as_json(comparison: Comparison) -> dict[str, Any]:
    """How documents are compared, as a value of JSON."""
    asked = comparison.asked
    numbers = {"b": asked.b, "r": asked.r, "n": asked.n, "seed": asked.seed}
    return numbers | {"keep": comparison.order.rule, "verify_similarity": comparison.verify_similarity}
