"""docs/recipe.md and samples/own-archives.yaml: every field, the right default, and what a change really redoes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from tesuki.pipelines.corpus.consumers import CONSUMERS, consumed_of
from tesuki.pipelines.recipe.sections import Recipe

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs" / "recipe.md"
EXAMPLE = ROOT / "samples" / "own-archives.yaml"

REQUIRED = object()


@dataclass(frozen=True)
class Row:
    """What docs/recipe.md says of one field."""

    default: str
    redoes: str


def documented() -> dict[str, Row]:
    """The rows of all tables of fields, by path."""
    rows: dict[str, Row] = {}
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and cells[0].startswith("`"):
            for path in re.findall(r"`([^`]+)`", cells[0]):
                assert path not in rows, f"{path} has two rows"
                rows[path] = Row(cells[1], cells[4])
    return rows


def defaults(
    section: type[BaseModel], instance: BaseModel | None = None, prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    """(path, default) of every field; a section that is there by default gives its fields only."""
    for name, field in section.model_fields.items():
        value = (
            getattr(instance, name)
            if instance
            else REQUIRED
            if field.is_required()
            else field.get_default(call_default_factory=True)
        )
        kind = _section_in(field.annotation)
        path = f"{prefix}{name}"
        if isinstance(value, BaseModel):
            yield from defaults(type(value), value, f"{path}.")
            continue
        many = "dict" in str(field.annotation) and kind
        if not many:
            yield path, value
        if kind:
            inner = f"{path}.NAME." if many else f"{path}[]." if value == () else f"{path}."
            yield from defaults(kind, None, inner)


def _section_in(annotation: Any) -> type[BaseModel] | None:
    kinds = [annotation, *get_args(annotation)]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def shown(value: Any) -> str:
    """A default as the page writes it."""
    if value is REQUIRED:
        return "required"
    if isinstance(value, Fraction):
        return str(value)
    plain = list(value) if isinstance(value, tuple) else value
    return str(yaml.safe_dump(plain, default_flow_style=True).replace("\n...", "").strip())


FIELDS = dict(defaults(Recipe))


def test_every_field_has_a_row_with_its_default_and_every_row_a_field() -> None:
    assert {path: row.default for path, row in documented().items()} == {
        path: shown(value) for path, value in FIELDS.items()
    }


FULL: dict[str, Any] = {
    "name": "full",
    "subsets": {
        "NAME": {
            "inputs": ["a"],
            "columns": {"text": "body"},
            "buckets": {"by": "educational", "edges": {"educational": [1]}, "repeats": [1, 2]},
        },
        "other": {"inputs": ["b"]},
    },
    "rules": {"ng_words": {"file": "ng"}, "counted_words": [{"file": "counted", "name": "ad", "most": 1}]},
    "hosts": {"ut1": [{"folder": "ut1", "categories": ["adult"]}], "statistics": {"words": {"file": "dating"}}},
    "scores": [{"name": "educational", "model": "edu.bin"}],
    "mend": {"repeated_lines": {}, "templates": {}, "cut": {"file": "passages"}},
    "tokenizer": {"train": {"vocabulary_size": 300}},
}
"""A recipe in which every optional section is there."""

STEPS = ("read", "judge", "deduplicate", "documents", "shards")

INPUTS = frozenset(path for path in FIELDS if path == "subsets.NAME.inputs" or path.startswith("subsets.NAME.where."))
"""Files, and lists of a crawl's records, are known by their hashes, which stand beside the recipe."""


def canonical() -> dict[str, Any]:
    return Recipe.model_validate(FULL).canonical()


def changed(value: Any) -> Any:
    """Some other value, for the names of parts ask for no more."""
    if isinstance(value, bool):
        return not value
    return value * 2 + 1 if isinstance(value, (int, float)) else f"not {value}"


def with_change(path: str) -> dict[str, Any]:
    recipe = canonical()
    place: Any = recipe
    *steps, last = path.replace("[]", ".0").split(".")
    for step in steps:
        place = place[int(step)] if step.isdigit() else place[step]
    place[last] = {"url": "link"} if last == "columns" else changed(place[last])
    return recipe


def first_step_redone(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    steps = [*zip(STEPS, ("pages", "judged", "drops", "documents"), strict=False)]
    for step, name in steps:
        if consumed_of(CONSUMERS[name], before, "NAME") != consumed_of(CONSUMERS[name], after, "NAME"):
            return step
    return STEPS[-1] if before != after else "nothing"


FETCH = frozenset(path for path in FIELDS if path.startswith("fetch."))
"""How files are asked for, not what they are."""


@pytest.mark.parametrize("path", sorted(set(FIELDS) - {"parts", "subsets.NAME.format", *INPUTS, *FETCH}))
def test_the_page_says_what_a_change_redoes(path: str) -> None:
    redone = first_step_redone(canonical(), with_change(path))
    assert documented()[path].redoes.split(";")[0] == redone


def test_a_changed_format_reads_anew_and_parts_change_nothing() -> None:
    after = deepcopy(canonical())
    after["subsets"]["NAME"]["format"] = "wet"
    assert documented()["subsets.NAME.format"].redoes == first_step_redone(canonical(), after) == "read"
    assert {documented()[path].redoes for path in ("parts", *FETCH)} == {"nothing"}
    assert Recipe.model_validate(FULL | {"fetch": {"agent": "me", "requests": 1}}).canonical() == canonical()
    assert Recipe.model_validate(FULL | {"parts": "remove"}).canonical() == canonical()


def test_another_base_reads_a_crawl_anew() -> None:
    subsets = deepcopy(FULL["subsets"]) | {"NAME": {"inputs": ["CC-MAIN-2026-43"], "format": "common-crawl"}}
    before = Recipe.model_validate(FULL | {"subsets": subsets}).canonical()
    after = deepcopy(before)
    after["subsets"]["NAME"]["base"] = "https://elsewhere.example"
    assert documented()["subsets.NAME.base"].redoes.endswith(f"of common-crawl: {first_step_redone(before, after)}")
    after["subsets"]["NAME"]["base"] = "https://data.commoncrawl.org"
    assert first_step_redone(before, after) == "shards"


def test_a_test_set_is_not_judged() -> None:
    subsets = {"NAME": {"inputs": ["a"], "columns": {"text": "body"}, "level": "LX"}, "other": {"inputs": ["b"]}}
    after = Recipe.model_validate(FULL | {"subsets": subsets}).canonical()
    assert documented()["subsets.NAME.level"].redoes.endswith(f"to or from LX: {first_step_redone(canonical(), after)}")


def test_the_full_example_shows_defaults_unless_its_line_says_otherwise() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    lines = text.splitlines()
    for path, line, source in _leaves(text, yaml.compose(text)):
        default = FIELDS[path.replace("subsets.web.", "subsets.NAME.")]
        nearby = " ".join(lines[max(0, line - 3) : line + 1])
        if default is REQUIRED:
            assert "equired" in nearby, f"{path} does not say that it is required"
        elif not _same(source, default):
            assert "default" in nearby, f"{path}: the default is {shown(default)}, and no comment says so"


def _same(source: str, default: Any) -> bool:
    if isinstance(default, Fraction):
        return Fraction(source) == default
    return bool(yaml.safe_load(source) == (list(default) if isinstance(default, tuple) else default))


def _leaves(text: str, node: yaml.Node | None, prefix: str = "") -> Iterator[tuple[str, int, str]]:
    assert node
    if isinstance(node, yaml.MappingNode) and node.value:
        for key, value in node.value:
            yield from _leaves(text, value, f"{prefix}{key.value}.")
    else:
        yield prefix.rstrip("."), node.start_mark.line, text[node.start_mark.index : node.end_mark.index]
