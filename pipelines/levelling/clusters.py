"""What the duplicates tell the document that stands for them: how many they are, where, and their strictest level.

Documents of former corpora that it displaces are duplicates like those of its own.

A kept document takes the strictest level of its cluster, so the levels of pages that will be dropped are needed
before the levels of those that stay. Only ids, addresses and levels travel; a page with a million copies is summed up
within each part first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow.parquet as pq

from tesuki.pipelines.journey.page import MEMBERS_NAMED, Cluster, Member
from tesuki.pipelines.levelling.page_level import TAKEN_DOWN, LevelPage
from tesuki.pipelines.reading.stored_pages import PageStore
from tesuki.pipelines.storage.judged_part import JudgedPart
from tesuki.release_levels.levels import Level, strictest

CLUSTER = "level.cluster"
"""The rule by which a document goes because a duplicate of it must, for another reason than a take-down."""

Clusters = Mapping[int, Cluster]
"""Of one part: the clusters of its kept rows that stand for others, by row."""


class GatherClusters(beam.PTransform):
    """PCollection of the numbers of ``parts`` to PCollection of (number, `Clusters`)."""

    def __init__(self, parts: Sequence[JudgedPart], store: PageStore, level_page: LevelPage, removals: Path) -> None:
        """``removals`` is the folder where `deduplicate` lists what former corpora lose, if they lose anything."""
        super().__init__(label="clusters")
        self._parts = parts
        self._removals = removals
        self._store = store
        self._level_page = level_page

    def expand(self, parts: beam.PCollection) -> beam.PCollection:
        """Level the duplicates where they lie, sum up, bring the sums to the part of the kept document."""
        own = parts | "levels of duplicates" >> beam.FlatMap(
            partial(_level_duplicates, self._parts, self._store, self._level_page)
        )
        earlier = (
            parts.pipeline
            | "removals" >> beam.Create([str(self._removals)], reshuffle=False)
            | "removal lists" >> beam.FlatMap(_removal_lists)
            | "spread removal lists" >> beam.Reshuffle()
            | "levels of removed" >> beam.FlatMap(level_removed)
        )
        sums = (own, earlier) | "all levels" >> beam.Flatten()
        named = parts | "by name" >> beam.Map(partial(_by_name, self._parts))
        return (
            {"part": named, "sums": sums} | "to the kept" >> beam.CoGroupByKey() | "merge" >> beam.FlatMapTuple(_merge)
        )


def _level_duplicates(
    parts: Sequence[JudgedPart], store: PageStore, level_page: LevelPage, number: int
) -> Iterator[tuple[str, list[tuple[int, Cluster]]]]:
    part = parts[number]
    drops = pq.read_table(part.drops, columns=["row", "kept_part", "kept_row"]).to_pylist()
    if not drops:
        return
    kept = {drop["row"]: (drop["kept_part"], drop["kept_row"]) for drop in drops if drop["kept_part"]}
    gathered: dict[str, dict[int, list[Member]]] = {}
    for row, page in enumerate(store.pages(part.pages, part.subset)):
        if row in kept:
            kept_part, kept_row = kept[row]
            decision = level_page(page)
            member = Member(page.id, page.url, decision.level, decision.rule)
            gathered.setdefault(kept_part, {}).setdefault(kept_row, []).append(member)
    yield from _sums(gathered)


def _removal_lists(folder: str) -> list[Path]:
    return sorted(Path(folder).glob("*/*.removals.parquet"))


def level_removed(path: Path) -> Iterator[tuple[str, list[tuple[int, Cluster]]]]:
    """What the documents of one removal list, at ``path``, tell those that displace them, by the part of these."""
    gathered: dict[str, dict[int, list[Member]]] = {}
    for gone in pq.read_table(path).to_pylist():
        member = Member(gone["id"], gone["url"] or "", gone["level"])
        gathered.setdefault(gone["kept_part"], {}).setdefault(gone["kept_row"], []).append(member)
    yield from _sums(gathered)


def _sums(gathered: Mapping[str, Mapping[int, Sequence[Member]]]) -> Iterator[tuple[str, list[tuple[int, Cluster]]]]:
    for kept_part in sorted(gathered):
        yield kept_part, [(row, cluster_of(members)) for row, members in sorted(gathered[kept_part].items())]


def cluster_of(members: Sequence[Member]) -> Cluster:
    """The cluster of a document that stands for ``members``."""
    return Cluster(
        size=1 + len(members),
        strictest=strictest_name(member.level for member in members),
        withheld=cluster_rule(
            CLUSTER if member.rule != TAKEN_DOWN else member.rule for member in members if member.level == "LZ"
        ),
        members=tuple(sorted(members, key=lambda member: member.id))[:MEMBERS_NAMED],
    )


def merge_clusters(first: Cluster, second: Cluster) -> Cluster:
    """Two parts of one cluster as one. Associative and commutative."""
    members = sorted((*first.members, *second.members), key=lambda member: member.id)
    return Cluster(
        size=first.size + second.size - 1,
        strictest=strictest_name(name for name in (first.strictest, second.strictest) if name),
        withheld=cluster_rule((first.withheld, second.withheld)),
        members=tuple(members[:MEMBERS_NAMED]),
    )


def cluster_rule(rules: Iterable[str]) -> str:
    """The rule by which members withhold the document they stand behind. A take-down comes last among reasons."""
    return min(filter(None, rules), key=(CLUSTER, TAKEN_DOWN).index, default="")


def strictest_name(names: Iterable[str]) -> str:
    """The name of the strictest of some levels, ``""`` for none."""
    levels = [Level[name] for name in names]
    return strictest(levels).name if levels else ""


def _by_name(parts: Sequence[JudgedPart], number: int) -> tuple[str, int]:
    return parts[number].part, number


def _merge(_: str, joined: Mapping[str, Any]) -> Iterator[tuple[int, Clusters]]:
    """``joined`` has the sums of a part's clusters from every part under ``sums``, and its number under ``part``."""
    clusters: dict[int, Cluster] = {}
    for sums in joined["sums"]:
        for row, cluster in sums:
            clusters[row] = merge_clusters(clusters[row], cluster) if row in clusters else cluster
    for number in joined["part"]:
        yield number, clusters
