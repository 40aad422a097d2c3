"""What is found, against the curve 1 - (1 - s^b)^r, on families whose Jaccard similarity is known exactly.

A document is a string of characters that all differ and n is 1, so that its n-grams are exactly its characters.
"""

from __future__ import annotations

import numpy as np
import pytest

from tesuki.dedup.band_keys import band_keys
from tesuki.dedup.presets import PRESETS, DedupParameters
from tesuki.dedup.signature import signature

UNION = 400
"""Characters of two documents of a pair together."""


def keys_of(characters: np.ndarray, parameters: DedupParameters) -> np.ndarray:
    values = signature("".join(map(chr, characters)), parameters)
    assert values is not None
    return band_keys(values, parameters)


def pair_found(similarity: float, parameters: DedupParameters, rng: np.random.Generator) -> bool:
    letters = rng.choice(np.arange(0x4E00, 0x9FFF), UNION, replace=False)
    shared = round(similarity * UNION)
    private = (UNION - shared) // 2
    a, b = letters[: shared + private], np.concatenate([letters[:shared], letters[shared + private :]])
    return bool((keys_of(a, parameters) == keys_of(b, parameters)).any())


@pytest.mark.parametrize("similarity", [0.7, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_recall_is_within_three_hundredths_of_the_curve(preset: str, similarity: float) -> None:
    parameters = DedupParameters(b=PRESETS[preset].b, r=PRESETS[preset].r, n=1)
    rng = np.random.default_rng(round(similarity * 100))
    expected = parameters.detection_probability(similarity)
    # Enough pairs for three standard errors to lie within 0.03.
    pairs = max(300, int(9 * expected * (1 - expected) / 0.03**2))
    found = np.mean([pair_found(similarity, parameters, rng) for _ in range(pairs)])
    assert found == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("preset", ["swallow-paper", "doubri"])
@pytest.mark.parametrize("similarity", [0.3, 0.5])
def test_false_matches_are_rarer_than_one_in_ten_thousand_pairs(preset: str, similarity: float) -> None:
    parameters = DedupParameters(b=PRESETS[preset].b, r=PRESETS[preset].r, n=1)
    rng = np.random.default_rng(11)
    found = pairs = 0
    for _ in range(120):
        # 20 documents sharing a core: of sizes c and p, any two have a similarity of c / (c + 2p).
        core = round(similarity * UNION)
        private = (UNION - core) // 2
        letters = rng.choice(np.arange(0x4E00, 0x9FFF), core + 20 * private, replace=False)
        family = np.array(
            [
                keys_of(np.concatenate([letters[:core], letters[start : start + private]]), parameters)
                for start in range(core, len(letters), private)
            ]
        )
        shared = (family[:, None] == family[None]).any(axis=2)
        found += int(np.triu(shared, 1).sum())
        pairs += len(family) * (len(family) - 1) // 2
    assert pairs > 20_000
    assert found / pairs < 1e-4
