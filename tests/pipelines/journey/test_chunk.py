"""Chunks: whatever a step does, every page is counted once."""

from __future__ import annotations

from itertools import chain, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tesuki.pipelines.corpus.balance import check_stations
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.chunk import (
    BYTES_PER_CHUNK,
    PAGES_PER_CHUNK,
    Chunk,
    StationCount,
    Step,
    add_counts,
    apply,
    chunks,
)
from tesuki.pipelines.journey.page import Fate, Page, leave


def page(number: int, text: str = "") -> Page:
    return Page("web", "a.warc.gz", number, 1, f"<urn:{number}>", f"https://{number}.example/", "", text=text)


def items_of(texts: list[str | None]) -> list[Page | Fate]:
    """A page for each text, a fate for each None."""
    return [
        page(number, text) if text is not None else leave(page(number, "失"), "dead", "read", "read.damaged")
        for number, text in enumerate(texts)
    ]


TEXTS = st.lists(st.none() | st.text("あい漢", max_size=4), max_size=2 * PAGES_PER_CHUNK + 3)
OUTCOMES = st.lists(st.sampled_from(["pass", "longer", "rejected", "withheld", "raise", "raise system"]), min_size=1)


def step_of(outcomes: list[str]) -> Step:
    """A step that does to the n-th page of an archive what the n-th outcome (in turn) says."""

    def step(page: Page) -> Page | Fate:
        outcome = outcomes[page.offset % len(outcomes)]
        if outcome == "raise":
            raise ValueError(page.text)
        if outcome == "raise system":
            raise RecursionError
        if outcome == "pass":
            return page
        if outcome == "longer":
            return Page("web", "a.warc.gz", page.offset, 1, page.record_id, page.url, "", text=page.text + "長")
        return leave(page, "rejected" if outcome == "rejected" else "withheld", "stop", f"stop.{outcome}")

    return step


MANY: list[str | None] = [None if number % 7 == 3 else "あ" * (number % 5) for number in range(2 * PAGES_PER_CHUNK + 9)]
"""More than two chunks of items, which Hypothesis seldom draws."""


@given(TEXTS)
@example(MANY)
def test_chunks_hold_every_item_once_in_order(texts: list[str | None]) -> None:
    items = items_of(texts)
    made = list(chunks("part", items, "read"))
    assert [chunk.number for chunk in made] == list(range(len(made)))
    assert [chunk.last for chunk in made] == [False] * (len(made) - 1) + [True]
    pages = [page for chunk in made for page in chunk.pages]
    fates = [fate for chunk in made for fate in chunk.fates]
    assert pages == [item for item in items if isinstance(item, Page)]
    assert fates == [item for item in items if isinstance(item, Fate)]
    assert all(len(chunk.pages) + len(chunk.fates) <= PAGES_PER_CHUNK for chunk in made)
    (count,) = add_counts(chain.from_iterable(chunk.counts for chunk in made))
    assert (count.arrived, count.passed) == (len(items), len(pages))
    assert count.balance == 0


def test_a_part_without_records_is_one_empty_last_chunk() -> None:
    (only,) = chunks("part", [], "read")
    assert only == Chunk("part", 0, True, (), (), (StationCount("read", 0, 0, 0, 0),))


def test_a_chunk_is_closed_when_it_is_heavy() -> None:
    heavy = [Page("web", "a", number, 1, "", "", "", body=bytes(BYTES_PER_CHUNK // 2)) for number in range(5)]
    assert [len(chunk.pages) for chunk in chunks("part", heavy, "read")] == [2, 2, 1]


@given(TEXTS, st.lists(OUTCOMES, max_size=4))
@example(MANY, [["pass", "raise", "rejected"], ["longer", "pass"]])
def test_whatever_the_steps_do_the_sheet_closes(texts: list[str | None], journeys: list[list[str]]) -> None:
    items = items_of(texts)
    made = list(chunks("part", items, "read"))
    for number, outcomes in enumerate(journeys):
        made = [apply(chunk, f"station {number}", step_of(outcomes)) for chunk in made]
    counts = add_counts(chain.from_iterable(chunk.counts for chunk in made))
    check_stations(counts)
    left = [fate for chunk in made for fate in chunk.fates]
    kept = [page for chunk in made for page in chunk.pages]
    assert len(left) + len(kept) == len(items)
    assert {item.offset for item in (*left, *kept)} == set(range(len(items)))
    assert sum(pages for count in counts for _, pages in count.fates) == len(left)
    assert sum(len(page.text) for page in kept) == counts[-1].characters_passed
    for count, following in pairwise(counts):
        assert count.characters_passed == following.characters_arrived


def test_an_exception_is_the_fate_of_one_page_and_says_nothing_of_its_text() -> None:
    (chunk,) = chunks("part", [page(0, "秘密"), page(1, "手紙")], "read")
    after = apply(chunk, "mend", step_of(["raise", "pass"]))
    assert [page.text for page in after.pages] == ["手紙"]
    (fate,) = after.fates
    assert (fate.fate, fate.station, fate.rule, fate.detail) == ("dead", "mend", "mend.crash", "ValueError")
    assert fate.characters == 2


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_what_is_meant_to_end_the_program_is_no_pages_fate(stop: type[BaseException]) -> None:
    def step(page: Page) -> Page:
        raise stop

    (chunk,) = chunks("part", [page(0)], "read")
    with pytest.raises(stop):
        apply(chunk, "mend", step)


COUNTS = st.builds(
    StationCount,
    station=st.sampled_from(["read", "detect", "mend"]),
    arrived=st.integers(0, 9),
    passed=st.integers(0, 9),
    characters_arrived=st.integers(0, 9),
    characters_passed=st.integers(0, 9),
    fates=st.dictionaries(st.sampled_from(["dead", "kept", "rejected"]), st.integers(1, 9)).map(
        lambda fates: tuple(sorted(fates.items()))
    ),
)


@given(st.lists(COUNTS), st.lists(COUNTS), st.lists(COUNTS))
def test_counts_add_up_the_same_however_they_are_grouped(
    first: list[StationCount], second: list[StationCount], third: list[StationCount]
) -> None:
    at_once = add_counts([*first, *second, *third])
    assert at_once == add_counts([*add_counts([*first, *second]), *third])
    assert at_once == add_counts([*first, *add_counts([*second, *third])])


@given(st.lists(COUNTS).flatmap(lambda counts: st.tuples(st.just(counts), st.permutations(counts))))
def test_counts_add_up_the_same_in_any_order(both: tuple[list[StationCount], list[StationCount]]) -> None:
    given_order, other_order = both
    assert set(add_counts(given_order)) == set(add_counts(other_order))


def test_a_lost_page_shows() -> None:
    with pytest.raises(WorkError, match="1 of 3 pages are unaccounted for at station mend"):
        check_stations([StationCount("mend", 3, 1, 0, 0, (("rejected", 1),))])
