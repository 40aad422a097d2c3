"""What a run has to do: the names of everything it makes, each made from all that decides its content.

A name that is already on disk need not be made again; that is all there is to resuming a run and to redoing, after a
change of recipe or code, only what the change touches. What that is, say `consumers` and `made_by`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tesuki.pipelines.corpus.consumers import consumed
from tesuki.pipelines.corpus.made_by import code_versions
from tesuki.pipelines.reading.inputs import Input
from tesuki.pipelines.reading.sources import extent_of, ranges_of
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.recipe.station_order import hosts_come_first
from tesuki.pipelines.scoring.checks import MODEL
from tesuki.pipelines.storage.names import digest
from tesuki.pipelines.storage.parts import Parts, parts_of

Lists = Sequence[Mapping[str, Any]]
"""The lists that a recipe reads, as the manifest names them: with their hashes."""

Code = Mapping[str, str]
"""What made each step's work, as `code_versions` has it and the manifest's ``code``."""


JUDGING = ("words", "rules")
"""Kinds of lists by which station 6 judges."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts of a run, sorted by name, and the names of its later stages."""

    parts: Parts
    drops: str
    documents: str
    scores: Mapping[str, str]
    """Of each score that a model gives the folder below ``parts/scores``, by the recipe's name."""


def plan_run(recipe: Recipe, inputs: Sequence[Input], lists: Lists) -> Plan:
    """Name the parts and stages of a run. ``lists`` are the lists that ``recipe`` reads, with hashes."""
    code = code_versions()
    ordered = sorted(inputs)
    parts = parts_of(
        (
            (
                entry.subset,
                entry.archive,
                str(entry.path),
                *extent_of(str(entry.path), entry.size, recipe.subsets[entry.subset].format),
            )
            for entry in ordered
        ),
        (part for number, entry in enumerate(ordered) for part in _parts_of(recipe, number, entry, lists, code)),
    )
    drops = drops_name(recipe, (part.judged for part in parts), lists, code)
    return Plan(parts, drops, documents_name(recipe, drops, lists, code), scores_names(recipe, lists, code))


def scores_names(recipe: Recipe, lists: Lists, code: Code) -> dict[str, str]:
    """The name of what each model says of pages: neither its name nor its licence changes a score."""
    hashes = {record["name"]: record["sha256"] for record in _named(lists, MODEL)}
    return {
        score.name: digest(
            {"model": hashes[score.name], "input": score.input, "labels": score.labels, "code": code["scores"]}
        )
        for score in recipe.scores
        if score.model is not None
    }


def judged_names(recipe: Recipe, subset: str, lists: Lists, code: Code) -> Callable[[str], str]:
    """How what station 6 says of parts of ``subset`` is called, by the names of their pages."""
    others = {
        "recipe": consumed("judged", recipe, subset),
        "words": _named(lists, *JUDGING),
        "code": code["judged"],
    }
    return lambda pages: digest({"pages": pages, **others})


def drops_name(recipe: Recipe, judged: Iterable[str], lists: Lists, code: Code) -> str:
    """The name of what station 7 finds among the ``judged`` parts, sorted, and in the band indexes among ``lists``."""
    names = hashlib.blake2b(digest_size=16)
    for name in judged:
        names.update(f"{name}\n".encode())
    return digest(
        {
            "judged": names.hexdigest(),
            "recipe": consumed("drops", recipe),
            "indexes": _named(lists, "band index", "removals"),
            "hosts": _hosts_before(recipe, lists),
            "code": code["drops"],
        }
    )


def documents_name(recipe: Recipe, drops: str, lists: Lists, code: Code) -> str:
    """The name of the documents that stations 8 to 10 make."""
    return digest(
        {
            "drops": drops,
            "recipe": consumed("documents", recipe),
            "scores": scores_names(recipe, lists, code),
            "lists": list(lists),
            "code": code["documents"],
        }
    )


def shards_name(recipe: Recipe, documents: str, tokenizer: str, code: Code) -> str:
    """The name of the tokens and shards made of ``documents`` with the tokenizer of that fingerprint."""
    return digest({"tokens": tokens_name(recipe, documents, tokenizer, code), "recipe": consumed("shards", recipe)})


def tokens_name(recipe: Recipe, documents: str, tokenizer: str, code: Code) -> str:
    """The name of the token parts, which do not depend on repeats or shard size."""
    return digest(
        {
            "documents": documents,
            "tokenizer": tokenizer,
            "recipe": consumed("tokens", recipe),
            "code": code["tokens"],
        }
    )


def _parts_of(
    recipe: Recipe, number: int, entry: Input, lists: Lists, code: Code
) -> Iterator[tuple[str, str, int, int, int]]:
    """The parts of the ``number``-th input, as `parts_of` takes them."""
    subset = recipe.subsets[entry.subset]
    for_pages = consumed("pages", recipe, entry.subset)
    judged_name = judged_names(recipe, entry.subset, lists, code)
    size = recipe.extraction.range_megabytes << 20
    for span in ranges_of(str(entry.path), entry.subset, subset.format, size):
        pages = digest(
            {
                "input": entry.identity(),
                "start": span.start,
                "end": span.end,
                "recipe": for_pages,
                "code": code["pages"],
            }
        )
        yield pages, judged_name(pages), number, span.start, span.end


def _hosts_before(recipe: Recipe, lists: Lists) -> list[Any]:
    """What keeps documents from being compared, where hosts are refused before."""
    if not hosts_come_first(recipe.rules.order, recipe.matching):
        return []
    return [list(recipe.hosts.deny), sorted(recipe.hosts.top_levels), _named(lists, "hosts")]


def _named(lists: Lists, *kinds: str) -> list[Mapping[str, Any]]:
    return [record for record in lists if record["list"] in kinds]
