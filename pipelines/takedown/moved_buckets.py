"""A subset whose quantiles a take-down moves: its documents are tokenized and put into their buckets anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tesuki.pipelines.corpus.manifest import Manifest, MixtureEntry
from tesuki.pipelines.corpus.take_downs import UNFINISHED
from tesuki.pipelines.engine.launcher import local_options, run, total_size
from tesuki.pipelines.storage.corpus_folder import DocumentFile
from tesuki.pipelines.tokens.buckets import mixture_plan
from tesuki.pipelines.tokens.mixture_rows import mixture_rows
from tesuki.pipelines.tokens.pipeline import ShardFile, ShardSettings, read_shard_files, read_unique_counts, shards
from tesuki.tokenize.buckets import Buckets
from tesuki.tokenize.document_contract import document_form
from tesuki.tokenize.splits import SplitFractions


def bucketed_anew(
    manifest: Manifest, subset: str, buckets: Buckets, files: Sequence[DocumentFile], output: Path, target: Path
) -> tuple[list[MixtureEntry], list[ShardFile]]:
    """The rows of ``subset`` in the mixture, and its shards staged below ``target``, of the documents in ``files``."""
    recipe, tokenizer = manifest.asked, manifest.tokenizer
    assert tokenizer is not None
    only = recipe.model_copy(update={"subsets": {subset: recipe.subsets[subset]}})
    rows = mixture_plan(only, {subset: buckets})
    made = output / UNFINISHED / "buckets" / subset
    settings = ShardSettings(
        tokenizer=output / tokenizer.path,
        document=document_form(tokenizer.document),
        splits=SplitFractions(recipe.splits.valid, recipe.splits.test),
        repeats={row.name: row.repeats for row in rows},
        buckets={subset: buckets},
        test_subsets=recipe.test_sets,
        shard_tokens=recipe.shards.tokens,
        tokens_folder=made / "tokens",
        shards_folder=made,
    )
    run(lambda pipeline: shards(pipeline, files, settings), local_options((), total_size(file.path for file in files)))
    written = read_shard_files(made)
    for file in written:
        (target / file.path).parent.mkdir(parents=True, exist_ok=True)
        (made / file.path).rename(target / file.path)
    entries = [MixtureEntry(**row) for row in mixture_rows(rows, read_unique_counts(made), written, target)]
    return entries, list(written)
