"""`tesuki mix`: which mixture is meant, from a table of counts, a finished corpus, or a recipe over one."""

from __future__ import annotations

from pathlib import Path

from tesuki.pipelines.commands.mix_counts import mixture_of_corpus, read_counts
from tesuki.pipelines.corpus.manifest import Manifest, read_manifest
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.tokenize.listed_shards import listed_mixture
from tesuki.tokenize.megatron import data_path, megatron_pieces
from tesuki.tokenize.mixture import Mixture, counted_row


def find_mixture(target: Path | None, counts: Path | None, output: Path) -> Mixture:
    """The mixture that the command's arguments ask for.

    ``counts`` is a table of counts. ``target`` is a finished corpus, or a recipe: then the unique tokens are those of
    the corpus in ``output`` and the repeats the recipe's, so that repeats can be tried before anything is built
    again. Raises `RequestError` where neither or both are given, or the corpus lacks a subset of the recipe.
    """
    if (target is None) == (counts is None):
        raise RequestError("mix: expected a recipe, a corpus folder, or --counts FILE")
    if counts is not None:
        return read_counts(counts)
    assert target is not None
    if target.is_dir():
        return mixture_of_corpus(_tokenized(target))
    recipe = load_recipe(target)
    built = {row.subset: row for row in mixture_of_corpus(_tokenized(output)).rows}
    rows = []
    for name, subset in recipe.subsets.items():
        if name not in built:
            raise RequestError(
                f"{target}: subsets.{name}: the corpus in {output} has no such subset; build it, or name another "
                "corpus with --output"
            )
        same = built[name].repeats == subset.repeats
        rows.append(built[name] if same else counted_row(name, built[name].tokens, subset.repeats))
    return Mixture(tuple(rows))


def corpus_pairs(corpus: Path) -> str:
    """Megatron's ``--data-path`` argument for what `tesuki export --format megatron` makes of a finished corpus: the
    same line, with paths relative to the folder of the export."""
    return data_path(megatron_pieces(listed_mixture(_tokenized(corpus).as_json(), "train").shards), "")


def _tokenized(corpus: Path) -> Manifest:
    manifest = read_manifest(corpus)
    if manifest.tokenizer is None:
        raise RequestError(f"mix: {corpus} has no tokens to count; give its recipe a tokenizer and build it again")
    return manifest
