"""Which sections of the recipe each step's work depends on: the one table that names of parts and stages are made from.

A field that no step consumes changes no name; a test holds that each field is consumed or stands in `NAMED_OTHERWISE`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tesuki.pipelines.reading.remote.index_plan import crawl_base
from tesuki.pipelines.reading.sources import FORMATS
from tesuki.pipelines.recipe.sections import Recipe

CONSUMERS: Mapping[str, tuple[str, ...]] = {
    "pages": ("extraction", "subset.format", "subset.columns", "crawl base"),
    "judged": (
        "matching",
        "rules",
        "hosts.statistics",
        "subset.judge",
        "deduplication.preset",
        "deduplication.b",
        "deduplication.r",
        "deduplication.n",
        "deduplication.seed",
    ),
    "drops": ("matching", "deduplication", "test sets"),
    "documents": ("matching", "scores", "hosts", "mend", "policy", "subsets.level", "subsets.default_level"),
    "tokens": (
        "splits",
        "tokenizer.document",
        "subsets.buckets.by",
        "subsets.buckets.edges",
        "subsets.buckets.quantiles",
    ),
    "shards": ("shards", "subsets.repeats", "subsets.buckets.repeats", "subsets.buckets.unscored"),
}
"""Of each step its fields by path. ``subset`` is the part's own, ``subsets`` are all, ``test sets`` those of level LX,
``crawl base`` is where the archives lie of a subset that is read by an index, null of others.
What a step is made from carries the names of the steps before it.
"""

NAMED_OTHERWISE: Mapping[str, str] = {
    "name": "stands in the manifest, and in nothing else",
    "fetch": "how politely files are asked for, not what they are",
    "subsets.base": "each input is named by its identity; crawl base is that of a subset without inputs of its own",
    "subsets.where": "each list of rows is named by its hash",
    "parts": "whether something is removed, once all is made",
    "subsets.inputs": "each input is named by its hash",
    "tokenizer.path": "named by its fingerprint",
    "tokenizer.train": "named by its fingerprint, and before by documents and settings",
}
"""Fields that no step consumes by their value."""


def consumed(step: str, recipe: Recipe, subset: str = "") -> dict[str, Any]:
    """What ``step`` consumes of ``recipe``, by path, as values of JSON; ``subset`` is the part's."""
    return consumed_of(CONSUMERS[step], recipe.canonical(), subset)


def consumed_of(paths: tuple[str, ...], canonical: Mapping[str, Any], subset: str) -> dict[str, Any]:
    """The values at ``paths`` of a canonical recipe."""
    return {path: _value(path, canonical, subset) for path in paths}


def _value(path: str, canonical: Mapping[str, Any], subset: str) -> Any:
    first, *steps = path.split(".")
    subsets = canonical["subsets"]
    if path == "test sets":
        return sorted(name for name, each in subsets.items() if each["level"] == "LX")
    if path == "crawl base":
        own = subsets[subset]
        return crawl_base(own["base"]) if FORMATS[own["format"]].by_index else None
    if first == "subsets":
        return {name: _at(each, steps) for name, each in subsets.items()}
    return _at(subsets[subset] if first == "subset" else canonical[first], steps)


def _at(value: Any, steps: list[str]) -> Any:
    for step in steps:
        value = None if value is None else value[step]
    return value


def covered() -> Iterator[str]:
    """Every path that a step consumes or that is named otherwise, with ``subsets`` for ``subset``."""
    for paths in (*CONSUMERS.values(), tuple(NAMED_OTHERWISE)):
        for path in paths:
            yield path.replace("subset.", "subsets.") if path.startswith("subset.") else path
