"""Clusters: what duplicates tell the document that stands for them, however they are spread over parts."""

from __future__ import annotations

from functools import reduce
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.journey.page import MEMBERS_NAMED, Cluster, Member
from tesuki.pipelines.levelling.clusters import cluster_of, merge_clusters, strictest_name

MEMBERS = st.lists(
    st.builds(
        Member,
        id=st.uuids().map(lambda identity: identity.hex),
        url=st.just("https://a.example/"),
        level=st.sampled_from(["L1", "L2", "L3", "LX", "LZ"]),
        rule=st.sampled_from(["level.robots.noai", "level.list.takedown"]),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda member: member.id,
)


@given(MEMBERS, st.data())
def test_a_cluster_is_the_same_however_it_is_spread_over_parts(members: list[Member], data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.integers(0, 2), min_size=len(members), max_size=len(members)))
    spread = sorted(zip(parts, members, strict=True), key=lambda pair: pair[0])
    sums = [cluster_of([member for _, member in group]) for _, group in groupby(spread, key=lambda pair: pair[0])]
    whole = cluster_of(members)
    for order in (sums, sums[::-1]):
        assert reduce(merge_clusters, order) == whole
    assert whole.size == 1 + len(members)
    assert whole.strictest == max(member.level for member in members)
    assert bool(whole.withheld) == (whole.strictest == "LZ")
    assert merge_clusters(whole, Cluster()) == merge_clusters(Cluster(), whole) == whole


def test_the_first_of_very_many_members_are_named() -> None:
    def members(first: int) -> list[Member]:
        return [Member(f"{number:032x}", "https://a.example/", "L1") for number in range(first, 400, 2)]

    merged = merge_clusters(cluster_of(members(1)), cluster_of(members(0)))
    assert merged.size == 401
    assert [int(member.id, 16) for member in merged.members] == list(range(MEMBERS_NAMED))


def test_the_strictest_of_names() -> None:
    assert strictest_name([]) == ""
    assert strictest_name(["L2", "LX", "L3", "L1"]) == "LX"
    with pytest.raises(KeyError):
        strictest_name(["L4"])


@pytest.mark.slow
def test_near_duplicates_of_a_benchmark_are_not_trained_on(
    tmp_path: Path, recipe_with: Any, archive_of: Any, web_page: Any, build: Any, rows_of: Any, manifest_at: Any
) -> None:
    """A subset that the recipe calls LX keeps its pages, older as they are: the newer copy on the web is what goes."""
    bench = [web_page(f"https://bench{n}.example/", f"bench {n}", date="2025-01-01T00:00:00Z") for n in range(3)]
    copy = web_page("https://copy.example/", "bench 1", date="2026-01-01T00:00:00Z")
    archive_of(tmp_path / "bench.warc.gz", bench)
    archive_of(tmp_path / "web.warc.gz", [copy, *(web_page(f"https://w{n}.example/", n) for n in range(3))])
    subsets = {
        "web": {"inputs": "web.warc.gz", "judge": False},
        "bench": {"inputs": "bench.warc.gz", "judge": False, "level": "LX"},
    }
    output = build(recipe_with(tmp_path / "recipe.yaml", subsets=subsets), tmp_path / "out").output
    assert {row["url"] for row in rows_of(output, "ledger")} == {"https://copy.example/"}
    documents = {(row["subset"], row["split"]): row["documents"] for row in manifest_at(output)["mixture"]}
    assert documents == {("web", "train"): 3, ("bench", "train"): 0, ("bench", "test"): 3}


def test_a_copy_without_the_notice_is_bound_by_it(
    tmp_path: Path, recipe_with: Any, archive_of: Any, web_page: Any, build: Any, rows_of: Any, manifest_at: Any
) -> None:
    """The newer copy in another archive stays; the older page that asked for no training makes it LX."""
    noai = '<meta name="robots" content="noai">'
    archive_of(tmp_path / "a.warc.gz", [web_page("https://asks.example/", 1, head=noai, date="2025-01-01T00:00:00Z")])
    archive_of(tmp_path / "b.warc.gz", [web_page("https://copies.example/", 1), web_page("https://other.example/", 2)])
    output = build(recipe_with(tmp_path / "recipe.yaml"), tmp_path / "out").output
    documents = {row["url"]: row for row in rows_of(output, "documents")}
    assert {url: row["level"] for url, row in documents.items()} == {
        "https://copies.example/": "LX",
        "https://other.example/": "L2",
    }
    cluster = documents["https://copies.example/"]["cluster"]
    assert (cluster["size"], cluster["strictest"]) == (2, "LX")
    assert [member["url"] for member in cluster["members"]] == ["https://asks.example/"]
    (row,) = manifest_at(output)["mixture"]
    assert (row["split"], row["documents"]) == ("train", 1)
