"""Shards and mixture after a take-down: only the subsets and splits that lose a document are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from tesuki.pipelines.corpus.manifest import Manifest, MixtureEntry, TokenizerEntry
from tesuki.pipelines.takedown.leaving import Leaving
from tesuki.pipelines.takedown.shard_files import remaining_shards
from tesuki.pipelines.tokens.mixture_rows import mixture_row
from tesuki.pipelines.tokens.pipeline import ShardFile, UniqueCounts, split_for
from tesuki.release_levels.levels import Level
from tesuki.tokenize.document_contract import document_form
from tesuki.tokenize.repeats import parse_repeats
from tesuki.tokenize.splits import Split, SplitFractions
from tesuki.tokenize.tokenizers import open_tokenizer


@dataclass(frozen=True, slots=True)
class Reshard:
    """What becomes of the shards: the new mixture, the shards that are staged, and the paths that end."""

    mixture: tuple[MixtureEntry, ...]
    staged: tuple[ShardFile, ...]
    ended: tuple[str, ...]


def reshard(output: Path, manifest: Manifest, leaving: Iterable[Leaving], target: Path) -> Reshard:
    """Write to ``target`` the shards of the corpus at ``output`` as they are without the documents ``leaving``."""
    lost = documents_lost(manifest, [page for page in leaving if page.was is None])
    mixture: list[MixtureEntry] = []
    staged: list[ShardFile] = []
    ended: set[str] = set()
    for row in manifest.mixture:
        gone = lost.get((row.subset, row.split), ())
        if not gone:
            mixture.append(row)
            continue
        files, tokens = remaining_shards(output, manifest, row, frozenset(str(page.fate.id) for page in gone), target)
        if not row.shards:
            # Repeats of 0 make no shards, whose rows would have told.
            assert manifest.tokenizer is not None
            tokens = _tokens_of(output, manifest.tokenizer, gone)
        unique = UniqueCounts(row.subset, row.split, row.documents - len(gone), row.tokens - tokens)
        if unique.documents or row.split == "train":
            mixture.append(MixtureEntry(**mixture_row(unique, parse_repeats(row.repeats), files, target)))
        staged += files
        ended.update(shard.path for shard in row.shards)
    return Reshard(tuple(mixture), tuple(staged), tuple(sorted(ended - {file.path for file in staged})))


def documents_lost(manifest: Manifest, documents: Sequence[Leaving]) -> dict[tuple[str, Split], list[Leaving]]:
    """Which of ``documents`` each subset and split loses; none where the corpus has no tokens."""
    recipe = manifest.asked
    where = partial(split_for, SplitFractions(recipe.splits.valid, recipe.splits.test), recipe.test_sets)
    lost: dict[tuple[str, Split], list[Leaving]] = {}
    for page in documents if manifest.tokenizer else ():
        split = where(page.fate.subset, Level[page.level], page.fate.url, str(page.fate.id))
        if split is not None:
            lost.setdefault((page.fate.subset, split), []).append(page)
    return lost


def _tokens_of(output: Path, model: TokenizerEntry, documents: Sequence[Leaving]) -> int:
    tokenizer = open_tokenizer(output / model.path, document_form(model.document))
    tokens = 0
    for path in sorted({page.path for page in documents}):
        texts = pq.read_table(output / path, columns=["text"])["text"]
        rows = [page.row for page in documents if page.path == path]
        tokens += sum(tokenizer.encode_document(texts[row].as_py()).size for row in rows)
    return tokens
