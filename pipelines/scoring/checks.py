"""What of a recipe's scores can turn out wrong, found before any work is done, and what the manifest says of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tesuki.pipelines.errors import RequestError, did_you_mean
from tesuki.pipelines.recipe.sections import Score
from tesuki.pipelines.scoring.models import open_model
from tesuki.pipelines.storage.files import sha256_of

MODEL = "score model"
"""How a manifest calls the file of a model by which documents are scored."""


def score_models(scores: Sequence[Score], recipe_path: Path, taken: Sequence[str]) -> list[Mapping[str, Any]]:
    """How the manifest names the models of ``scores``; ``taken`` are the measures that the rules take.

    Raises `RequestError` naming the field for a measure that is not taken and a model that cannot be opened.
    """
    records = []
    for number, score in enumerate(scores):
        field = f"{recipe_path}: scores.{number}"
        if score.measure is not None and score.measure not in taken:
            raise RequestError(
                f"{field}.measure: found {score.measure!r}, but the rules take no such measure"
                f"{did_you_mean(score.measure, taken)}; expected one of {', '.join(taken) or 'those of a rules.preset'}"
            )
        if score.model is not None:
            records.append(_record(score, recipe_path.parent / score.model, field))
    return records


def _record(score: Score, path: Path, field: str) -> Mapping[str, Any]:
    try:
        model = open_model(path, score.input, score.labels)
    except OSError as failure:
        raise RequestError(f"{field}.model: {path} cannot be read ({failure.strerror})") from None
    except ValueError as failure:
        raise RequestError(f"{field}.model: {path}: {failure}") from None
    stated = score.licence if "licence" in score.model_fields_set else model.licence
    return {
        "list": MODEL,
        "name": score.name,
        "file": path.name,
        "licence": stated or "not stated",
        "format": model.format,
        "labels": dict(model.labels),
        "sha256": sha256_of(path),
    }
