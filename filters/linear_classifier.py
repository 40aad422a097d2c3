"""A linear classifier over character n-grams: how much a text is like those it was shown as good.

Logistic regression, trained by AdaGrad (Duchi, Hazan and Singer, JMLR 12, 2011) over texts in a seeded order. No word
boundaries are needed, so no analyser: Japanese as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .ngram_features import Places, ngram_places

Weights = npt.NDArray[np.float32]
"""One weight for each place of a hashed n-gram."""

SIZES = (1, 2, 3)
"""Lengths of n-grams: characters, pairs and triples. Longer ones name topics of single sites (our choice)."""

BITS = 20
"""A million places: 4 MB of weights, few collisions for some 10,000 training texts."""


@dataclass(frozen=True, slots=True)
class LinearClassifier:
    """Weights of hashed n-grams and a bias. Pure: the n-th score of a text equals the first."""

    weights: Weights
    bias: float
    sizes: tuple[int, ...] = SIZES

    @property
    def bits(self) -> int:
        """How many bits a place has."""
        return len(self.weights).bit_length() - 1

    def score(self, text: str) -> float:
        """From 0 (like the negative texts) to 1 (like the positive ones); one half for a text without a character."""
        return self.score_places(ngram_places(text, self.sizes, self.bits))

    def score_places(self, places: Places) -> float:
        """The score of a text by its places."""
        if len(places) == 0:
            return 0.5
        # Summed in double precision and in the order of places: the same on every machine that adds as IEEE 754 says.
        margin = float(np.add.reduce(self.weights[places].astype(np.float64))) / len(places) ** 0.5 + self.bias
        return float(1 / (1 + np.exp(-np.clip(margin, -60, 60))))


@dataclass(frozen=True, slots=True)
class Training:
    """How a classifier is trained. ``rate`` is AdaGrad's; ``decay`` shrinks weights of n-grams seen once or twice."""

    epochs: int = 5
    rate: float = 0.5
    decay: float = 1e-5
    seed: int = 0
    bits: int = BITS
    sizes: tuple[int, ...] = SIZES


def train_classifier(positive: Sequence[Places], negative: Sequence[Places], training: Training) -> LinearClassifier:
    """Learn to tell ``positive`` from ``negative`` texts, both given by their places. Classes weigh the same, however
    many texts each has. Raises ValueError where one is empty.
    """
    if not positive or not negative:
        which = "positive" if not positive else "negative"
        raise ValueError(f"no {which} text to learn from; expected texts of both kinds")
    examples = [(places, 1.0) for places in positive] + [(places, 0.0) for places in negative]
    share = {1.0: len(examples) / (2 * len(positive)), 0.0: len(examples) / (2 * len(negative))}
    weights = np.zeros(1 << training.bits, dtype=np.float64)
    squares = np.full(len(weights), 1e-8)
    bias, bias_square = 0.0, 1e-8
    order = np.random.default_rng(training.seed)
    for _ in range(training.epochs):
        for number in order.permutation(len(examples)):
            places, label = examples[number]
            if len(places) == 0:
                continue
            scale = 1 / len(places) ** 0.5
            margin = float(np.add.reduce(weights[places])) * scale + bias
            error = share[label] * (1 / (1 + np.exp(-np.clip(margin, -60, 60))) - label)
            gradient = error * scale + training.decay * weights[places]
            squares[places] += gradient**2
            weights[places] -= training.rate * gradient / np.sqrt(squares[places])
            bias_square += error**2
            bias -= training.rate * error / bias_square**0.5
    return LinearClassifier(weights.astype(np.float32), float(bias), training.sizes)
