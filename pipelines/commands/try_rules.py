"""`tesuki try` of rules, presets and repeats: what would come and what would go, in words and figures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tesuki.pipelines.corpus.shown_texts import kept_texts, rejected_texts
from tesuki.pipelines.experiments.trial import Side, Tally, Trial
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.tokens.buckets import declared_buckets, mixture_plan
from tesuki.release_levels.levels import Level
from tesuki.tokenize.repeats import parse_repeats

BEGINNING = 60
"""Characters of a text that are shown."""

GROUPS = (("rule", 40), ("kind", 10), ("length", 10), ("host", 10), ("subset", 20))
"""By what pages are counted, and how many rows of each are shown."""

PRESENT = "now"
"""How the present rules are called beside others."""

Texts = Mapping[Side, Mapping[str, str]]
"""Texts of examples that may be shown, by document id. Of an example without one the address isn't shown either."""


def trial_lines(trial: Trial, texts: Texts, manifest: Mapping[str, Any]) -> Iterator[str]:
    """What one table of rules would change."""
    yield (
        f"{trial.judged:,} judged pages, of which the present rules keep {trial.kept:,}, the new ones {trial.keeps:,}"
    )
    for side, tally in trial.sides.items():
        yield ""
        yield from side_lines(side, tally, texts[side])
    yield ""
    yield from _outlook(trial, manifest)


def preset_lines(trials: Mapping[str, Trial | str], manifest: Mapping[str, Any]) -> Iterator[str]:
    """One table with a column a preset; of those that can't be told ``trials`` has the reason, which stands below."""
    told = {name: trial for name, trial in trials.items() if isinstance(trial, Trial)}
    share = tokens_a_character(manifest)
    rows: list[tuple[str, ...]] = [("", *told)]
    rows.append(("pages kept", *(f"{trial.keeps:,}" for trial in told.values())))
    rows.append(("of judged", *(f"{trial.keeps / max(trial.judged, 1):.1%}" for trial in told.values())))
    rows.append(("characters", *(f"{trial.characters:,}" for trial in told.values())))
    if share:
        rows.append(("tokens, about", *(f"{trial.characters * share:,.0f}" for trial in told.values())))
    for side in ("gained", "lost"):
        rows.append((side, *(f"{trial.sides[side].pages:,}" for trial in told.values())))
    rules = {
        rule: max(trial.rejects[rule] for trial in told.values()) for trial in told.values() for rule in trial.rejects
    }
    rows.append(("rejected by", *("" for _ in told)))
    for rule in sorted(rules, key=lambda name: (-rules[name], name)):
        rows.append((f"  {rule}", *(f"{trial.rejects[rule]:,}" for trial in told.values())))
    widths = [max(len(row[column]) for row in rows) for column in range(len(told) + 1)]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()
    yield ""
    yield "Pages that pass the rules, before deduplication; gained and lost are against the present rules."
    yield from (f"{name}: {reason}" for name, reason in trials.items() if isinstance(reason, str))


def mixture_lines(manifest: Mapping[str, Any], changed: Recipe) -> Iterator[str]:
    """What other repeats make of a pass over the mixture."""
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


def trial_as_json(trial: Trial, texts: Texts) -> dict[str, Any]:
    """A trial as a value of JSON."""
    figures = ("judged", "kept", "kept_characters", "keeps", "characters", "standing_in")
    told = {name: getattr(trial, name) for name in figures}
    return told | {"rejects": dict(sorted(trial.rejects.items())), "sides": sides_as_json(trial.sides, texts)}


def sides_as_json(sides: Mapping[Side, Tally], texts: Texts) -> dict[str, Any]:
    """What comes and goes as a value of JSON."""
    return {
        side: {
            "pages": tally.pages,
            "characters": tally.characters,
            "copies": tally.copies,
            "by": {name: dict(sorted(counts.items())) for name, counts in sorted(tally.by.items())},
            "characters_by": {name: dict(sorted(found.items())) for name, found in sorted(tally.characters_by.items())},
            "examples": [
                asdict(example) | {"url": example.url if example.id in texts.get(side, {}) else ""}
                for example in tally.nearest()
            ],
        }
        for side, tally in sides.items()
    }


def tokens_a_character(manifest: Mapping[str, Any]) -> float:
    """How many unique tokens the corpus has for each character of its documents; 0 without tokens."""
    tokens = sum(row["tokens"] for row in manifest["mixture"])
    characters = manifest["balance"]["kept_characters"]
    return tokens / characters if characters else 0.0


def counted(groups: Mapping[str, int], most: int, characters: Mapping[str, int] = {}) -> str:
    """Groups and their pages in a line, the largest first, ``most`` of them; with ``characters`` also these."""
    ordered = sorted(groups.items(), key=lambda item: (-item[1], item[0]))
    rest = len(ordered) - most
    shown = (
        f"{name or '–'} {count:,}" + (f" ({characters[name]:,} characters)" if name in characters else "")
        for name, count in ordered[:most]
    )
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def side_texts(
    output: Path, manifest: Mapping[str, Any], sides: Mapping[Side, Tally], shown: Collection[Level]
) -> Texts:
    """Texts of the examples of ``sides``: of what is lost those of documents whose level is ``shown``, of what is
    gained those of pages whose level by their own evidence is."""
    ids = {example.id for example in sides["lost"].nearest()}
    subsets = {example.id: example.subset for example in sides["gained"].nearest()}
    return {
        "lost": kept_texts(output, ids, shown),
        "gained": rejected_texts(output, manifest["recipe"], subsets, shown),
    }


def side_lines(side: str, tally: Tally, texts: Mapping[str, str]) -> Iterator[str]:
    """One side of a trial: pages by group, and those nearest to their bounds, with the beginnings of ``texts``."""
    copies = f", {tally.copies:,} of them duplicates of other pages" if tally.copies else ""
    yield f"{side}: {tally.pages:,} pages{copies}, {tally.characters:,} characters"
    for name, most in GROUPS:
        if tally.by[name]:
            yield f"  by {name}: {counted(tally.by[name], most, tally.characters_by[name])}"
    for example in tally.nearest():
        text = printable(texts.get(example.id, "")[:BEGINNING])
        address = printable(example.url) if example.id in texts else example.id
        yield f"  {example.rule} {example.value:.4g} against {example.threshold:g}  {address}"
        if text:
            yield f"      {text}"


def _outlook(trial: Trial, manifest: Mapping[str, Any]) -> Iterator[str]:
    gained, lost = trial.sides["gained"], trial.sides["lost"]
    share = 1.0
    if manifest["recipe"]["rules"]["order"] == "quality-last":
        yield "Duplicates left before the rules judged: what is gained and lost here are documents."
    else:
        left = {row["station"]: row for row in manifest["balance"]["stations"]}
        after = left.get("deduplicate", {"arrived": 0, "passed": 0})
        share = after["passed"] / after["arrived"] if after["arrived"] else 1.0
        yield (
            "How many of the gained pages are copies of others is not known before a run: pages that the rules reject "
            "have no keys where the rules judge first (rules.order: quality-first). Of the pages that pass the rules "
            f"today {share:.0%} stay after deduplication."
        )
    if trial.standing_in:
        yield f"{trial.standing_in:,} duplicates lose the document that stood for them: one a cluster may return."
    a_character = tokens_a_character(manifest)
    if a_character:
        of_documents = 1 - lost.copies / lost.pages if lost.pages else 1.0
        change = (gained.characters * share - lost.characters * of_documents) * a_character
        yield f"Unique tokens: about {change:+,.0f} at {a_character:.2f} tokens a character."


def named_presets(settings: Sequence[tuple[str, Any]], presets: Sequence[str]) -> tuple[str, ...]:
    """The presets to set side by side: those named for it, and those set more than once."""
    set_ones = [str(value) for path, value in settings if path == "rules.preset"]
    return tuple(dict.fromkeys((*presets, *(set_ones if presets or len(set_ones) > 1 else ()))))
