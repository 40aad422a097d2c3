"""The command `classifier`: `train`, `evaluate` and `wikipedia`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tesuki.pipelines.commands.line.kinds import PATH
from tesuki.pipelines.commands.terminal import echo

if TYPE_CHECKING:
    from tesuki.pipelines.scoring.fasttext_model import Input


@click.group()
def classifier() -> None:
    """Learn to score texts from examples of two kinds; tell how well a model does."""


POSITIVE = click.option("--positive", multiple=True, required=True, help="JSON Lines or Parquet files of good texts.")


NEGATIVE = click.option("--negative", multiple=True, required=True, help="Files of the other texts.")


GIVEN = click.option(
    "--input",
    "given",
    type=click.Choice(("text", "characters", "words")),
    default="text",
    show_default=True,
    help="What a fastText model is given: the text as it is, or with spaces between characters or words.",
)


MOST_TEXTS = click.option("--most", default=10_000, show_default=True, type=click.IntRange(min=1), help="Texts a kind.")


@classifier.command("train")
@POSITIVE
@NEGATIVE
@click.option("--output", required=True, type=PATH, help="The model's file.")
@click.option("--kind", type=click.Choice(("linear", "fasttext")), default="linear", show_default=True)
@GIVEN
@click.option(
    "--licence", default="not stated", help="What the examples' licences make of the model's; written into it."
)
@click.option("--seed", default=0, show_default=True)
@click.option("--epochs", default=5, show_default=True, type=click.IntRange(min=1))
@MOST_TEXTS
@click.option("--held-out", default="1/5", show_default=True, help="Share of hosts to test on.")
def train_classifier(
    positive: Sequence[str],
    negative: Sequence[str],
    output: Path,
    kind: str,
    given: Input,
    licence: str,
    seed: int,
    epochs: int,
    most: int,
    held_out: str,
) -> None:
    """Learn a classifier from examples and test it on hosts it has not seen."""
    from tesuki.pipelines.commands.classifier import share_of, train

    for line in train(
        positive,
        negative,
        output,
        kind=kind,
        given=given,
        licence=licence,
        seed=seed,
        epochs=epochs,
        most=most,
        held_out=share_of(held_out),
    ):
        echo(line)


@classifier.command("evaluate")
@click.argument("model", type=PATH)
@POSITIVE
@NEGATIVE
@GIVEN
@click.option("--every", is_flag=True, help="Test on all hosts: right for texts the model cannot have seen.")
@MOST_TEXTS
def evaluate_classifier(
    model: Path, positive: Sequence[str], negative: Sequence[str], given: Input, every: bool, most: int
) -> None:
    """Tell how well the scores of MODEL tell two kinds of texts apart, and show the ends to read."""
    from tesuki.pipelines.commands.classifier import evaluate

    for line in evaluate(model, positive, negative, given=given, every=every, most=most):
        echo(line)


@classifier.command("wikipedia")
@click.argument("dump", type=PATH)
@click.option("--categories", required=True, type=PATH, help="Names of categories, one a line.")
@click.option("--depth", default=0, show_default=True, type=click.IntRange(min=0), help="Steps below them, too.")
@click.option("--positive", required=True, type=PATH, help="Where the articles in these categories are written.")
@click.option("--negative", required=True, type=PATH, help="Where the others are written.")
def wikipedia_examples(dump: Path, categories: Path, depth: int, positive: Path, negative: Path) -> None:
    """Write the articles of a Wikipedia DUMP as examples to train on: those of some categories, and the rest."""
    from tesuki.pipelines.commands.classifier_wikipedia import wikipedia_texts

    for line in wikipedia_texts(dump, categories, depth, positive, negative):
        echo(line)
