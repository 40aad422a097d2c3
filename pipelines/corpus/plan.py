"""What a run has to do: the names of everything it makes, each made from all that decides its content.

A name that is already on disk need not be made again; that is all there is to resuming a run and to redoing, after a
change of recipe, only what the change touches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tesuki.pipelines.reading.inputs import Input
from tesuki.pipelines.reading.sources import ranges_of
from tesuki.pipelines.storage.judged_part import Part
from tesuki.pipelines.storage.names import code_version, digest, library_versions

JUDGING = ("words", "rules")
"""Kinds of lists by which station 6 judges."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts of a run, sorted by name, and the names of its later stages."""

    parts: tuple[Part, ...]
    drops: str
    documents: str


def plan_run(recipe: Mapping[str, Any], inputs: Sequence[Input], lists: Sequence[Mapping[str, Any]]) -> Plan:
    """Name the parts and stages of a run. ``recipe`` is canonical, ``lists`` are the lists it reads, with hashes."""
    made_by = {"code": code_version(), "libraries": library_versions()}
    words = [record for record in lists if record["list"] in JUDGING]
    parts = tuple(
        sorted(
            (part for entry in inputs for part in _parts_of(recipe, entry, words, made_by)),
            key=lambda part: part.judged,
        )
    )
    drops = drops_name(recipe, [part.judged for part in parts], made_by)
    return Plan(parts, drops, documents_name(recipe, drops, lists))


def drops_name(recipe: Mapping[str, Any], judged: Sequence[str], made_by: Mapping[str, Any]) -> str:
    """The name of what station 7 finds among the ``judged`` parts, sorted. ``made_by`` are the manifest's ``code`` and
    ``libraries``.
    """
    return digest(
        {
            "judged": list(judged),
            "deduplication": recipe["deduplication"],
            "staying": sorted(name for name, subset in recipe["subsets"].items() if subset["level"] == "LX"),
            **made_by,
        }
    )


def documents_name(recipe: Mapping[str, Any], drops: str, lists: Sequence[Mapping[str, Any]]) -> str:
    """The name of the documents that stations 8 to 10 make."""
    return digest(
        {
            "drops": drops,
            "hosts": recipe["hosts"],
            "mend": recipe["mend"],
            "policy": recipe["policy"],
            "levels": {name: [subset["level"], subset["default_level"]] for name, subset in recipe["subsets"].items()},
            "lists": list(lists),
        }
    )


def shards_name(recipe: Mapping[str, Any], documents: str, tokenizer: str) -> str:
    """The name of the tokens and shards made of ``documents`` with the tokenizer of that fingerprint."""
    repeats = {name: subset["repeats"] for name, subset in recipe["subsets"].items()}
    return digest(
        {
            "tokens": tokens_name(recipe, documents, tokenizer),
            "repeats": repeats,
            "shards": recipe["shards"],
        }
    )


def tokens_name(recipe: Mapping[str, Any], documents: str, tokenizer: str) -> str:
    """The name of the token parts, which do not depend on repeats or shard size."""
    form = recipe["tokenizer"]["document"]
    return digest({"documents": documents, "tokenizer": tokenizer, "form": form, "splits": recipe["splits"]})


def _parts_of(
    recipe: Mapping[str, Any], entry: Input, words: Sequence[Mapping[str, Any]], made_by: Mapping[str, Any]
) -> list[Part]:
    settings = recipe["extraction"]
    subset = recipe["subsets"][entry.subset]
    ranges = ranges_of(str(entry.path), entry.subset, subset["format"], settings["range_megabytes"] << 20)
    parts = []
    for span in ranges:
        pages = digest(
            {
                "input": entry.identity(),
                "start": span.start,
                "end": span.end,
                "format": subset["format"],
                "columns": subset["columns"],
                "extraction": settings,
                **made_by,
            }
        )
        judged = digest(
            {
                "pages": pages,
                "rules": recipe["rules"],
                "host_words": recipe["hosts"]["statistics"],
                "words": words,
                "judge": subset["judge"],
                "keys": {name: recipe["deduplication"][name] for name in ("preset", "b", "r", "n", "seed")},
            }
        )
        parts.append(Part(pages, judged, span))
    return parts
