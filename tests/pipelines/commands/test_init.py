"""`tesuki init`: a recipe that loads, nothing replaced, and a schema that says what the recipe's code says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from tesuki.pipelines.commands.cli import tesuki as command_group
from tesuki.pipelines.commands.init import STARTER, recipe_schema, write_recipe
from tesuki.pipelines.commands.own_name import own_name
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.loading import load_recipe

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "samples"


def test_it_writes_the_documented_recipe_and_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "my.yaml"
    write_recipe(path)
    assert load_recipe(path) == load_recipe(SAMPLES / "own-archives.yaml")
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(RequestError, match="there already"):
        write_recipe(path)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_file_in_place_of_the_folder_is_a_wrong_request(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RequestError, match="no folder"):
        write_recipe(tmp_path / "file" / "recipe.yaml")


def test_there_is_one_recipe_to_start_from() -> None:
    assert STARTER.samefile(SAMPLES / "own-archives.yaml")


def test_the_command_says_what_to_type_next(tmp_path: Path) -> None:
    done = CliRunner().invoke(command_group, ["init", "--output", str(tmp_path / "r.yaml")])
    assert done.exit_code == 0
    assert f"tesuki corpus {tmp_path / 'r.yaml'} --output out" in done.output


def wrong(value: Any, schema: Any, root: Any, at: str = "") -> Iterator[str]:
    """What the part of JSON Schema that recipes need says against ``value``."""
    if "$ref" in schema:
        yield from wrong(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    if "anyOf" in schema and all(list(wrong(value, choice, root, at)) for choice in schema["anyOf"]):
        yield f"{at}: none of the choices"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: not in {schema['enum']}"
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    kind = schema.get("type")
    if kind in kinds and not isinstance(value, kinds[kind]):
        yield f"{at}: no {kind}"
    if kind in ("integer", "number") and (isinstance(value, bool) or not isinstance(value, int | float)):
        yield f"{at}: no {kind}"
    if isinstance(value, dict) and kind == "object":
        fields = schema.get("properties", {})
        yield from (f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value)
        for name, inner in value.items():
            known = fields.get(name, schema.get("additionalProperties", True))
            if known is False:
                yield f"{at}.{name}: unknown"
            elif known is not True:
                yield from wrong(inner, known, root, f"{at}.{name}")
    if isinstance(value, list) and kind == "array" and "items" in schema:
        for number, inner in enumerate(value):
            yield from wrong(inner, schema["items"], root, f"{at}[{number}]")


def objections(recipe: Any) -> list[str]:
    schema = json.loads(recipe_schema())
    return list(wrong(recipe, schema, schema))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_schema_allows_the_recipes_we_ship(path: Path) -> None:
    assert objections(yaml.safe_load(path.read_text(encoding="utf-8"))) == []


SMALL = {"name": "a", "subsets": {"web": {"inputs": "*.warc.gz"}}, "tokenizer": None}


@pytest.mark.parametrize(
    "fields", [{"rules": "none"}, {"mend": "none"}, {"policy": "strict"}, {"splits": {"valid": "1/10", "test": 0.1}}]
)
def test_the_schema_allows_short_forms(fields: dict[str, Any]) -> None:
    assert objections(SMALL | fields) == []


@pytest.mark.parametrize(
    "fields", [{"ruels": "none"}, {"parts": "burn"}, {"name": 3}, {"subsets": {"web": {}}}, {"rules": ["none"]}]
)
def test_the_schema_refuses_what_the_recipe_refuses(fields: dict[str, Any]) -> None:
    assert objections(SMALL | fields)


def test_the_schema_says_what_fields_mean() -> None:
    schema = json.loads(recipe_schema())
    assert "how many times" in schema["$defs"]["Subset"]["properties"]["repeats"]["description"].lower()


def test_the_command_is_called_what_works_when_pasted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / ".venv" / "bin" / "tesuki"
    script.parent.mkdir(parents=True)
    script.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    for word in (".venv/bin/tesuki", str(script)):
        monkeypatch.setattr("sys.argv", [word])
        assert own_name() == ".venv/bin/tesuki"
    monkeypatch.setenv("PATH", str(script.parent))
    assert own_name() == "tesuki"
    monkeypatch.setattr("sys.argv", ["-c"])
    assert own_name() == "tesuki"


def test_docs_name_the_schema_line_that_editors_read() -> None:
    text = (ROOT / "docs" / "recipe.md").read_text(encoding="utf-8")
    assert re.search(r"# yaml-language-server: \$schema=recipe\.schema\.json", text)
