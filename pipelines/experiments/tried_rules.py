"""The tables of rules that a change asks for, over the measures as they are stored."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tesuki.filters.measure_sets import SETS, measures_by_name
from tesuki.filters.optional_rules import OPTIONAL
from tesuki.filters.presets import PRESETS, Preset
from tesuki.filters.rule_table import rule_of_row
from tesuki.filters.rules import Rule
from tesuki.filters.stages import Stage
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.trial import how_to_have
from tesuki.pipelines.judging.preset import RULES
from tesuki.pipelines.judging.rule_file import find_preset
from tesuki.pipelines.recipe.sections import Recipe

NG_WORDS = "ng_words"
"""The rule that a recipe's list of such words adds."""

BY_LETTERS = "swallow-code"
"""The preset that counts these words as a share of Japanese letters; the others count all characters."""


def present_rules(manifest: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The table that judged a corpus. Raises `RequestError` for a corpus that does not say."""
    record = next((record for record in manifest["lists"] if record["list"] == RULES), None)
    if record is None:
        raise RequestError("this corpus does not say which rules judged it; build it again to try changes")
    return tuple(rule_of_row(row) for row in record["rules"])


def new_rules(
    manifest: Mapping[str, Any], recipe: Recipe, changed: Recipe, taken: Collection[str], folder: Path
) -> tuple[Rule, ...]:
    """The table that would judge: the corpus' own, with another preset's rows or other bounds.

    ``taken`` are the measures that are stored; files of rules are relative to ``folder``. What the recipe adds to its
    preset stays. Raises `RequestError` that names the field or the measure that is missing.
    """
    rows = present_rules(manifest)
    other = changed.rules.preset != recipe.rules.preset
    if other:
        rows = (*_rules_of(changed.rules.preset, recipe, taken, folder), *_added(rows, recipe))
    bounds = {
        name: bound
        for name, bound in changed.rules.set.items()
        if other or name not in recipe.rules.set or recipe.rules.set[name] != bound
    }
    try:
        return Preset("tried", (Stage(_none, rows),)).with_bounds(bounds).rules
    except ValueError as failure:
        raise RequestError(f"--set rules.set: {failure}") from None


def _rules_of(name: str, recipe: Recipe, taken: Collection[str], folder: Path) -> Iterator[Rule]:
    """The rows of another preset, each over the measure as it is stored."""
    try:
        rows = find_preset(name, folder).rules
    except ValueError as failure:
        raise RequestError(f"rules.preset: {failure}") from None
    if recipe.rules.ng_words and BY_LETTERS in {name, recipe.rules.preset}:
        raise RequestError(
            f"rules.preset: {name} counts rules.ng_words otherwise than {recipe.rules.preset}, and that share is not "
            "stored; build it beside this corpus (--start-from) and compare (tesuki diff)"
        )
    for rule in rows:
        stored = {each: _stored(each, name, recipe.rules.preset, taken) for each in (rule.measure, *rule.unless)}
        yield replace(rule, measure=stored[rule.measure], unless=tuple(stored[form] for form in rule.unless))


def _stored(measure: str, preset: str, own: str, taken: Collection[str]) -> str:
    """The name under which a measure that ``preset`` judges by is stored. Raises `RequestError` for one that is not.

    Two sets have other definitions under one name: a plain name is that of the corpus' own preset.
    """
    plain = measure.rpartition(":")[2]
    of = _set_meant(measure, preset)
    own_set, is_file = _set_of(own), _set_of(preset) is None
    # A file of rules calls by a plain name what any other file does.
    candidates = (f"{of}:{plain}", *([plain] if own_set == of or (own_set is None and is_file) else []))
    found = next((name for name in candidates if name in taken), None)
    if found is None:
        raise RequestError(how_to_have(f"{of}:{plain}"))
    return found


def _set_meant(measure: str, preset: str) -> str:
    """The set whose ``measure`` a ``preset`` means: its own, or of a file's plain name the first set that has it."""
    if ":" in measure:
        return measure.partition(":")[0]
    known = measures_by_name()
    return _set_of(preset) or next((name for name in SETS if f"{name}:{measure}" in known), preset)


def _set_of(name: str) -> str | None:
    """The set whose measures the preset ``name`` takes; None for a file of rules."""
    measures = next(({stage.measure for stage in preset.stages} for preset in PRESETS if preset.name == name), None)
    return None if measures is None else next((each for each in SETS if measures <= set(SETS[each])), name)


def _added(rows: Sequence[Rule], recipe: Recipe) -> Iterator[Rule]:
    """The rows that the recipe adds to its preset."""
    names = {rule.name for name in recipe.rules.optional for rule in OPTIONAL[name].rules}
    names |= {f"{words.name}_words" for words in recipe.rules.counted_words}
    names |= {NG_WORDS} if recipe.rules.ng_words else set()
    return (rule for rule in rows if rule.name in names)


def _none(_: str) -> dict[str, float]:
    return {}
