"""`tesuki plan`: what a recipe will come to and cost, from a sample of its inputs, and what a run would use again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tesuki.pipelines.corpus.consumers import CONSUMERS, consumed_of
from tesuki.pipelines.corpus.made_by import code_versions
from tesuki.pipelines.corpus.manifest import Manifest, read_manifest
from tesuki.pipelines.corpus.plan import plan_run
from tesuki.pipelines.corpus.request import Request, check_request, dedup_parameters
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.forecast import (
    FIGURES,
    Estimate,
    Figures,
    estimate,
    files_of,
    peak_memory,
    sample,
)
from tesuki.pipelines.experiments.replay import load_judges
from tesuki.pipelines.reading.inputs import find_files
from tesuki.pipelines.reading.sources import FORMATS
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.tokenize.tokenizers import open_tokenizer

TOKENS_A_CHARACTER: Final = 0.8
"""Where the recipe names no tokenizer file: 50,675 tokens of 63,378 characters of the sample corpus with the vocabulary
of 2,000 that it trains. A larger vocabulary needs fewer."""

WORDS: Final = {
    "pages": "records read",
    "documents": "documents after the rules",
    "characters": "characters of them",
    "tokens": "tokens of them",
    "parts": "parts/ on disk, MB",
    "texts": "documents/ on disk, MB",
    "cpu": "CPU hours of stations 1 to 6",
}

UNITS: Final = {"parts": 1e6, "texts": 1e6, "cpu": 3600.0}


def plan_lines(recipe_path: Path, output: Path | None, count: int, seed: int) -> Iterator[str]:
    """The forecast of the recipe at ``recipe_path`` from ``count`` spans drawn by ``seed``, and what of the corpus at
    ``output`` would be used again. Raises `RequestError` for a recipe or an input that is wrong."""
    recipe = load_recipe(recipe_path)
    for name, subset in recipe.subsets.items():
        if FORMATS[subset.format].by_index:
            raise RequestError(
                f"{recipe_path}: subsets.{name}.format: tesuki plan reads files of this machine, not a crawl by its "
                "index. tesuki fetch brings some of its records as such files."
            )
    judges = load_judges(recipe, recipe_path)
    files = files_of(
        recipe,
        {
            name: find_files(subset.inputs, recipe_path.parent, f"{recipe_path}: subsets.{name}.inputs", output)
            for name, subset in recipe.subsets.items()
        },
    )
    path = recipe.tokenizer.path if recipe.tokenizer else None
    tokenizer = open_tokenizer(recipe_path.parent / path) if path else None
    spans = sum(files.spans)
    sampled = sample(
        recipe,
        judges,
        dedup_parameters(recipe.deduplication),
        files,
        count,
        seed,
        (lambda text: len(tokenizer.encode_document(text)))
        if tokenizer
        else lambda text: TOKENS_A_CHARACTER * len(text),
    )
    read = sum(each.bytes for each in sampled)
    yield f"read {len(sampled)} of {spans} spans, {read / 1e6:,.1f} of {files.bytes / 1e6:,.1f} MB, seed {seed}"
    yield from _table(sampled, files.bytes, len(files.files), seed, whole=len(sampled) == spans)
    yield f"memory here: {peak_memory() / 1e6:,.0f} MB at most in one process. Each worker has such a one, and a"
    yield f"guarded child of at most {recipe.extraction.limits.memory_megabytes:,} MB"
    if tokenizer is None:
        yield f"assumed: {TOKENS_A_CHARACTER} tokens a character, as the recipe names no tokenizer file"
    yield "not known from a sample: near-duplicates, hosts and repeated lines, which take documents away; levels that"
    yield "withhold; stations 7 to 12's time. The intervals (95 %) are of the draw alone."
    if output is not None:
        yield from reuse_lines(check_request(recipe_path, output, (), ()))


def reuse_lines(request: Request) -> Iterator[str]:
    """How many parts of the corpus of ``request`` a run would use again, and why not the others."""
    plan = plan_run(request.recipe, request.inputs, request.lists)
    there = {
        "pages": [_is_there(request.parts, "pages", part.pages) for part in plan.parts],
        "judged": [_is_there(request.parts, "judged", part.judged) for part in plan.parts],
    }
    try:
        manifest = read_manifest(request.output)
    except RequestError:
        manifest = None
    for step, found in there.items():
        yield f"{step}: {sum(found)} of {len(found)} parts are there and would be used again"
        if not all(found):
            reasons = _why_not(request, manifest, step) if manifest else ["no finished corpus says what there was"]
            yield f"  the others would be made: {'; '.join(reasons) or 'they were never made, or were removed'}"


def _why_not(request: Request, manifest: Manifest, step: str) -> list[str]:
    steps = ("pages",) if step == "pages" else ("pages", "judged")
    reasons = [f"the code of {each} is another" for each in steps if manifest.code.get(each) != code_versions()[each]]
    for each in steps:
        changed = {
            path
            for name in request.recipe.subsets
            for path, value in consumed_of(CONSUMERS[each], request.canonical, name).items()
            if _former(manifest, each, name).get(path, value) != value
        }
        reasons += [f"{path} has changed" for path in sorted(changed)]
    known = {(entry.subset, entry.archive, entry.sha256, entry.tag) for entry in manifest.inputs}
    asked = [entry.identity() for entry in request.inputs]
    new = [
        each for each in asked if tuple(each.get(name) for name in ("subset", "archive", "sha256", "tag")) not in known
    ]
    return [*reasons, f"{len(new)} inputs are new or have changed"] if new else reasons


def _former(manifest: Manifest, step: str, subset: str) -> dict[str, object]:
    """What ``step`` consumed of the recipe that built a corpus; nothing of a subset that it did not have."""
    if subset not in manifest.recipe["subsets"]:
        return {}
    return consumed_of(CONSUMERS[step], Recipe.model_validate(manifest.recipe).canonical(), subset)


def _is_there(parts: Path, folder: str, name: str) -> bool:
    return (parts / folder / "seals" / f"{name}.json").exists()


def _table(sampled: list[Figures], all_bytes: int, files: int, seed: int, *, whole: bool) -> Iterator[str]:
    rows = [("", "here", "", "per 1,000 files like these", "")]
    for figure in FIGURES:
        unit = UNITS.get(figure, 1.0)
        here = estimate(sampled, figure, all_bytes, seed, whole=whole)
        thousand = estimate(sampled, figure, all_bytes / max(files, 1) * 1000, seed, whole=False)
        rows.append((WORDS[figure], *_shown(here, unit), *_shown(thousand, unit)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for words, *cells in rows:
        shown = "  ".join(cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        yield f"{words.ljust(widths[0])}  {shown}".rstrip()


def _shown(found: Estimate, unit: float) -> tuple[str, str]:
    interval = f"({_number(found.interval[0] / unit)}–{_number(found.interval[1] / unit)})" if found.interval else ""
    return _number(found.total / unit), interval


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
