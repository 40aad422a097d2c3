"""From documents to tokens and shards: stations 11 and 12 of a run, made where they are not there yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tesuki.pipelines.corpus.made_by import code_versions
from tesuki.pipelines.corpus.plan import Plan, shards_name, tokens_name
from tesuki.pipelines.corpus.request import Request
from tesuki.pipelines.engine.launcher import run
from tesuki.pipelines.storage.corpus_folder import DOCUMENTS, TOKENIZER, CorpusFolder
from tesuki.pipelines.storage.files import copy_folder
from tesuki.pipelines.tokens.buckets import mixture_plan, resolved_buckets
from tesuki.pipelines.tokens.mixture_rows import mixture_rows
from tesuki.pipelines.tokens.pipeline import (
    ShardFile,
    ShardSettings,
    read_shard_files,
    read_unique_counts,
    shards,
)
from tesuki.pipelines.tokens.tokenizer_file import tokenizer_file
from tesuki.tokenize.splits import SplitFractions


@dataclass(frozen=True, slots=True)
class Tokens:
    """What stations 11 and 12 made: a folder with ``shards/`` and ``tokenizer/``, and what the manifest says of it."""

    folder: Path
    name: str
    tokenizer: Mapping[str, Any] | None
    mixture: Sequence[Mapping[str, Any]]
    shards: Sequence[ShardFile]


def make_tokens(request: Request, plan: Plan, texts: CorpusFolder) -> Tokens:
    """Tokens and shards of the documents of ``texts``; none where there are no documents or no tokenizer."""
    recipe, building, code = request.recipe, request.parts / "building", code_versions()
    files = texts.documents()
    if recipe.tokenizer is None or not files:
        return Tokens(building / "no-tokens", "", None, (), ())
    learnt_from, models = texts.path / DOCUMENTS, request.parts / "tokenizer"
    model = tokenizer_file(recipe.tokenizer, request.folder, learnt_from, plan.documents, models, code["tokens"])
    name = shards_name(recipe, plan.documents, model.fingerprint, code)
    folder = building / f"shards-{name}"
    buckets = resolved_buckets(recipe, files)
    rows = mixture_plan(recipe, buckets)
    settings = ShardSettings(
        tokenizer=model.path,
        document=recipe.tokenizer.document,
        splits=SplitFractions(recipe.splits.valid, recipe.splits.test),
        repeats={row.name: row.repeats for row in rows},
        buckets=buckets,
        test_subsets=recipe.test_sets,
        shard_tokens=recipe.shards.tokens,
        tokens_folder=building / f"tokens-{tokens_name(recipe, plan.documents, model.fingerprint, code)}",
        shards_folder=folder,
    )
    run(lambda pipeline: shards(pipeline, files, settings), request.local_options)
    copy_folder(model.path.parent, folder / TOKENIZER)
    made = read_shard_files(folder)
    mixture = mixture_rows(rows, read_unique_counts(folder), made, folder)
    return Tokens(folder, name, model.about, mixture, made)
