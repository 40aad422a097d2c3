"""The file of a linear classifier: one line of JSON that says what it is and what it learnt from, then raw weights.

Nothing in it can be executed. The line holds the SHA-256 of the weights and a digest of itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tesuki.filters.linear_classifier import LinearClassifier
from tesuki.pipelines.storage.files import write_bytes
from tesuki.pipelines.storage.names import canonical_json, digest
from tesuki.pipelines.storage.sealed_json import DamagedError, json_object

FORMAT = "tesuki linear classifier 1"
"""What the line calls itself; the number goes up when old files can't be read any more."""

START = b'{"bias":'
"""How each of these files begins: keys are sorted."""

WEIGHT = np.dtype("<f4")
"""Little-endian single precision."""

LONGEST_LINE = 1 << 20
"""A line of more bytes than this is no header."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A classifier and what its file tells of it: ``licence``, and ``training`` (texts, hashes of files, settings)."""

    classifier: LinearClassifier
    licence: str
    training: Mapping[str, Any]


def model_bytes(model: ModelFile) -> bytes:
    """The file of ``model``; the same model gives the same bytes."""
    weights = model.classifier.weights.astype(WEIGHT).tobytes()
    told = {
        "bias": model.classifier.bias,
        "format": FORMAT,
        "licence": model.licence,
        "places": len(model.classifier.weights),
        "sizes": list(model.classifier.sizes),
        "training": dict(model.training),
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
    }
    return canonical_json({**told, "digest": digest(told)}).encode() + b"\n" + weights


def write_model(path: Path, model: ModelFile) -> None:
    """Put ``model`` at ``path``, atomically."""
    write_bytes(path, model_bytes(model))


def model_of(content: bytes) -> ModelFile:
    """The model in the bytes of such a file. Raises `DamagedError` where any byte is another."""
    line, _, weights = content.partition(b"\n")
    if not content.startswith(START) or len(line) > LONGEST_LINE:
        raise DamagedError(f"does not begin as a file of {FORMAT!r} does")
    told = json_object(line)
    stated = told.pop("digest", None)
    if told.get("format") != FORMAT or stated != digest(told):
        raise DamagedError("its first line is not what its digest says")
    if (
        hashlib.sha256(weights).hexdigest() != told["weights_sha256"]
        or len(weights) != told["places"] * WEIGHT.itemsize
    ):
        raise DamagedError("its weights are not those its first line tells of")
    values = np.frombuffer(weights, WEIGHT)
    if not np.isfinite(values).all() or not np.isfinite(told["bias"]):
        raise DamagedError("holds a weight that is no number")
    classifier = LinearClassifier(values, float(told["bias"]), tuple(told["sizes"]))
    return ModelFile(classifier, told["licence"], told["training"])
