"""Classifiers: what is planted is learnt, and the same seed gives the same weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.filters.classifier_quality import area_under_curve, bounds, calibration
from tesuki.filters.linear_classifier import LinearClassifier, Training, train_classifier
from tesuki.filters.ngram_features import ngram_places

SMALL = Training(bits=14, epochs=5)


def places(texts: list[str]) -> list[np.ndarray]:
    return [ngram_places(text, SMALL.sizes, SMALL.bits) for text in texts]


def texts(words: list[str], count: int, seed: int) -> list[str]:
    chosen = np.random.default_rng(seed)
    return ["".join(chosen.choice(words, 30)) for _ in range(count)]


ACADEMIC = ["研究", "結果", "について", "考察", "である", "測定", "関数", "した", "実験"]
SELLING = ["激安", "送料", "無料", "について", "今すぐ", "した", "クリック", "お得", "です"]


def test_two_kinds_of_text_are_told_apart() -> None:
    trained = train_classifier(places(texts(ACADEMIC, 60, 1)), places(texts(SELLING, 90, 2)), SMALL)
    good = [trained.score(text) for text in texts(ACADEMIC, 40, 3)]
    bad = [trained.score(text) for text in texts(SELLING, 40, 4)]
    assert area_under_curve(good, bad) > 0.99


def test_noise_is_not_told_apart() -> None:
    same = texts(ACADEMIC, 200, 5)
    trained = train_classifier(places(same[:100]), places(same[100:]), SMALL)
    good = [trained.score(text) for text in texts(ACADEMIC, 100, 6)]
    bad = [trained.score(text) for text in texts(ACADEMIC, 100, 7)]
    assert 0.35 < area_under_curve(good, bad) < 0.65


def test_the_same_seed_gives_the_same_weights() -> None:
    shown = places(texts(ACADEMIC, 20, 1)), places(texts(SELLING, 20, 2))
    one, other = (train_classifier(*shown, SMALL) for _ in range(2))
    assert one.weights.tobytes() == other.weights.tobytes()
    assert one.bias == other.bias


@given(st.text(max_size=300))
def test_a_score_is_a_number_between_0_and_1_and_pure(text: str) -> None:
    weights = np.random.default_rng(0).normal(0, 5, 1 << 12).astype(np.float32)
    classifier = LinearClassifier(weights, 0.3)
    assert 0 <= classifier.score(text) <= 1
    assert classifier.score(text) == classifier.score(text)


def test_texts_without_a_character_say_nothing() -> None:
    classifier = LinearClassifier(np.ones(1 << 12, np.float32), 3.0)
    assert {classifier.score(text) for text in ("", "  \n ")} == {0.5}


@given(st.text(min_size=3, max_size=200))
def test_white_space_is_one_space(text: str) -> None:
    once = " ".join(text.split())
    assert (ngram_places(text, (1, 2), 12) == ngram_places(once.replace(" ", "\n\n"), (1, 2), 12)).all()


@given(
    st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1),
    st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1),
)
def test_the_area_is_the_share_of_pairs_in_order(good: list[float], bad: list[float]) -> None:
    pairs = sum(1.0 if g > b else 0.5 if g == b else 0.0 for g in good for b in bad)
    assert area_under_curve(good, bad) == pytest.approx(pairs / (len(good) * len(bad)))
    assert area_under_curve(bad, good) == pytest.approx(1 - area_under_curve(good, bad))


def test_bounds_and_calibration_by_hand() -> None:
    """Good .9 .8 .2, bad .7 .1: at .5 two good of three kept and one bad; the last bin holds one good of mean .9."""
    rows = {row.score: row for row in bounds([0.9, 0.8, 0.2], [0.7, 0.1])}
    assert (rows[0.5].precision, rows[0.5].recall) == pytest.approx((2 / 3, 2 / 3))
    assert (rows[0.0].precision, rows[0.0].recall) == pytest.approx((3 / 5, 1))
    last = calibration([0.95, 1.0, 0.2], [0.7, 0.1])[-1]
    assert (last.texts, last.mean_score, last.positive) == (2, pytest.approx(0.975), 1.0)


@pytest.mark.parametrize(("good", "bad"), [([], [1.0]), ([1.0], []), ([float("nan")], [1.0])])
def test_what_has_no_area_is_refused(good: list[float], bad: list[float]) -> None:
    with pytest.raises(ValueError, match=r"expected scores|no number"):
        area_under_curve(good, bad)


def test_both_kinds_are_needed() -> None:
    with pytest.raises(ValueError, match="no negative text"):
        train_classifier(places(["良い"]), [], SMALL)
