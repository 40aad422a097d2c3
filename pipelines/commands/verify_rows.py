"""`tesuki verify`: the rows of the mixture, subsets and buckets, against the recipe and the documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from functools import partial

import pyarrow.parquet as pq

from tesuki.pipelines.corpus.manifest import Manifest
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.tokens.buckets import mixture_plan, rows_of_documents
from tesuki.pipelines.tokens.placing import split_for
from tesuki.release_levels.levels import Level
from tesuki.tokenize.buckets import Buckets, shown_bounds
from tesuki.tokenize.repeats import format_repeats, parse_repeats
from tesuki.tokenize.splits import Split, SplitFractions


def verify_rows(folder: CorpusFolder, manifest: Manifest, buckets: Mapping[str, Buckets]) -> str:
    """The mixture has the rows that the recipe asks for, quantiles counted again, and each holds as many documents as
    lie in ``documents/``."""
    if manifest.tokenizer is None:
        return "rows: no mixture"
    recipe = manifest.asked
    asked = {row.name: row for row in mixture_plan(recipe, buckets)}
    if odd := sorted(asked.keys() ^ {row.subset for row in manifest.mixture}):
        raise WorkError(f"mixture: {odd[0]} stands in only one of the recipe and the mixture")
    for row in manifest.mixture:
        if row.holds != asked[row.subset].holds:
            raise WorkError(
                f"mixture: {row.subset} ({row.split}) is said to hold {shown_bounds(row.holds)}, by the recipe and the "
                f"scores it holds {shown_bounds(asked[row.subset].holds)}"
            )
        ratio = asked[row.subset].repeats if row.split == "train" else Fraction(1)
        if parse_repeats(row.repeats) != ratio:
            raise WorkError(
                f"mixture: subset {row.subset} ({row.split}) is repeated {row.repeats} times, "
                f"the recipe asks for {format_repeats(ratio)}"
            )
    counts = _documents_by_row(folder, recipe, buckets)
    for row in manifest.mixture:
        found = counts.pop((row.subset, row.split), 0)
        if found != row.documents:
            raise WorkError(
                f"mixture: subset {row.subset} ({row.split}) is said to have {row.documents} documents, it has {found}"
            )
    if counts:
        name, split = min(counts)
        raise WorkError(f"mixture: {counts[name, split]} documents are of {name} ({split}), which has no row")
    return f"rows: {len(manifest.mixture)} with the documents they should hold"


def _documents_by_row(
    folder: CorpusFolder, recipe: Recipe, buckets: Mapping[str, Buckets]
) -> Counter[tuple[str, Split]]:
    counts: Counter[tuple[str, Split]] = Counter()
    where = partial(split_for, SplitFractions(recipe.splits.valid, recipe.splits.test), recipe.test_sets)
    for file in folder.documents():
        with pq.ParquetFile(file.path) as documents:
            for batch in documents.iter_batches(columns=["id", "url", "scores"]):
                rows = rows_of_documents(file.subset, buckets.get(file.subset), batch.column("scores"))
                pages = zip(rows, batch.column("url").to_pylist(), batch.column("id").to_pylist(), strict=True)
                for row, url, document in pages:
                    if (split := where(file.subset, Level[file.level], url, document)) is not None:
                        counts[row, split] += 1
    return counts
