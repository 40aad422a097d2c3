"""Recipes: a wrong field is named with its path, what was found and what is expected; a right one has one spelling."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.pipelines.recipe.sections import Recipe

ROOT = Path(__file__).resolve().parents[3]
RIGHT: dict[str, Any] = {
    "name": "right",
    "subsets": {"web": {"inputs": "*.warc.gz"}},
    "tokenizer": {"train": {"vocabulary_size": 8000}},
}


def written(folder: Path, value: object) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(value if isinstance(value, str) else yaml.safe_dump(value), encoding="utf-8")
    return path


def with_field(place: str, value: object) -> dict[str, Any]:
    """The right recipe with the field at a dotted place set, or taken out where ``value`` is ...."""
    recipe = yaml.safe_load(yaml.safe_dump(RIGHT))
    *sections, field = place.split(".")
    target = recipe
    for section in sections:
        target = target.setdefault(section, {})
    if value is ...:
        del target[field]
    else:
        target[field] = value
    return dict(recipe)


WRONG = [
    ("name", ..., "name: missing"),
    ("name", "", "name: found ''"),
    ("subsets", {}, "subsets: found '{}'"),
    ("subsets", {"../web": {"inputs": "a"}}, "subsets: .*expected names of letters"),
    ("subsets", {"ウェブ": {"inputs": "a"}}, "subsets: .*expected names of letters"),
    ("subsets.web.inputs", ..., "subsets.web.inputs: missing"),
    ("subsets.web.inputs", [], r"subsets.web.inputs: found '\[\]'"),
    ("subsets.web.repeats", -1, "subsets.web.repeats: found '-1', expected a ratio that is not negative"),
    ("subsets.web.repeats", "1/0", "subsets.web.repeats: found '1/0', expected a non-negative ratio"),
    ("subsets.web.repeats", f"1/{10**30}", "subsets.web.repeats: found .*, expected at most 15 digits, or 30 above"),
    ("subsets.web.repeats", 10**15, "subsets.web.repeats: found .*, expected at most 15 digits, or 30 above"),
    ("subsets.web.repeats", "often", "subsets.web.repeats: found 'often', expected a non-negative ratio"),
    ("subsets.web.repeats", True, "subsets.web.repeats: found 'True', expected a non-negative ratio"),
    ("subsets.web.repeats", float("inf"), "subsets.web.repeats: found 'inf', expected a non-negative ratio"),
    ("subsets.web.repeats", [2], "subsets.web.repeats: found .*expected a non-negative ratio"),
    ("subsets.web.level", "L4", "subsets.web.level: found 'L4', expected 'L1', 'L2', 'L3', 'LX' or 'LZ'"),
    ("subsets.web.levle", "L1", "subsets.web.levle: unknown field"),
    ("recipe", "x", "recipe: unknown field"),
    ("rules", "strict", "rules.preset: found 'strict', expected swallow-code, swallow-paper"),
    ("extraction.range_megabytes", 0, "extraction.range_megabytes: found '0', expected"),
    ("extraction.limits.seconds", "long", "extraction.limits.seconds: found 'long', expected"),
    ("deduplication", {}, "deduplication: .*expected a preset .* or both b and r"),
    ("deduplication", {"b": 20}, "deduplication: .*expected a preset .* or both b and r"),
    ("deduplication", {"preset": "exact"}, "deduplication.preset: found 'exact', expected"),
    (
        "deduplication",
        {"preset": "doubri", "keep": "best"},
        "deduplication.keep: found 'best', expected newest, oldest",
    ),
    ("tokenizer", ..., "tokenizer: missing"),
    ("tokenizer", {}, "tokenizer: .*expected exactly one of path and train"),
    ("tokenizer.path", "a.model", "tokenizer: .*expected exactly one of path and train"),
    ("tokenizer.train.vocabulary_size", 100, "tokenizer.train.vocabulary_size: found '100', expected"),
    ("shards.tokens", 0.5, "shards.tokens: found '0.5', expected"),
    ("splits", {"valid": "1/2", "test": "1/2"}, "splits: .*expected valid . test below 1"),
    ("splits.valid", -0.1, "splits.valid: found '-0.1', expected a ratio that is not negative"),
    ("parts", "delete", "parts: found 'delete', expected 'keep' or 'remove'"),
]


@pytest.mark.parametrize(("place", "value", "answer"), WRONG, ids=[f"{place}={value}" for place, value, _ in WRONG])
def test_a_wrong_field_is_named(tmp_path: Path, place: str, value: object, answer: str) -> None:
    path = written(tmp_path, with_field(place, value))
    with pytest.raises(RequestError, match=answer) as failure:
        load_recipe(path)
    assert str(failure.value).startswith(f"{path}: ")
    assert "pydantic" not in str(failure.value)


def test_all_wrong_fields_are_named_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, {"name": 3, "subsets": {"web": {"inputs": [], "reps": 2}}})
    with pytest.raises(RequestError) as failure:
        load_recipe(path)
    lines = str(failure.value).splitlines()
    assert len(lines) == 4
    assert all(line.startswith(f"{path}: ") for line in lines)


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        ("", "found NoneType, expected fields"),
        ("- a\n- b\n", "found list, expected fields"),
        ("name: [1, 2\nsubsets: }\n", r"line \d+, column \d+ not YAML"),
        ("name: !!python/object/apply:os.system ['true']\n", "not YAML"),
    ],
)
def test_what_is_no_recipe_is_answered_with_its_place(tmp_path: Path, content: str, answer: str) -> None:
    with pytest.raises(RequestError, match=answer):
        load_recipe(written(tmp_path, content))


def test_a_recipe_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no such recipe"):
        load_recipe(tmp_path / "none.yaml")
    with pytest.raises(RequestError, match="cannot be read as UTF-8 text"):
        load_recipe(tmp_path)
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00name")
    with pytest.raises(RequestError, match="cannot be read as UTF-8 text"):
        load_recipe(binary)


@pytest.mark.parametrize(
    ("spelling", "ratio"),
    [
        ("0.1", Fraction(1, 10)),
        ("2", Fraction(2)),
        ("3/4", Fraction(3, 4)),
        ("'0.25'", Fraction(1, 4)),
        ("0", Fraction(0)),
    ],
)
def test_a_ratio_is_what_the_recipe_says_to_the_last_digit(tmp_path: Path, spelling: str, ratio: Fraction) -> None:
    recipe = load_recipe(
        written(tmp_path, yaml.safe_dump(RIGHT).replace("inputs:", f"repeats: {spelling}\n    inputs:"))
    )
    assert recipe.subsets["web"].repeats == ratio


@given(st.fractions(min_value=0, max_value=100, max_denominator=10**28))
def test_any_ratio_keeps_its_value_in_the_canonical_form(ratio: Fraction) -> None:
    recipe = Recipe.model_validate(with_field("subsets.web.repeats", str(ratio)))
    again = Recipe.model_validate(recipe.canonical())
    assert again.subsets["web"].repeats == ratio
    assert again.canonical() == recipe.canonical()


def test_the_canonical_form_spells_out_every_default_and_leaves_out_what_changes_no_byte() -> None:
    plain = Recipe.model_validate(RIGHT)
    spelled = Recipe.model_validate(
        {
            **RIGHT,
            "subsets": {"web": {"inputs": ["*.warc.gz"], "repeats": 1.0, "judge": True, "level": None}},
            "extraction": {"range_megabytes": 64},
            "rules": "tesuki",
            "parts": "remove",
        }
    )
    assert plain.canonical() == spelled.canonical()
    assert "parts" not in plain.canonical()
    assert plain.canonical()["splits"] == {"valid": "0", "test": "0"}


def test_a_recipe_does_not_change_after_it_was_read() -> None:
    recipe = Recipe.model_validate(RIGHT)
    with pytest.raises(ValueError, match="frozen"):
        recipe.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["recipe.yaml", "own-archives.yaml"])
def test_the_recipes_we_ship_are_right(name: str) -> None:
    assert load_recipe(ROOT / "samples" / name).subsets


def test_the_documented_recipe_has_every_field_there_is() -> None:
    """Fields are spelled out in it so that a reader finds them; a new one must be added there."""
    documented = (ROOT / "samples" / "own-archives.yaml").read_text(encoding="utf-8")

    def fields(section: Any) -> list[str]:
        found = []
        for name, field in section.model_fields.items():
            found.append(name)
            for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
                if hasattr(kind, "model_fields"):
                    found.extend(fields(kind))
        return found

    absent = [name for name in fields(Recipe) if name not in documented]
    assert not absent
