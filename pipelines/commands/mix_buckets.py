"""`tesuki mix` over buckets that a corpus does not have: how many tokens each would hold, from its documents."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

from tesuki.pipelines.corpus.manifest import Manifest
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.tokens.placing import documents_by_row, split_for
from tesuki.release_levels.levels import Level
from tesuki.tokenize.buckets import Buckets
from tesuki.tokenize.document_contract import document_form
from tesuki.tokenize.splits import SplitFractions
from tesuki.tokenize.tokenizers import open_tokenizer


def check_scores(manifest: Manifest, recipe: Recipe, path: Path, output: Path) -> None:
    """Raise `RequestError` where buckets of ``recipe`` ask for a score that the documents of the corpus do not have."""
    there, asked = (
        {score.name: score.model_copy(update={"licence": ""}) for score in scores}
        for scores in (manifest.asked.scores, recipe.scores)
    )
    for name, subset in recipe.subsets.items():
        for score in subset.buckets.by if subset.buckets else ():
            if there.get(score) != asked[score]:
                raise RequestError(
                    f"{path}: subsets.{name}.buckets.by: {score} is no score of the corpus in {output}, or another one "
                    "by this name; build its documents with it (tesuki corpus), then try buckets"
                )


def counted_tokens(output: Path, manifest: Manifest, subset: str, buckets: Buckets | None) -> Counter[str]:
    """The unique tokens that each row of ``subset`` would train on, with the tokenizer and splits of the corpus."""
    model, recipe = manifest.tokenizer, manifest.asked
    assert model is not None
    tokenizer = open_tokenizer(output / model.path, document_form(model.document))
    where = partial(split_for, SplitFractions(recipe.splits.valid, recipe.splits.test), recipe.test_sets)
    tokens: Counter[str] = Counter()
    for file in CorpusFolder(output).documents(subset):
        for row, document in documents_by_row(file, buckets):
            if where(subset, Level[file.level], document["url"], document["id"]) == "train":
                tokens[row] += tokenizer.encode_document(document["text"]).size
    return tokens
