"""Host statistics: sums over any division of the pages, and the paper's two rules."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.filters.host_statistics import HostCounts, add_counts, count_hosts, rejected_hosts
from tesuki.filters.rules import Verdict

pages = st.lists(
    st.tuples(
        st.sampled_from(["a.jp", "b.jp", "xn--r8jz45g.jp", None]),
        st.booleans(),
        st.integers(0, 10_000),
        st.integers(0, 100),
    ),
    max_size=40,
)
Pages = list[tuple[str | None, bool, int, int]]


def counted(given_pages: Pages) -> HostCounts:
    hosts, hit, characters, ng = ([page[column] for page in given_pages] for column in range(4))
    return count_hosts(hosts, hit, characters, ng)  # type: ignore[arg-type]


def rows(counts: HostCounts) -> dict[str, list[int]]:
    return dict(zip(counts.hosts.tolist(), counts.counts.tolist(), strict=True))


@settings(max_examples=150)
@given(pages, st.integers(0, 40), st.randoms())
def test_parts_add_up_to_the_whole_in_any_order(given_pages: Pages, cut: int, random: object) -> None:
    parts = [counted(given_pages[:cut]), counted(given_pages[cut:]), counted([])]
    random.shuffle(parts)  # type: ignore[attr-defined]
    expected: dict[str, list[int]] = {}
    for host, hit, characters, ng in given_pages:
        if host:
            row = expected.setdefault(host, [0, 0, 0, 0])
            row[:] = [row[0] + 1, row[1] + hit, row[2] + characters, row[3] + ng]
    assert rows(add_counts(parts)) == expected
    assert list(rows(add_counts(parts))) == sorted(expected)


@pytest.mark.parametrize(
    ("pages_of_host", "hit", "verdict"),
    [(1000, 1, None), (999, 1, Verdict(False, "hit_pages", 1 / 999, 0.001)), (1, 0, None)],
)
def test_the_share_of_pages_that_hit_must_not_exceed_a_thousandth(
    pages_of_host: int, hit: int, verdict: Verdict | None
) -> None:
    rejected = rejected_hosts(counted([("a.jp", at < hit, 100, 0) for at in range(pages_of_host)]))
    assert rejected.get("a.jp") == verdict


def test_the_share_of_ng_characters_must_not_exceed_five_thousandths() -> None:
    counts = counted([("edge.jp", False, 1000, 5), ("over.jp", False, 1000, 6), ("empty.jp", False, 0, 0)])
    assert rejected_hosts(counts) == {"over.jp": Verdict(False, "ng_characters", 0.006, 0.005)}


def test_the_first_rule_is_named_and_no_pages_reject_no_host() -> None:
    assert rejected_hosts(counted([("a.jp", True, 10, 10)]))["a.jp"].rule == "hit_pages"
    assert rejected_hosts(add_counts([])) == {}
