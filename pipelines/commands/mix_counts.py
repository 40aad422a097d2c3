"""`tesuki mix`: the mixture as a table, from counts in a file or from a finished corpus."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from tesuki.pipelines.corpus.manifest import Manifest
from tesuki.pipelines.errors import RequestError
from tesuki.tokenize.buckets import shown_bounds
from tesuki.tokenize.mixture import Mixture, MixtureRow, counted_row, fit_tokens
from tesuki.tokenize.repeats import format_repeats, parse_repeats

COUNTS_HEADER = ("subset", "tokens", "repeats")
"""Columns of a table of counts, tab-separated: a subset's name, its unique tokens, its repeats."""

TABLE_HEADER = (*COUNTS_HEADER, "training_tokens", "share", "shards", "holds")
"""Columns of the table printed: a share is of the pass, in percent; shards are `-` where only counts are known; what a
bucket holds of its subset, `-` for all."""


def read_counts(path: Path) -> Mixture:
    """The mixture in a table of counts. Raises `RequestError` naming file, line and field."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as failure:
        raise RequestError(f"{path}: cannot be read as UTF-8 text ({failure.__class__.__name__})") from None
    table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
    if tuple(table.fieldnames or ())[:3] != COUNTS_HEADER:
        raise RequestError(
            f"{path}: line 1: found {lines[0][:80] if lines else ''!r}, expected the tab-separated header "
            f"{' '.join(COUNTS_HEADER)}"
        )
    try:
        return Mixture(tuple(_counted(path, number, line) for number, line in enumerate(table, 2)))
    except (ValueError, csv.Error) as failure:
        raise RequestError(f"{path}: {failure}") from None


def mixture_of_corpus(manifest: Manifest) -> Mixture:
    """The mixture a finished corpus trains on, from its manifest: whole documents, so training tokens may lie below
    repeats × tokens by less than a document."""
    return Mixture(
        tuple(
            MixtureRow(
                row.subset, row.tokens, parse_repeats(row.repeats), row.training_tokens, len(row.shards), row.holds
            )
            for row in manifest.mixture
            if row.split == "train"
        )
    )


def fitted(mixture: Mixture, total: int, free: str) -> Mixture:
    """The mixture with the repeats of ``free`` chosen for ``total`` training tokens. Raises `RequestError`."""
    try:
        return Mixture(fit_tokens(mixture.rows, free, total))
    except ValueError as failure:
        raise RequestError(f"--fit-tokens {total}: {failure}") from None


def table_lines(mixture: Mixture) -> Iterator[str]:
    """The table, tab-separated, ending with the line ``total``: unique tokens, no repeats, training tokens."""
    yield "\t".join(TABLE_HEADER)
    for row in mixture.rows:
        shards = "-" if row.shards is None else str(row.shards)
        yield "\t".join(
            (
                row.subset,
                str(row.tokens),
                format_repeats(row.repeats),
                str(row.training_tokens),
                percent(mixture.share(row)),
                shards,
                shown_bounds(row.holds),
            )
        )
    yield "\t".join(("total", str(mixture.unique_tokens), "", str(mixture.training_tokens)))


def json_text(mixture: Mixture) -> str:
    """The table as JSON. Ratios are strings, because no binary fraction is 1/10."""
    return json.dumps(
        {
            "subsets": [
                {
                    "subset": row.subset,
                    "tokens": row.tokens,
                    "repeats": format_repeats(row.repeats),
                    "training_tokens": row.training_tokens,
                    "share": format_repeats(mixture.share(row)),
                    "shards": row.shards,
                    "holds": row.holds,
                }
                for row in mixture.rows
            ],
            "total": {"tokens": mixture.unique_tokens, "training_tokens": mixture.training_tokens},
        },
        ensure_ascii=False,
        indent=1,
    )


def megatron_pairs(weighted_paths: Iterable[tuple[int, str]]) -> str:
    """Megatron's ``--data-path`` argument: weight and path in turn; a weight of 0 keeps its row out of training."""
    return " ".join(f"{weight} {path}" for weight, path in weighted_paths if weight)


def count_pairs(mixture: Mixture) -> str:
    """Pairs for a table of counts: repeats × tokens and the subset's name, as LLM-jp's scripts hand them over."""
    return megatron_pairs((row.training_tokens, row.subset) for row in mixture.rows)


def percent(share: Fraction) -> str:
    """A share in percent with four decimals, half up, computed in whole numbers."""
    millionths = (share * 2_000_000 + 1).__floor__() // 2
    return f"{millionths // 10_000}.{millionths % 10_000:04d}"


def _counted(path: Path, number: int, line: Mapping[str | None, Any]) -> MixtureRow:
    subset, tokens, repeats = (line[name] for name in COUNTS_HEADER)
    if not subset or tokens is None or repeats is None or line.get(None):
        raise RequestError(f"{path}: line {number}: expected {' '.join(COUNTS_HEADER)}, separated by tabs")
    if subset == "total":
        raise RequestError(
            f"{path}: line {number}: a subset cannot be called 'total'; the sum is not part of the counts"
        )
    if not (tokens.isascii() and tokens.isdigit()) or len(tokens) > 30:
        raise RequestError(f"{path}: line {number}: tokens: found {tokens[:60]!r}, expected a whole number")
    try:
        return counted_row(subset, int(tokens), parse_repeats(repeats))
    except ValueError as failure:
        raise RequestError(f"{path}: line {number}: {failure}") from None
