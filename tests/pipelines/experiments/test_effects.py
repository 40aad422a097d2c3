"""Effects: a worked example to six digits, planted effects, and scores that leave nothing to test."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.experiments.effects import analyse, false_alarms, holm_corrected, smallest_effect
from tesuki.pipelines.experiments.factorial import fractional_factorial

DESIGN = fractional_factorial(list("ABCDE"), 3)

SCORES = (50.1, 50.4, 49.8, 51.0, 52.0, 52.9, 51.7, 52.8)

# diff = x·y/4 and SS = 2·diff² by hand; SSE = 10.03875 - 9.91625 = 0.1225. F = SS/(SSE/2), f = √(SS/SSE), p from
# tables of F(1, 2) and F(1, 6): computed with another program.
EXPECTED = {
    # factor: diff, SS, F(1,2), p, f, Holm p, F(1,6), p, f
    "A": (0.875, 1.53125, 25.000000, 0.037750, 3.535534, 0.150998, 1.079929, 0.338766, 0.424250),
    "B": (-0.025, 0.00125, 0.020408, 0.899496, 0.101015, 1.0, 0.000747, 0.979079, 0.011159),
    "C": (2.025, 8.20125, 133.897959, 0.007386, 8.182236, 0.036929, 26.779592, 0.002065, 2.112644),
    "D": (0.275, 0.15125, 2.469388, 0.256689, 1.111168, 0.770067, 0.091783, 0.772152, 0.123681),
    "E": (0.125, 0.03125, 0.510204, 0.549165, 0.505076, 1.0, 0.018736, 0.895604, 0.055881),
}


def test_the_worked_example_to_six_digits() -> None:
    analysis = analyse(DESIGN, SCORES)
    assert (analysis.mean, analysis.total, analysis.error) == pytest.approx((51.3375, 10.03875, 0.1225), abs=1e-9)
    for effect in analysis.effects:
        both = effect.together, effect.alone
        found = (effect.difference, effect.sum_of_squares)
        found += (both[0].f, both[0].p, both[0].cohens_f, effect.holm, both[1].f, both[1].p, both[1].cohens_f)
        assert found == pytest.approx(EXPECTED[effect.factor], abs=6e-7)
    contrasts = dict(analysis.contrasts)
    assert (contrasts["BC"], contrasts["BE"]) == pytest.approx((-0.175, -0.175), abs=1e-9)


def test_what_such_a_design_can_see() -> None:
    """By simulation elsewhere: 4.0 standard deviations at 2 degrees of freedom; 13.6 % of noise shows some p < .05."""
    assert smallest_effect(8, 2) == pytest.approx(4.0, abs=0.05)
    assert false_alarms(5, 2) == pytest.approx(0.136, abs=0.004)
    assert smallest_effect(8, 0) is None
    assert false_alarms(5, 0) is None
    # One test alone is wrong as often as its level says.
    assert false_alarms(1, 6) == pytest.approx(0.05, abs=1e-6)


@given(
    st.lists(st.floats(-50, 50), min_size=5, max_size=5),
    st.floats(-100, 100),
    st.integers(0, 2**32 - 1),
    st.floats(0.001, 2),
)
def test_planted_effects_come_back(planted: list[float], mean: float, seed: int, spread: float) -> None:
    noise = np.random.default_rng(seed).normal(0, spread, 8)
    scores = mean + DESIGN.signs @ (np.asarray(planted) / 2) + noise
    analysis = analyse(DESIGN, scores.tolist())
    found = [effect.difference for effect in analysis.effects]
    # The difference of two means of four: noise enters with standard deviation spread/√2.
    assert found == pytest.approx(planted, abs=8 * spread)
    squares = sum(effect.sum_of_squares for effect in analysis.effects)
    assert squares + analysis.error == pytest.approx(analysis.total, rel=1e-9, abs=1e-9)
    for effect in analysis.effects:
        if effect.together.p is not None and effect.holm is not None:
            assert effect.together.p <= effect.holm <= 1


@pytest.mark.parametrize("scores", [[51.0] * 8, [0.0] * 8, (DESIGN.signs @ [1, 2, 3, 4, 5]).tolist()])
def test_without_spread_tests_are_undefined(scores: list[float]) -> None:
    analysis = analyse(DESIGN, scores)
    assert {effect.together.p for effect in analysis.effects} == {None}
    assert {effect.holm for effect in analysis.effects} == {None}
    assert analysis.smallest_visible is None


def test_a_saturated_design_is_undefined() -> None:
    design = fractional_factorial(list("abcdefg"), 3)
    analysis = analyse(design, [1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 3.0, 6.0])
    assert analysis.error_degrees == 0
    assert all(effect.together.p is None for effect in analysis.effects)
    assert all(effect.alone.p is not None for effect in analysis.effects)


@pytest.mark.parametrize("scores", [[1.0] * 7, [1.0] * 7 + [float("nan")], [1.0] * 7 + [float("inf")]])
def test_missing_and_impossible_scores_are_named(scores: list[float]) -> None:
    with pytest.raises(ValueError, match=r"expected 8|run 8"):
        analyse(DESIGN, scores)


def test_holm_by_hand() -> None:
    """Holm 1979: .01 · 4, then .02 · 3 = .06, .03 · 2 = .06, .5 · 1."""
    assert holm_corrected([0.02, None, 0.01, 0.5, 0.03]) == pytest.approx([0.06, None, 0.04, 0.5, 0.06])
