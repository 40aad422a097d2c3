"""The numbers of the presets and their detection curves, against published and computed figures."""

from __future__ import annotations

import pytest

from tesuki.dedup.detection_curve import explanation, half_point
from tesuki.dedup.presets import PRESETS, DedupParameters

CURVES = [
    # 1 - (1 - s^b)^r, to four digits; 92.5 % at 0.9 for b = r = 20 is what the Swallow paper says (section 2.3).
    ("swallow-paper", 0.70, 0.0158),
    ("swallow-paper", 0.80, 0.2070),
    ("swallow-paper", 0.90, 0.9252),
    ("swallow-paper", 0.95, 0.9999),
    ("doubri", 0.70, 0.0314),
    ("doubri", 0.80, 0.3711),
    ("doubri", 0.90, 0.9944),
    ("llm-jp-v4", 0.70, 0.4362),
    ("llm-jp-v4", 0.80, 0.8969),
    ("llm-jp-v4", 0.90, 0.9998),
]


@pytest.mark.parametrize(("preset", "similarity", "chance"), CURVES)
def test_detection_curve(preset: str, similarity: float, chance: float) -> None:
    assert PRESETS[preset].detection_probability(similarity) == pytest.approx(chance, abs=5e-5)


@pytest.mark.parametrize(
    ("preset", "b", "r", "half"),
    [("swallow-paper", 20, 20, 0.8445), ("doubri", 20, 40, 0.8161), ("llm-jp-v4", 10, 20, 0.7132)],
)
def test_letters_and_half_points(preset: str, b: int, r: int, half: float) -> None:
    parameters = PRESETS[preset]
    assert (parameters.b, parameters.r, parameters.n) == (b, r, 5)
    assert half_point(parameters) == pytest.approx(half, abs=5e-5)
    assert parameters.detection_probability(half_point(parameters)) == pytest.approx(0.5)


def test_ends_of_the_curve() -> None:
    assert PRESETS["doubri"].detection_probability(0.0) == 0.0
    assert PRESETS["doubri"].detection_probability(1.0) == 1.0


@pytest.mark.parametrize("field", ["b", "r", "n"])
def test_what_cannot_be_is_refused_by_name(field: str) -> None:
    with pytest.raises(ValueError, match=f"dedup parameter {field}: found 0, expected"):
        DedupParameters(**({"b": 1, "r": 1, "n": 1} | {field: 0}))


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_datasketch_cannot_take_are_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="seed: found"):
        DedupParameters(b=1, r=1, seed=seed)


def test_the_explanation_shows_the_curve() -> None:
    text = explanation(PRESETS["swallow-paper"])
    assert "20 buckets (r) of 20 hash values (b): 400 values a document" in text
    assert "0.90  92.52%" in text
    assert "0.80  20.70%" in text
    assert "s = 0.8445" in text
    assert "512 bytes" in text  # 20 claims of 24 bytes, and 32 for the fingerprint
