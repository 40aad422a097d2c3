"""One table a choice: what a recipe may name is what the table holds, and what docs/recipe.md lists."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from tesuki.dedup.presets import PRESETS as DEDUP_PRESETS
from tesuki.filters.mend import STYLES
from tesuki.filters.optional_rules import OPTIONAL
from tesuki.filters.presets import PRESETS
from tesuki.pipelines.decoding.detect import RULES
from tesuki.pipelines.extraction.main_text import Profile
from tesuki.pipelines.reading.sources import FORMATS
from tesuki.pipelines.recipe import sections
from tesuki.pipelines.recipe.subsets import Subset

ROOT = Path(__file__).resolve().parents[3]

NONE = "none"
"""What a recipe says where it wants nothing of a table."""

CHOICES: dict[str, tuple[Any, Collection[str]]] = {
    "subsets.NAME.format": (Subset, FORMATS),
    "extraction.detect": (sections.Extraction, RULES),
    "extraction.extractor": (sections.Extraction, get_args(Profile)),
    "deduplication.preset": (sections.Deduplication, DEDUP_PRESETS),
    "mend.style": (sections.Mend, {*STYLES, NONE}),
}
"""Field of a recipe → its section, and the names of the table it chooses from."""


def words_of(annotation: Any) -> Iterator[str]:
    """The strings a type allows."""
    for each in get_args(annotation):
        if isinstance(each, str):
            yield each
        else:
            yield from words_of(each)


def values_in_docs(field: str) -> set[str]:
    """The words in the column of values of a field's row."""
    page = (ROOT / "docs" / "recipe.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{re.escape(field)}` \|(.*)\|$", page, re.MULTILINE)
    return set(re.findall(r"[a-z0-9][a-z0-9_-]*", row.split("|")[1].lower()))


@pytest.mark.parametrize("field", CHOICES)
def test_a_recipe_may_name_what_the_table_holds_and_docs_list_it(field: str) -> None:
    section, table = CHOICES[field]
    assert set(words_of(section.model_fields[field.rpartition(".")[2]].annotation)) == set(table)
    assert set(table) <= values_in_docs(field)


def test_docs_name_every_preset_optional_rule_and_rule_of_our_own() -> None:
    """N-grams share rows there, by their n."""
    assert {preset.name for preset in PRESETS} <= values_in_docs("rules.preset")
    assert set(OPTIONAL) <= values_in_docs("rules.optional")
    quality = (ROOT / "docs" / "quality-rules.md").read_text(encoding="utf-8")
    (ours,) = (preset for preset in PRESETS if preset.name == "tesuki")
    names = {*OPTIONAL, *(rule.name for rule in ours.rules if not re.search(r"\d+gram", rule.name))}
    assert sorted(name for name in names if f"`{name}`" not in quality) == []
