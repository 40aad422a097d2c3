"""Shards and mixture after a take-down: only the rows of the mixture that lose a document are looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from tesuki.pipelines.corpus.manifest import Manifest, MixtureEntry, TokenizerEntry
from tesuki.pipelines.storage.corpus_folder import CorpusFolder, DocumentFile
from tesuki.pipelines.takedown.leaving import Leaving
from tesuki.pipelines.takedown.moved_buckets import bucketed_anew
from tesuki.pipelines.takedown.shard_files import remaining_shards
from tesuki.pipelines.tokens.buckets import declared_buckets, resolved_buckets, rows_of_documents
from tesuki.pipelines.tokens.mixture_rows import mixture_row
from tesuki.pipelines.tokens.pipeline import ShardFile, UniqueCounts
from tesuki.pipelines.tokens.placing import split_for
from tesuki.release_levels.levels import Level
from tesuki.tokenize.buckets import Buckets, subset_of
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


def reshard(
    output: Path, manifest: Manifest, leaving: Iterable[Leaving], target: Path, ended_tables: Collection[str] = ()
) -> Reshard:
    """Write to ``target`` the shards of the corpus at ``output`` as they are without the documents ``leaving``.

    The documents that stay lie at ``target`` already where their table changed; ``ended_tables`` have none left. A
    subset whose quantiles move, because they are counted over fewer documents, is put into its buckets anew.
    """
    if manifest.tokenizer is None:
        return Reshard(manifest.mixture, (), ())
    before = declared_buckets(manifest.asked, {row.subset: row.holds for row in manifest.mixture})
    staying = documents_after(output, target, ended_tables)
    pages = [page for page in leaving if page.was is None]
    touched = {page.fate.subset for page in pages}
    after = resolved_buckets(manifest.asked, staying) if before.keys() & touched else before
    moved = {name for name in touched & before.keys() if after[name] != before[name]}
    lost = documents_lost(output, manifest, [page for page in pages if page.fate.subset not in moved], before)
    again = {
        name: bucketed_anew(
            manifest, name, after[name], [file for file in staying if file.subset == name], output, target
        )
        for name in sorted(moved)
    }
    mixture: list[MixtureEntry] = []
    staged = [file for _, files in again.values() for file in files]
    ended: set[str] = set()
    for row in manifest.mixture:
        subset = subset_of(row.subset)
        if subset in moved:
            rows, _ = again[subset]
            mixture += rows if row == _first(manifest, subset) else ()
            ended.update(shard.path for shard in row.shards)
            continue
        gone = lost.get((row.subset, row.split), ())
        if not gone:
            mixture.append(row)
            continue
        files, tokens = remaining_shards(output, manifest, row, frozenset(str(page.fate.id) for page in gone), target)
        if not row.shards:
            # Repeats of 0 make no shards, whose rows would have told.
            tokens = _tokens_of(output, manifest.tokenizer, gone)
        unique = UniqueCounts(row.subset, row.split, row.documents - len(gone), row.tokens - tokens)
        if unique.documents or row.split == "train":
            entry = mixture_row(unique, parse_repeats(row.repeats), files, target, row.holds)
            mixture.append(MixtureEntry(**entry))
        staged += files
        ended.update(shard.path for shard in row.shards)
    return Reshard(tuple(mixture), tuple(staged), tuple(sorted(ended - {file.path for file in staged})))


def _first(manifest: Manifest, subset: str) -> MixtureEntry:
    return next(row for row in manifest.mixture if subset_of(row.subset) == subset)


def documents_after(output: Path, target: Path, ended: Collection[str]) -> list[DocumentFile]:
    """The tables of documents that a take-down leaves: as staged below ``target``, or as they are at ``output``."""
    folder = CorpusFolder(output)
    names = [(folder.name_of(file.path), file) for file in folder.documents()]
    return [
        DocumentFile(target / name, file.subset, file.level) if (target / name).exists() else file
        for name, file in names
        if name not in ended
    ]


def documents_lost(
    output: Path, manifest: Manifest, documents: Sequence[Leaving], buckets: Mapping[str, Buckets]
) -> dict[tuple[str, Split], list[Leaving]]:
    """Which of ``documents`` each row of the mixture loses, by its name and split."""
    recipe = manifest.asked
    where = partial(split_for, SplitFractions(recipe.splits.valid, recipe.splits.test), recipe.test_sets)
    lost: dict[tuple[str, Split], list[Leaving]] = {}
    for path in sorted({page.path for page in documents}):
        pages = [page for page in documents if page.path == path]
        rows = _rows_of(output / path, pages, buckets.get(pages[0].fate.subset))
        for row, page in zip(rows, pages, strict=True):
            split = where(page.fate.subset, Level[page.level], page.fate.url, str(page.fate.id))
            if split is not None:
                lost.setdefault((row, split), []).append(page)
    return lost


def _rows_of(path: Path, pages: Sequence[Leaving], buckets: Buckets | None) -> list[str]:
    """The rows of the mixture that ``pages`` of one table of documents are of."""
    subset = pages[0].fate.subset
    if buckets is None:
        return [subset] * len(pages)
    scores = pq.read_table(path, columns=["scores"])["scores"].take([page.row for page in pages])
    return rows_of_documents(subset, buckets, scores.combine_chunks())


def _tokens_of(output: Path, model: TokenizerEntry, documents: Sequence[Leaving]) -> int:
    tokenizer = open_tokenizer(output / model.path, document_form(model.document))
    tokens = 0
    for path in sorted({page.path for page in documents}):
        texts = pq.read_table(output / path, columns=["text"])["text"]
        rows = [page.row for page in documents if page.path == path]
        tokens += sum(tokenizer.encode_document(texts[row].as_py()).size for row in rows)
    return tokens
