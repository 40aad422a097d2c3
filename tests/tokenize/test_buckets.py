"""Buckets: every document in exactly one, by the bounds that the bucket itself states."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.tokenize.buckets import UNSCORED, Axis, Bounds, Buckets, row_name, shown_bounds, subset_of

SCORES = st.integers(-8, 8).map(lambda quarter: quarter / 4) | st.floats(-3, 3) | st.just(math.nan)
"""Values that meet edges, values between them, and none at all."""

EDGES = st.lists(st.integers(-8, 8).map(lambda quarter: quarter / 4), min_size=1, max_size=5).map(sorted)


def is_held(bounds: Bounds, values: dict[str, float]) -> bool:
    """Whether a bucket of these bounds is the one of a document with these values, said once more in plain words."""
    if not bounds:
        return any(math.isnan(value) for value in values.values())
    return all(
        (low is None or low <= values[score])
        and (high is None or values[score] < high)
        and values[score] == values[score]
        for score, (low, high) in bounds.items()
    )


@given(
    st.lists(EDGES, min_size=1, max_size=3),
    st.lists(st.tuples(SCORES, SCORES, SCORES), max_size=30),
)
def test_every_document_is_in_the_one_bucket_that_holds_it(
    edges: list[list[float]], documents: list[tuple[float, ...]]
) -> None:
    buckets = Buckets(tuple(Axis(f"s{number}", tuple(own)) for number, own in enumerate(edges)))
    columns = {
        axis.score: np.array([values[number] for values in documents]) for number, axis in enumerate(buckets.axes)
    }
    places = buckets.places(columns)
    assert len(buckets.names) == len(buckets.bounds) == math.prod(len(own) + 1 for own in edges) + 1
    for place, values in zip(places, documents, strict=True):
        own = {axis.score: values[number] for number, axis in enumerate(buckets.axes)}
        assert [number for number, bounds in enumerate(buckets.bounds) if is_held(bounds, own)] == [place]


def test_names_say_score_and_interval() -> None:
    buckets = Buckets((Axis("edu", (1.0, 2.0)), Axis("copies", (3.0,))))
    assert buckets.names == (
        *("edu-0.copies-0", "edu-0.copies-1", "edu-1.copies-0", "edu-1.copies-1", "edu-2.copies-0", "edu-2.copies-1"),
        UNSCORED,
    )
    assert buckets.bounds[2] == {"edu": (1.0, 2.0), "copies": (None, 3.0)}
    assert subset_of(row_name("ja_cc", buckets.names[3])) == subset_of("ja_cc") == "ja_cc"


@pytest.mark.parametrize(
    ("holds", "shown"),
    [
        (None, "-"),
        ({}, "no score"),
        ({"edu": (None, 0.5)}, "edu < 0.5"),
        ({"edu": (0.5, 1.25), "copies": (3.0, None)}, "copies >= 3 and 0.5 <= edu < 1.25"),
    ],
)
def test_bounds_are_shown_in_signs(holds: Bounds | None, shown: str) -> None:
    assert shown_bounds(holds) == shown
