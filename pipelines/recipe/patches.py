"""Small changes to a recipe: one field, by its dotted path, and recipes that move to another folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from tesuki.common.yaml_values import read_yaml
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.loading import explain
from tesuki.pipelines.recipe.sections import Recipe

Patch = Mapping[str, Any]
"""Dotted paths of fields (``rules.set.characters``, ``subsets.web.repeats``) and their new values."""

FILE_FIELDS = (
    ("subsets", "*", "inputs"),
    ("rules", "preset"),
    ("rules", "ng_words", "file"),
    ("rules", "ng_words", "exceptions"),
    ("rules", "counted_words", "file"),
    ("rules", "counted_words", "exceptions"),
    ("hosts", "ut1", "folder"),
    ("hosts", "statistics", "words", "file"),
    ("hosts", "statistics", "words", "exceptions"),
    ("mend", "cut", "file"),
    ("policy", "file"),
    ("policy", "host_files"),
    ("policy", "take_down"),
    ("policy", "deny"),
    ("policy", "allow"),
    ("tokenizer", "path"),
    ("deduplication", "earlier"),
    ("deduplication", "removals"),
    ("scores", "model"),
)
"""Fields that name files relative to the recipe's folder; lists on the way are entered, ``*`` is any name."""

GLOBS = (("subsets", "*", "inputs"), ("policy", "host_files"))
"""Of these the ones that name files by pattern."""


def parse_setting(words: str) -> tuple[str, Any]:
    """``rules.set.characters=200`` as path and value, the value read as YAML. Raises `RequestError`."""
    path, mark, value = words.partition("=")
    if not mark or not all(path.split(".")):
        raise RequestError(f"--set: found {words!r}, expected FIELD.FIELD=VALUE, as rules.preset=swallow-code")
    try:
        return path, read_yaml(value)
    except yaml.YAMLError:
        raise RequestError(f"--set {path}: found {value!r}, expected a value as in a recipe") from None


def patched(recipe: Recipe, patch: Patch, source: str) -> Recipe:
    """``recipe`` with the fields of ``patch``. Raises `RequestError`, beginning with ``source``, for a wrong one."""
    value = recipe.model_dump(mode="json")
    for path, new in patch.items():
        *steps, last = path.split(".")
        section = value
        for step in steps:
            if section.get(step) is None:
                section[step] = {}
            section = section[step]
            if not isinstance(section, dict):
                raise RequestError(f"{source}: {path}: {step} has no fields; name a field that has")
        section[last] = deepcopy(new)
    try:
        return Recipe.model_validate(value)
    except ValidationError as failure:
        raise RequestError("\n".join(explain(Path(source), error) for error in failure.errors())) from None


def moved_recipe(recipe: Recipe, folder: Path, target: Path) -> dict[str, Any]:
    """The fields of ``recipe``, whose files are relative to ``folder``, with paths relative to ``target``."""
    value = recipe.model_dump(mode="json")
    for field in FILE_FIELDS:
        for holder, name in _holders(value, field):
            holder[name] = _moved(holder[name], folder, target, is_glob=field in GLOBS)
    return value


def _holders(value: Any, field: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], str]]:
    """What holds ``field`` in ``value``, and the last name on the way."""
    if isinstance(value, list):
        for item in value:
            yield from _holders(item, field)
    elif isinstance(value, dict):
        names = list(value) if field[0] == "*" else [field[0]] if field[0] in value else []
        for name in names:
            if len(field) > 1:
                yield from _holders(value[name], field[1:])
            else:
                yield value, name


def _moved(value: Any, folder: Path, target: Path, is_glob: bool) -> Any:
    if isinstance(value, list):
        return [_moved(item, folder, target, is_glob) for item in value]
    # A word that names no file is the name of something packaged: policy "strict", preset "tesuki".
    is_file = isinstance(value, str) and "://" not in value and (is_glob or (folder / value).exists())
    return os.path.relpath(folder / value, target) if is_file and not Path(value).is_absolute() else value
