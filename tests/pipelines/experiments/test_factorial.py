"""Designs: the standard ones come out, columns are orthogonal, aliases are what the products say."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.experiments.factorial import LETTERS, DesignError, fractional_factorial


def test_five_factors_in_eight_runs_are_the_standard_design() -> None:
    """Box, Hunter and Hunter, table 6.22 (2^(5-2), resolution III): D=AB, E=AC, I=ABD=ACE=BCDE."""
    design = fractional_factorial(list("abcde"), 3)
    assert [(LETTERS[made], design.letters(word)) for made, word in design.generators] == [("D", "AB"), ("E", "AC")]
    assert [design.letters(word) for word in design.defining_words] == ["ABD", "ACE", "BCDE"]
    assert [["".join(design.letters(w)) for w in design.aliases(frozenset((n,)))] for n in range(5)] == [
        ["BD", "CE"],
        ["AD"],
        ["AE"],
        ["AB"],
        ["AC"],
    ]
    signs = "---++ +---- -+--+ ++-+- --++- +-+-+ -++-- +++++"
    assert ["".join("+" if s > 0 else "-" for s in row) for row in design.signs.tolist()] == signs.split()
    assert {design.letters(word) for word, _ in design.contrasts()} == {*"ABCDE", "BC", "BE"}


@pytest.mark.parametrize(
    ("factors", "resolution", "runs"),
    # NIST/SEMATECH e-Handbook, table 5.3.3.4.7: the smallest designs of each resolution.
    [(3, 3, 4), (7, 3, 8), (15, 3, 16), (4, 4, 8), (8, 4, 16), (5, 5, 16), (6, 5, 32), (8, 5, 64)],
)
def test_designs_are_as_small_as_published_ones(factors: int, resolution: int, runs: int) -> None:
    design = fractional_factorial([f"f{number}" for number in range(factors)], resolution)
    assert len(design.signs) == runs
    assert design.resolution is not None
    assert design.resolution >= resolution


@given(st.integers(2, 9), st.integers(3, 5), st.booleans())
def test_columns_are_balanced_orthogonal_and_told_apart_as_promised(count: int, resolution: int, folded: bool) -> None:
    found = fractional_factorial([f"f{number}" for number in range(count)], resolution)
    design = type(found)(found.factors, found.generators, folded)
    signs = design.signs.astype(int)
    gram = signs.T @ signs
    assert (gram == len(signs) * np.eye(count, dtype=int)).all()
    assert not signs.sum(axis=0).any()
    for word in design.defining_words:
        assert (signs[:, sorted(word)].prod(axis=1) == 1).all() or folded
        assert abs(signs[:, sorted(word)].prod(axis=1).sum()) == len(signs)
    for one, other in combinations(range(count), 2):
        mixed = {word for number in (one, other) for word in design.aliases(frozenset((number,)))}
        pair = signs[:, one] * signs[:, other]
        alone = all(abs(pair @ signs[:, number]) < len(signs) for number in range(count))
        assert alone or mixed or (design.resolution or 9) == 3
    assert len(list(design.contrasts())) <= len(signs) - 1


def test_a_fold_over_of_resolution_three_is_of_resolution_four() -> None:
    design = fractional_factorial(list("abcde"), 3)
    folded = type(design)(design.factors, design.generators, folded=True)
    assert folded.resolution == 4
    assert folded.aliases(frozenset((0,))) == ()


@pytest.mark.parametrize(("factors", "resolution"), [(1, 3), (16, 3), (4, 2), (4, 6)])
def test_what_cannot_be_is_refused(factors: int, resolution: int) -> None:
    with pytest.raises(DesignError, match="expected"):
        fractional_factorial([f"f{number}" for number in range(factors)], resolution)
