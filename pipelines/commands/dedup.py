"""`tesuki dedup` as a request: a recipe that does nothing but deduplicate documents that exist already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from tesuki.pipelines.corpus.request import Request, checked_request
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.reading.inputs import find_files
from tesuki.pipelines.reading.sources import FORMATS
from tesuki.pipelines.recipe.rules import Rules
from tesuki.pipelines.recipe.sections import Deduplication, Mend, Recipe
from tesuki.pipelines.recipe.subsets import Subset

COMPRESSED = frozenset({".gz", ".zst", ".bz2"})


def dedup_request(
    globs: Sequence[str],
    output: Path,
    deduplication: Deduplication,
    columns: Mapping[str, str],
    options: Sequence[str],
) -> Request:
    """The request to deduplicate the documents that ``globs`` name.

    ``columns`` are the source's own names, as in a recipe's subset. Every
    page passes quality, host rules and mending untouched; without evidence its level is the default policy's for
    unlicensed pages. Raises `RequestError` for an option or file that is wrong.
    """
    files = find_files(globs, Path(), "--input", output)
    formats = {path: format_of(path) for path in files}
    if len(set(formats.values())) > 1:
        found = " and ".join(sorted(set(formats.values())))
        raise RequestError(f"--input: found {found} files together; deduplicate one format at a time")
    for path, source_format in formats.items():
        problem = FORMATS[source_format].problem(path, columns)
        if problem:
            raise RequestError(f"--input: {problem}; name it with --column text=NAME")
    recipe = Recipe(
        name="deduplicated",
        subsets={
            "documents": Subset.model_validate(
                {"inputs": tuple(globs), "format": formats[files[0]], "columns": dict(columns), "judge": False}
            )
        },
        rules=Rules(preset="none", measure="verdict"),
        mend=Mend(style="none"),
        deduplication=deduplication,
        tokenizer=None,
    )
    return checked_request(recipe, Path(), output, {"documents": files}, options)


def dedup_settings(options: Mapping[str, object]) -> Deduplication:
    """The recipe's section that the command's options come to. Raises `RequestError` naming the option."""
    given = {name: value for name, value in options.items() if value not in (None, ())}
    if "b" not in given and "r" not in given:
        given.setdefault("preset", "swallow-paper")
    try:
        return Deduplication.model_validate(given)
    except ValidationError as failure:
        found = failure.errors()[0]
        option = str(found["loc"][0]).replace("_", "-") if found["loc"] else "preset"
        problem = found["msg"].removeprefix("Value error, ")
        raise RequestError(f"--{option}: found {found['input']!r}: {problem}") from None


def format_of(path: Path) -> str:
    """The format of a file of documents. Raises `RequestError` for an ending that says neither."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in COMPRESSED]
    by_ending = {ending: name for name, form in FORMATS.items() for ending in form.endings}
    found = by_ending.get(suffixes[-1]) if suffixes else None
    if found is None:
        raise RequestError(f"--input: {path.name}: expected a file named {', '.join(sorted(by_ending))}, packed or not")
    return found
