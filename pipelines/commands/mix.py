"""`tesuki mix`: which mixture is meant, from a table of counts, a finished corpus, or a recipe over one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from tesuki.pipelines.commands.mix_buckets import check_scores, counted_tokens
from tesuki.pipelines.commands.mix_counts import mixture_of_corpus, read_counts
from tesuki.pipelines.corpus.manifest import Manifest, read_manifest
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.tokens.buckets import mixture_plan, resolved_buckets
from tesuki.tokenize.buckets import subset_of
from tesuki.tokenize.listed_shards import listed_mixture
from tesuki.tokenize.megatron import data_path, megatron_pieces
from tesuki.tokenize.mixture import Mixture, MixtureRow, counted_row


def find_mixture(target: Path | None, counts: Path | None, output: Path) -> Mixture:
    """The mixture that the command's arguments ask for.

    ``counts`` is a table of counts. ``target`` is a finished corpus, or a recipe: then the unique tokens are those of
    the corpus in ``output`` and the repeats the recipe's, so that repeats can be tried before anything is built
    again; buckets that the corpus does not have are counted from its texts. Raises `RequestError` where neither or both
    are given, or the corpus lacks a subset or score of the recipe.
    """
    if (target is None) == (counts is None):
        raise RequestError("mix: expected a recipe, a corpus folder, or --counts FILE")
    if counts is not None:
        return read_counts(counts)
    assert target is not None
    if target.is_dir():
        return mixture_of_corpus(_tokenized(target))
    recipe = load_recipe(target)
    manifest = _tokenized(output)
    there = {subset_of(row.subset) for row in manifest.mixture}
    for name in recipe.subsets:
        if name not in there:
            raise RequestError(
                f"{target}: subsets.{name}: the corpus in {output} has no such subset; build it, or name another "
                "corpus with --output"
            )
    check_scores(manifest, recipe, target, output)
    built = {row.subset: row for row in mixture_of_corpus(manifest).rows}
    buckets = resolved_buckets(recipe, CorpusFolder(output).documents())
    plan = mixture_plan(recipe, buckets)
    rows: list[MixtureRow] = []
    for name in recipe.subsets:
        own = [row for row in plan if row.subset == name]
        if all(row.name in built and built[row.name].holds == row.holds for row in own):
            rows += [_repeated(built[row.name], row.repeats) for row in own]
        else:
            tokens = counted_tokens(output, manifest, name, buckets.get(name))
            rows += [counted_row(row.name, tokens[row.name], row.repeats, row.holds) for row in own]
    return Mixture(tuple(rows))


def _repeated(built: MixtureRow, repeats: Fraction) -> MixtureRow:
    """A row as it was built, or with other repeats: then only its count of tokens is known."""
    same = built.repeats == repeats
    return built if same else counted_row(built.subset, built.tokens, repeats, built.holds)


def corpus_pairs(corpus: Path) -> str:
    """Megatron's ``--data-path`` argument for what `tesuki export --format megatron` makes of a finished corpus: the
    same line, with paths relative to the folder of the export."""
    return data_path(megatron_pieces(listed_mixture(_tokenized(corpus).as_json(), "train").shards), "")


def _tokenized(corpus: Path) -> Manifest:
    manifest = read_manifest(corpus)
    if manifest.tokenizer is None:
        raise RequestError(f"mix: {corpus} has no tokens to count; give its recipe a tokenizer and build it again")
    return manifest
