"""`tesuki try`: what a change would do to a corpus, from what is stored of it, before anything is built."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from tesuki.pipelines.commands.try_copies import copies_as_json, copies_tried, copy_lines
from tesuki.pipelines.commands.try_levels import level_lines, levels_as_json, levels_tried
from tesuki.pipelines.commands.try_rules import (
    PRESENT,
    mixture_lines,
    named_presets,
    preset_lines,
    side_texts,
    trial_as_json,
    trial_lines,
)
from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.trial import Trial, Tried, measures_taken, opened, try_rules
from tesuki.pipelines.experiments.tried_rules import new_rules, present_rules
from tesuki.pipelines.levelling.shown import shown_levels
from tesuki.pipelines.recipe.patches import Patch, parse_setting, patched
from tesuki.pipelines.recipe.sections import Recipe

Setting = tuple[str, Any]

RULES, REPEATS, LEVELS, COPIES = "rules", "repeats", "levels", "copies"
"""What can be tried: each is told from other things that are stored."""

TRIED: Final[Sequence[tuple[str, str]]] = (
    ("rules.set.NAME", RULES),
    ("rules.preset", RULES),
    ("subsets.NAME.repeats", REPEATS),
    ("subsets.NAME.buckets.repeats", REPEATS),
    ("policy.file", LEVELS),
    ("policy.take_down", LEVELS),
    ("policy.deny", LEVELS),
    ("policy.allow", LEVELS),
    ("subsets.NAME.level", LEVELS),
    ("subsets.NAME.default_level", LEVELS),
    ("deduplication.keep", COPIES),
    ("deduplication.verify_similarity", COPIES),
    ("deduplication.preset", COPIES),
    ("deduplication.b", COPIES),
    ("deduplication.r", COPIES),
    ("deduplication.n", COPIES),
    ("deduplication.seed", COPIES),
)
"""Fields that can be tried, and what their change is told from."""

BESIDE = "Build it beside this corpus (tesuki corpus … --start-from) and compare (tesuki diff)"
"""What else can be done."""


def try_lines(
    output: Path,
    settings: Sequence[str],
    presets: Sequence[str],
    examples: int,
    as_json: bool,
    *,
    internal: bool = False,
) -> Iterator[str]:
    """What ``settings`` (``rules.set.characters=200``) would change in the corpus at ``output``, or what each of
    ``presets`` would. Rules, levels and duplicates are told each alone, as if the others stayed. ``internal`` shows
    level L3, too.

    Raises `RequestError` for a field that is wrong, or whose change can't be told from what is stored.
    """
    manifest = read_manifest(output).as_json()
    pairs = [parse_setting(words) for words in settings]
    asked = _asked(pairs, presets)
    recipe = Recipe.model_validate(manifest["recipe"])
    beside = named_presets(pairs, presets)
    patch = {path: value for path, value in pairs if not (beside and path == "rules.preset")}
    changed = patched(recipe, _spread(patch), "--set")
    tried, shown = opened(output, manifest), shown_levels(internal)
    answer: dict[str, Any] = {}
    lines: list[str] = []
    if beside:
        told = _side_by_side(tried, manifest, recipe, changed, beside)
        answer["presets"] = {
            name: {"missing": each} if isinstance(each, str) else trial_as_json(each, {}) for name, each in told.items()
        }
        lines += [*preset_lines(told, manifest), ""]
    elif asked & {RULES, REPEATS}:
        _check_measures(output, recipe)
        rules = new_rules(manifest, recipe, changed, measures_taken(tried), Path())
        trial = try_rules(tried, {"new": rules}, examples)["new"]
        texts = side_texts(output, manifest, trial.sides, shown)
        answer |= trial_as_json(trial, texts) | {"mixture": list(mixture_lines(manifest, changed))}
        lines += [*trial_lines(trial, texts, manifest), *mixture_lines(manifest, changed), ""]
    if LEVELS in asked:
        levelled = levels_tried(output, tried, manifest, recipe, changed, list(patch), examples, shown)
        answer["levels"] = levels_as_json(levelled)
        lines += [*level_lines(levelled, manifest), ""]
    if COPIES in asked:
        comparison, copied = copies_tried(tried, recipe, changed, examples)
        texts = side_texts(output, manifest, copied.sides, shown)
        answer["copies"] = copies_as_json(comparison, copied, texts)
        lines += [*copy_lines(comparison, copied, texts, manifest), ""]
    if as_json:
        yield json.dumps(answer, ensure_ascii=False, indent=1)
        return
    yield from lines
    yield "To adopt it, in the recipe:"
    if beside:
        yield "rules: {preset: NAME}"
    if patch:
        yield from yaml.safe_dump(_nested(patch), allow_unicode=True, sort_keys=False).splitlines()


def _check_measures(output: Path, recipe: Recipe) -> None:
    if recipe.rules.measure == "verdict":
        raise RequestError(
            f"{output}: rules.measure is verdict: of rejected pages only the measures up to the rule they failed are "
            "stored, so what another bound would do is not known; build it with `rules: {measure: all}`"
        )


def _side_by_side(
    tried: Tried, manifest: Mapping[str, Any], recipe: Recipe, changed: Recipe, presets: Sequence[str]
) -> dict[str, Trial | str]:
    """A trial of each preset, or why it can't be told."""
    _check_measures(tried.parts.parent, recipe)
    taken = measures_taken(tried)
    tables = {PRESENT: present_rules(manifest)}
    reasons = {}
    for name in presets:
        candidate = patched(changed, {"rules.preset": name}, "--preset")
        try:
            tables[name] = new_rules(manifest, recipe, candidate, taken, Path())
        except RequestError as failure:
            reasons[name] = str(failure)
    return {**try_rules(tried, tables, 0), **reasons}


def _asked(settings: Sequence[Setting], presets: Sequence[str]) -> frozenset[str]:
    """What the settings ask for. Raises `RequestError` for a field that can't be tried."""
    if not settings and not presets:
        raise RequestError("try: expected --set FIELD=VALUE, as --set rules.set.characters=200, or --preset NAME")
    found = set()
    for path, _ in settings:
        what = next((what for field, what in TRIED if _is(field, path)), None)
        if what is None:
            raise RequestError(
                f"--set {path}: what it would change can't be told from what is stored: what is read, extracted or "
                f"mended needs the texts themselves, hosts and shards the later stations. {BESIDE}; what can be tried "
                f"are {', '.join(field for field, _ in TRIED)}. Buckets of other edges: tesuki mix RECIPE"
            )
        found.add(what)
    return frozenset(found)


def _is(field: str, path: str) -> bool:
    """Whether ``path`` is the ``field``, in which NAME stands for any name."""
    names, steps = field.split("."), path.split(".")
    return len(names) == len(steps) and all(name in ("NAME", step) for name, step in zip(names, steps, strict=True))


def _spread(patch: Patch) -> dict[str, Any]:
    return {
        path: str(value) if path.endswith(".repeats") and not isinstance(value, list) else value
        for path, value in patch.items()
    }


def _nested(patch: Patch) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in patch.items():
        *steps, last = path.split(".")
        section = tree
        for step in steps:
            section = section.setdefault(step, {})
        section[last] = value
    return tree
