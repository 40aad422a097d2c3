"""A recipe to start from, with every field explained, and the JSON Schema by which editors complete recipes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.sections import Recipe

STARTER: Final = Path(__file__).with_name("own-archives.yaml")
"""The recipe that spells out every field. In a checkout it is a link to the one in samples/."""


def write_recipe(path: Path) -> None:
    """Write the recipe to start from to ``path``. Raises `RequestError` where something lies there already."""
    if path.parent.exists() and not path.parent.is_dir():
        raise RequestError(f"init: {path.parent} is no folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(STARTER.read_bytes())
    except FileExistsError:
        raise RequestError(f"init: {path} is there already; name another file with --output") from None


def recipe_schema() -> str:
    """The JSON Schema (draft 2020-12) of a recipe, with what every field means, as indented JSON."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Recipe.model_json_schema()}
    return json.dumps(schema, ensure_ascii=False, indent=2)
