"""`tesuki try` of policies: which documents would change their level, and what could be done with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tesuki.pipelines.commands.try_rules import counted, tokens_a_character
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.trial import Tried
from tesuki.pipelines.experiments.tried_levels import LevelTrial, levelling_of, try_levels
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.release_levels.levels import USES, Level


def levels_tried(
    output: Path,
    tried: Tried,
    manifest: Mapping[str, Any],
    recipe: Recipe,
    changed: Recipe,
    fields: Sequence[str],
    examples: int,
    shown: Collection[Level],
) -> LevelTrial:
    """What the policy of the recipe ``changed`` would make of a corpus; ``fields`` are those that were set, ``shown``
    the levels whose addresses are told.

    Raises `RequestError` where a subset becomes a test set, or is one no longer: that changes who duplicates whom.
    """
    if recipe.test_sets != changed.test_sets:
        raise RequestError(
            "--set subsets.NAME.level: test sets (LX) are not judged, and their near-duplicates leave in their favour: "
            "what another test set changes can't be told from levels; build it (--start-from) and compare (tesuki diff)"
        )
    levelling = levelling_of(changed, fields, Path())
    return try_levels(output, tried, manifest, recipe, levelling, examples, shown)


def level_lines(trial: LevelTrial, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Who changes level, what each use gains and loses, and what can't be told."""
    share = tokens_a_character(manifest)
    moved = sum(move.documents for move in trial.moves.values())
    yield f"levels: {moved:,} of {trial.documents:,} documents change"
    for (before, after), move in sorted(trial.moves.items()):
        old, new = Level[before], Level[after]
        gained = [use for use in USES if new.allows(use) and not old.allows(use)]
        lost = [use for use in USES if old.allows(use) and not new.allows(use)]
        uses = "; ".join(f"{name}: {', '.join(some)}" for name, some in (("gains", gained), ("loses", lost)) if some)
        tokens = f", about {move.characters * share:,.0f} tokens" if share else ""
        yield ""
        yield f"{before} → {after}: {move.documents:,} documents, {move.characters:,} characters{tokens} ({uses})"
        for name, most in (("rule", 20), ("host", 10), ("subset", 20)):
            yield f"  by {name}: {counted(move.by[name], most)}"
        yield from (f"  {page.rule}  {printable(page.url) or page.id}" for page in move.examples)
    yield ""
    yield f"{'use':12} {'documents':>25} {'characters':>33}"
    for use, (documents, characters, documents_after, characters_after) in trial.uses.items():
        counts = f"{documents:,} → {documents_after:,}", f"{characters:,} → {characters_after:,}"
        yield f"{use:12} {counts[0]:>25} {counts[1]:>33}"
    if trial.withheld:
        yield (
            f"Can't be told: {trial.withheld.total():,} pages are withheld today ({counted(trial.withheld, 10)}). "
            "Their evidence went with their texts; what a take-down list names stays out under any policy."
        )
    if trial.unheard:
        yield (
            f"Can't be told: {trial.unheard:,} documents stand for near-duplicates of which only their own evidence is "
            "stored, not what files of hosts and lists say of them."
        )


def levels_as_json(trial: LevelTrial) -> dict[str, Any]:
    """A trial of a policy as a value of JSON."""
    names = ("documents", "characters", "documents_after", "characters_after")
    return {
        "documents": trial.documents,
        "moves": [
            {
                "before": before,
                "after": after,
                "documents": move.documents,
                "characters": move.characters,
                "by": {name: dict(sorted(counts.items())) for name, counts in sorted(move.by.items())},
                "examples": [asdict(page) for page in move.examples],
            }
            for (before, after), move in sorted(trial.moves.items())
        ],
        "uses": {use: dict(zip(names, counts, strict=True)) for use, counts in trial.uses.items()},
        "not told": {"withheld": dict(sorted(trial.withheld.items())), "documents with duplicates": trial.unheard},
    }
