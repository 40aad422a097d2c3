"""`tesuki try`: what a change would do to a corpus, from what is stored of it, before anything is built."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import yaml

from tesuki.filters.presets import Preset, preset
from tesuki.filters.rule_table import rule_of_row
from tesuki.filters.rules import Rule
from tesuki.filters.stages import Stage
from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.corpus.shown_texts import kept_texts, rejected_texts
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.trial import Example, Tally, Trial, subsets_of_parts, try_rules
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.levelling.shown import shown_levels
from tesuki.pipelines.recipe.patches import Patch, parse_setting, patched
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.tokens.buckets import declared_buckets, mixture_plan
from tesuki.tokenize.repeats import parse_repeats

TRIED = ("rules.set", "rules.preset", "subsets")
"""Beginnings of the fields whose change can be told from what is stored."""

BEGINNING = 60
"""Characters of a text that are shown."""

GROUPS = (("rule", 40), ("length", 10), ("host", 10), ("subset", 20))
"""By what pages are counted, and how many rows of each are shown."""


def try_lines(output: Path, settings: Sequence[str], examples: int, as_json: bool) -> Iterator[str]:
    """What ``settings`` (``rules.set.characters=200``) would change in the corpus at ``output``.

    Raises `RequestError` for a field that is wrong, or whose change can't be told from what is stored.
    """
    manifest = read_manifest(output).as_json()
    patch = _checked(settings)
    recipe = Recipe.model_validate(manifest["recipe"])
    changed = patched(recipe, _spread(patch), "--set")
    if recipe.rules.measure == "verdict":
        raise RequestError(
            f"{output}: rules.measure is verdict: of rejected pages only the measures up to the rule they failed are "
            "stored, so what another bound would do is not known; build it with `rules: {measure: all}`"
        )
    if not (output / "parts" / "judged").is_dir():
        raise RequestError(f"{output}: parts/ was removed; build the corpus with `parts: keep` to try changes")
    rules = new_rules(manifest, recipe, changed)
    subsets = {part: name for part, name in subsets_of_parts(output).items() if recipe.subsets[name].judge}
    trial = try_rules(output / "parts", subsets, rules, examples)
    if as_json:
        yield json.dumps(_as_json(trial, manifest, changed), ensure_ascii=False, indent=1)
        return
    yield f"{trial.judged:,} judged pages, of which the present rules keep {trial.kept:,}"
    for side, tally in trial.sides.items():
        yield ""
        yield from _side_lines(output, manifest["recipe"], side, tally)
    yield ""
    yield from _outlook(trial, manifest)
    yield from _mixture_lines(manifest, changed)
    yield ""
    yield "To adopt it, in the recipe:"
    yield from yaml.safe_dump(_nested(patch), allow_unicode=True, sort_keys=False).splitlines()


def new_rules(manifest: Mapping[str, Any], recipe: Recipe, changed: Recipe) -> tuple[Rule, ...]:
    """The table that would judge: the corpus' own, with another preset's rows or other bounds."""
    record = next((record for record in manifest["lists"] if record["list"] == "rules"), None)
    if record is None:
        raise RequestError("this corpus does not say which rules judged it; build it again to try changes")
    rows = tuple(rule_of_row(row) for row in record["rules"])
    if changed.rules.preset != recipe.rules.preset:
        own = _packaged(recipe.rules.preset)
        added = tuple(rule for rule in rows if rule.name not in {each.name for each in own.rules})
        rows = (*_packaged(changed.rules.preset).rules, *added)
    bounds = {
        name: bound for name, bound in changed.rules.set.items() if name not in recipe.rules.set
        or recipe.rules.set[name] != bound or changed.rules.preset != recipe.rules.preset
    }  # fmt: skip
    try:
        return Preset("tried", (Stage(_none, rows),)).with_bounds(bounds).rules
    except ValueError as failure:
        raise RequestError(f"--set rules.set: {failure}") from None


def _none(_: str) -> dict[str, float]:
    return {}


def _packaged(name: str) -> Preset:
    try:
        return preset(name)
    except ValueError:
        raise RequestError(
            f"--set rules.preset: {name} is a file of rules; set its bounds one by one (rules.set.NAME=…)"
        ) from None


def _checked(settings: Sequence[str]) -> Patch:
    if not settings:
        raise RequestError("try: expected --set FIELD=VALUE, as --set rules.set.characters=200")
    patch = dict(map(parse_setting, settings))
    for path in patch:
        last = path.rpartition(".")[2]
        if not path.startswith(TRIED) or (path.startswith("subsets") and last != "repeats"):
            raise RequestError(
                f"--set {path}: what it would change can't be told from what is stored: near-duplicates need the keys "
                "of other numbers, levels and mended texts the texts themselves. Build it beside this corpus "
                "(tesuki corpus … --start-from) and compare (tesuki diff); what can be tried are rules.set.NAME, "
                "rules.preset, subsets.NAME.repeats and subsets.NAME.buckets.repeats. Other buckets: tesuki mix RECIPE"
            )
    return patch


def _spread(patch: Patch) -> dict[str, Any]:
    return {
        path: str(value) if path.endswith(".repeats") and not isinstance(value, list) else value
        for path, value in patch.items()
    }


def _side_lines(output: Path, recipe: Mapping[str, Any], side: str, tally: Tally) -> Iterator[str]:
    yield f"{side}: {tally.pages:,} pages, {tally.characters:,} characters"
    for name, most in GROUPS:
        counted = sorted(tally.by[name].items(), key=lambda item: (-item[1], item[0]))
        rows = [f"{group or '–'} {count:,}" for group, count in counted[:most]]
        rest = len(counted) - len(rows)
        if rows:
            yield f"  by {name}: {', '.join(rows)}{f' and {rest} more' if rest else ''}"
    nearest = tally.nearest()
    texts = _texts(output, recipe, side, nearest)
    for example in nearest:
        text = printable(texts.get(example.id, "")[:BEGINNING])
        yield f"  {example.rule} {example.value:.4g} against {example.threshold:g}  {printable(example.url)}"
        if text:
            yield f"      {text}"


def _texts(output: Path, recipe: Mapping[str, Any], side: str, examples: Sequence[Example]) -> dict[str, str]:
    """What of ``examples`` may be shown: documents by their level, pages that the rules reject by their evidence."""
    shown = shown_levels(internal=False)
    if side == "lost":
        return kept_texts(output, {example.id for example in examples}, shown)
    return rejected_texts(output, recipe, {example.id: example.subset for example in examples}, shown)


def _outlook(trial: Trial, manifest: Mapping[str, Any]) -> Iterator[str]:
    gained, lost = trial.sides["gained"], trial.sides["lost"]
    left = {row["station"]: row for row in manifest["balance"]["stations"]}
    after = left.get("deduplicate", {"arrived": 0, "passed": 0})
    share = after["passed"] / after["arrived"] if after["arrived"] else 1.0
    yield (
        "How many of the gained pages are copies of others is not known before a run: rejected pages have no keys. Of "
        f"the pages that pass the rules today {share:.0%} stay after deduplication."
    )
    if trial.standing_in:
        yield f"{trial.standing_in:,} duplicates lose the document that stood for them: one a cluster may return."
    tokens = sum(row["tokens"] for row in manifest["mixture"])
    characters = manifest["balance"]["kept_characters"]
    if tokens and characters:
        change = (gained.characters * share - lost.characters) * tokens / characters
        yield f"Unique tokens: about {change:+,.0f} at {tokens / characters:.2f} tokens a character."


def _mixture_lines(manifest: Mapping[str, Any], changed: Recipe) -> Iterator[str]:
    rows = [row for row in manifest["mixture"] if row["split"] == "train"]
    buckets = declared_buckets(changed, {row["subset"]: row.get("holds") for row in rows}) if rows else {}
    asked = {row.name: row.repeats for row in mixture_plan(changed, buckets)} if rows else {}
    for row in rows:
        old, new = parse_repeats(row["repeats"]), asked[row["subset"]]
        if old != new:
            yield (
                f"{row['subset']}: repeats {old} → {new}, tokens a pass {row['training_tokens']:,} → "
                f"{int(row['tokens'] * new):,}, not counting what is gained or lost"
            )


def _nested(patch: Patch) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in patch.items():
        *steps, last = path.split(".")
        section = tree
        for step in steps:
            section = section.setdefault(step, {})
        section[last] = value
    return tree


def _as_json(trial: Trial, manifest: Mapping[str, Any], changed: Recipe) -> dict[str, Any]:
    sides = {
        side: {
            "pages": tally.pages,
            "characters": tally.characters,
            "by": {name: dict(sorted(counts.items())) for name, counts in sorted(tally.by.items())},
            "examples": [asdict(example) for example in tally.nearest()],
        }
        for side, tally in trial.sides.items()
    }
    return {**asdict(replace(trial, sides={})), "sides": sides, "mixture": list(_mixture_lines(manifest, changed))}
