"""Depth is measured without building a tree, and never underestimated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.extraction.nesting import deepest_nesting


@pytest.mark.parametrize(
    ("html", "depth"),
    [
        ("", 0),
        ("text < 3", 0),
        ("<div><div></div></div>", 2),
        ("</div></div><div>", 1),
        ("<div>" * 300, 300),
        ("<DIV><b>" * 300, 600),
    ],
)
def test_within_the_bound_all_tags_count(html: str, depth: int) -> None:
    assert deepest_nesting(html, 2000) == depth


def test_elements_that_end_by_themselves_do_not_nest() -> None:
    assert deepest_nesting("<p>a<br><li>b<img src=x>" * 1000, 500) == 0
    assert deepest_nesting("<tr><td><div></div>" * 1000, 500) == 1


def test_counting_stops_just_beyond_the_bound() -> None:
    assert deepest_nesting("<div>" * 50_000, 2000) == 2001


@given(st.recursive(st.just(""), lambda inner: inner.map(lambda html: f"<div>a{html}</div><b>c</b>"), max_leaves=40))
def test_nested_markup_has_the_depth_it_was_built_with(html: str) -> None:
    depth = deepest = 0
    for tag in html.replace("a", "").replace("c", "").split("<")[1:]:
        depth += -1 if tag.startswith("/") else 1
        deepest = max(deepest, depth)
    assert deepest_nesting(html, 10_000) == deepest
