"""Commands about tokens: `mix`, `tokenizer`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tesuki.pipelines.commands.line.kinds import PATH
from tesuki.pipelines.commands.terminal import echo
from tesuki.pipelines.errors import RequestError

if TYPE_CHECKING:
    from tesuki.tokenize.segmentation import WordsBy


@click.command()
@click.argument("target", required=False, type=PATH)
@click.option("--counts", type=PATH, help="A table of counts: subset, tokens, repeats, tab-separated.")
@click.option("--output", type=PATH, default=Path("out"), show_default=True, help="The corpus a recipe is tried on.")
@click.option("--fit-tokens", type=int, help="Choose the repeats of --free for exactly this many training tokens.")
@click.option("--free", help="The subset that --fit-tokens may sample.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--megatron", is_flag=True, help="Print Megatron's --data-path pairs.")
def mix(
    target: Path | None,
    counts: Path | None,
    output: Path,
    fit_tokens: int | None,
    free: str | None,
    as_json: bool,
    megatron: bool,
) -> None:
    """Show the mixture of a corpus folder, a RECIPE over a corpus, or a table of counts."""
    from tesuki.pipelines.commands.mix import corpus_pairs, find_mixture
    from tesuki.pipelines.commands.mix_counts import count_pairs, fitted, json_text, table_lines

    mixture = find_mixture(target, counts, output)
    if (fit_tokens is None) != (free is None):
        raise RequestError("mix: --fit-tokens N and --free SUBSET go together")
    if fit_tokens is not None and free is not None:
        mixture = fitted(mixture, fit_tokens, free)
    if megatron and target is not None and target.is_dir() and fit_tokens is None:
        echo(corpus_pairs(target))
    elif megatron:
        echo(count_pairs(mixture))
    elif as_json:
        echo(json_text(mixture))
    else:
        for line in table_lines(mixture):
            echo(line)


@click.group()
def tokenizer() -> None:
    """Train a tokenizer from a corpus' documents; show what one does with them."""


@tokenizer.command()
@click.argument("corpus_folder", metavar="CORPUS", type=PATH)
@click.option("--output", required=True, type=PATH, help="The model's file, NAME.model.")
@click.option("--vocabulary-size", required=True, type=int)
@click.option(
    "--words",
    type=click.Choice(("dictionary", "script")),
    default="dictionary",
    show_default=True,
    help="What no piece crosses: words of UniDic, or runs of one script.",
)
@click.option("--seed", default=0, show_default=True)
@click.option("--characters", type=int, help="Learn from at most this many characters.")
def train(
    corpus_folder: Path, output: Path, vocabulary_size: int, words: WordsBy, seed: int, characters: int | None
) -> None:
    """Learn a SentencePiece unigram model from the documents of CORPUS that may be trained on."""
    from tesuki.pipelines.commands.tokenizer import train_tokenizer
    from tesuki.tokenize.training import DEFAULT_MAXIMUM_CHARACTERS

    model = train_tokenizer(
        corpus_folder,
        output,
        vocabulary_size=vocabulary_size,
        words_by=words,
        seed=seed,
        maximum_characters=characters or DEFAULT_MAXIMUM_CHARACTERS,
    )
    echo(f"{output}: {model.vocabulary_size} entries, sha256 {model.fingerprint}")


@tokenizer.command()
@click.argument("model", type=PATH)
@click.option("--document", default="bos text eos", show_default=True, help="What a document is: tokenizer.document.")
@click.option("--corpus", "corpus_folder", type=PATH, help="Show fertility on this corpus, by subset.")
def show(model: Path, document: str, corpus_folder: Path | None) -> None:
    """Show what MODEL is, and how many tokens it makes of a corpus' characters."""
    from tesuki.pipelines.commands.tokenizer import show_tokenizer
    from tesuki.tokenize.document_contract import document_form
    from tesuki.tokenize.tokenizers import open_tokenizer

    try:
        opened = open_tokenizer(model, document_form(document))
    except (OSError, ValueError) as failure:
        raise RequestError(f"{model}: {failure}") from None
    for line in show_tokenizer(opened, corpus_folder):
        echo(line)
