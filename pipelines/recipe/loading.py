"""Reading a recipe file: each wrong field is answered by its path, what was found and what is expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from tesuki.common.yaml_values import read_yaml, shown
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.sections import Recipe


def load_recipe(path: Path) -> Recipe:
    """The recipe at ``path``. Raises `RequestError` that names the file and field when it is not one."""
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RequestError(f"{path}: no such recipe; `tesuki init` writes one to start from") from None
    except (OSError, UnicodeDecodeError) as failure:
        raise RequestError(f"{path}: cannot be read as UTF-8 text ({failure.__class__.__name__})") from None
    try:
        value = read_yaml(content)
    except yaml.YAMLError as failure:
        mark = getattr(failure, "problem_mark", None)
        place = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise RequestError(f"{path}:{place} not YAML: {getattr(failure, 'problem', failure)}") from None
    if not isinstance(value, dict):
        raise RequestError(f"{path}: found {type(value).__name__}, expected fields such as name, subsets, tokenizer")
    try:
        return Recipe.model_validate(value)
    except ValidationError as failure:
        raise RequestError("\n".join(explain(path, error) for error in failure.errors())) from None


def explain(path: Path, error: Any) -> str:
    """One of pydantic's errors in a sentence: the file, the field, what was found and what is expected."""
    field = ".".join(str(step) for step in error["loc"]) or "recipe"
    if error["type"] == "missing":
        return f"{path}: {field}: missing; {_expected(error)}"
    if error["type"] == "extra_forbidden":
        return f"{path}: {field}: unknown field; see docs/recipe.md for the fields there are"
    return f"{path}: {field}: found {shown(error['input'])!r}, {_expected(error)}"


def _expected(error: Any) -> str:
    message: str = error["msg"].removeprefix("Value error, ")
    if message.startswith("expected"):
        return message
    return "expected a value" if error["type"] == "missing" else message.replace("Input should be", "expected")
