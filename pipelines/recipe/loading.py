"""Reading a recipe file: each wrong field is answered by its path, what was found and what is expected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from tesuki.common.yaml_values import read_yaml, shown
from tesuki.pipelines.errors import RequestError, did_you_mean
from tesuki.pipelines.recipe.sections import Recipe

Model = TypeVar("Model", bound=BaseModel)


def load_recipe(path: Path) -> Recipe:
    """The recipe at ``path``. Raises `RequestError` that names the file and field when it is not one."""
    if not path.exists():
        raise RequestError(f"{path}: no such recipe; `tesuki init` writes one to start from")
    return read_model(path, Recipe, "fields such as name, subsets, tokenizer")


def read_model(path: Path, model: type[Model], expected: str) -> Model:
    """What the YAML file at ``path`` says, as a ``model``. Raises `RequestError` that names the file and field.

    ``expected`` says what a file that holds no fields should hold.
    """
    try:
        value = read_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as failure:
        raise RequestError(f"{path}: cannot be read as UTF-8 text ({failure.__class__.__name__})") from None
    except yaml.YAMLError as failure:
        mark = getattr(failure, "problem_mark", None)
        place = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise RequestError(f"{path}:{place} not YAML: {getattr(failure, 'problem', failure)}") from None
    if not isinstance(value, dict):
        raise RequestError(f"{path}: found {type(value).__name__}, expected {expected}")
    try:
        return model.model_validate(value)
    except ValidationError as failure:
        raise RequestError("\n".join(explain(path, error) for error in failure.errors())) from None


def explain(path: Path, error: Any) -> str:
    """One of pydantic's errors in a sentence: the file, the field, what was found and what is expected."""
    field = ".".join(str(step) for step in error["loc"]) or "recipe"
    if error["type"] == "missing":
        return f"{path}: {field}: missing; {_expected(error)}"
    if error["type"] == "extra_forbidden":
        meant = did_you_mean(str(error["loc"][-1]), _fields_of(error["loc"][:-1]))
        return f"{path}: {field}: unknown field{meant or '; see docs/recipe.md for the fields there are'}"
    if "found" in error["msg"]:
        return f"{path}: {field}: {_expected(error)}"
    meant = did_you_mean(str(error["input"]), re.findall(r"'([^']*)'", error["msg"]))
    return f"{path}: {field}: found {shown(error['input'])!r}, {_expected(error)}{meant}"


def _fields_of(place: Sequence[str | int]) -> list[str]:
    """The fields of the section at ``place`` in a recipe; none where that is no section."""
    models: list[type[BaseModel]] = [Recipe]
    named = False
    for step in place:
        fields = [model.model_fields[str(step)] for model in models if str(step) in model.model_fields]
        if fields:
            models = [model for field in fields for model in _models_in(field.annotation)]
        elif named:
            return []
        named = not fields
    return [name for model in models for name in model.model_fields]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The sections that a field's type speaks of, in a mapping or union as well."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]


def _expected(error: Any) -> str:
    message: str = error["msg"].removeprefix("Value error, ")
    if message.startswith("expected"):
        return message
    if error["type"] in ("model_type", "model_attributes_type", "dict_type"):
        fields = _fields_of(error["loc"])
        return "expected fields of its own" + (f": {', '.join(fields)}" if fields else "")
    return "expected a value" if error["type"] == "missing" else message.replace("Input should be", "expected")
