"""`tesuki try` of deduplication: which pages would stay, or go, by other settings of station 7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tesuki.dedup.keep_order import KeepOrder
from tesuki.pipelines.commands.try_rules import (
    Texts,
    side_lines,
    sides_as_json,
    tokens_a_character,
)
from tesuki.pipelines.corpus.request import dedup_parameters
from tesuki.pipelines.errors import RequestError, in_field
from tesuki.pipelines.experiments.trial import Tried, measures_taken
from tesuki.pipelines.experiments.tried_copies import (
    Comparison,
    CopyTrial,
    check_numbers,
    comparison_as_json,
    try_copies,
)
from tesuki.pipelines.recipe.sections import Recipe


def copies_tried(tried: Tried, recipe: Recipe, changed: Recipe, examples: int) -> tuple[Comparison, CopyTrial]:
    """What the deduplication of the recipe ``changed`` would find. Raises `RequestError` for what keys can't answer."""
    settings = changed.deduplication
    with in_field("deduplication.keep"):
        order = KeepOrder(settings.keep)
    if order.measure and order.measure not in measures_taken(tried):
        raise RequestError(f"deduplication.keep: measure {order.measure!r} was not taken of these pages")
    stored = dedup_parameters(recipe.deduplication)
    comparison = Comparison(stored, dedup_parameters(settings), order, settings.verify_similarity)
    check_numbers(comparison.stored, comparison.asked)
    return comparison, try_copies(tried, comparison, recipe.test_sets, examples)


def copy_lines(comparison: Comparison, trial: CopyTrial, texts: Texts, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Who would stay and who would go, and what can't be told."""
    yield (
        f"duplicates: of {trial.compared:,} pages that the rules keep {trial.stay:,} stay today, {trial.would_stay:,} "
        "by the new settings"
    )
    for side, tally in trial.sides.items():
        yield ""
        yield from side_lines(side, tally, texts[side])
    share = tokens_a_character(manifest)
    if share:
        change = (trial.sides["gained"].characters - trial.sides["lost"].characters) * share
        yield f"Unique tokens: about {change:+,.0f} at {share:.2f} tokens a character."
    if not comparison.exact:
        yield (
            f"Not to the page: a build with b = {comparison.asked.b} and r = {comparison.asked.r} draws other hash "
            "functions than those whose values are stored. Pairs are found with the same probability, and not the same "
            "pairs."
        )
    if manifest["recipe"]["rules"]["order"] == "quality-first":
        yield "Pages that the rules reject have no keys and are not compared, as in the corpus itself."
    if trial.elsewhere:
        yield (
            f"Can't be told: {trial.elsewhere:,} duplicates of former corpora (deduplication.earlier), whose keys are "
            "not in this corpus; they are counted as going, as today."
        )
    if trial.behind_withheld:
        yield (
            f"Can't be told: {trial.behind_withheld:,} duplicates of withheld pages, which go with these today and are "
            "counted so."
        )
    if trial.displaced:
        yield (
            f"Can't be told: {trial.displaced:,} pages that later corpora displaced (deduplication.removals); they are "
            "counted as going, as today."
        )


def copies_as_json(comparison: Comparison, trial: CopyTrial, texts: Texts) -> dict[str, Any]:
    """A trial of deduplication as a value of JSON."""
    return {
        "settings": comparison_as_json(comparison),
        "to the page": comparison.exact,
        "compared": trial.compared,
        "stay": trial.stay,
        "would_stay": trial.would_stay,
        "sides": sides_as_json(trial.sides, texts),
        "not told": {
            "duplicates of former corpora": trial.elsewhere,
            "duplicates of withheld pages": trial.behind_withheld,
            "displaced by later corpora": trial.displaced,
        },
    }
