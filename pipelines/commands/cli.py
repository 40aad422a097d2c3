"""The command ``tesuki``: words to functions, exceptions to exit codes."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from tesuki.pipelines.commands.terminal import echo
from tesuki.pipelines.commands.wrong_words import click_message
from tesuki.pipelines.engine.ending import StoppedError, end_now, farewell_of, stoppable
from tesuki.pipelines.engine.failures import as_work_error
from tesuki.pipelines.engine.logs import quiet_libraries
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.journey.printable import printable

if TYPE_CHECKING:
    from tesuki.pipelines.corpus.manifest import Manifest
    from tesuki.pipelines.scoring.fasttext_model import Input
    from tesuki.tokenize.segmentation import WordsBy

PATH = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tesuki", prog_name="tesuki")
def tesuki() -> None:
    """Common Crawl in, Japanese training text out."""


@tesuki.command()
@click.option("--output", default="recipe.yaml", show_default=True, type=PATH, help="File to write; none is replaced.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a recipe instead, for editors that complete.")
def init(output: Path, schema: bool) -> None:
    """Write a recipe to start from, with every field explained."""
    from tesuki.pipelines.commands.init import recipe_schema, write_recipe
    from tesuki.pipelines.commands.own_name import own_name

    if schema:
        echo(recipe_schema())
        return
    write_recipe(output)
    echo(f"{output}: name your archives in it, then: {own_name()} corpus {output} --output out")


@tesuki.command(context_settings={"ignore_unknown_options": True})
@click.argument("recipe", type=PATH)
@click.option("--output", required=True, type=PATH, help="Folder of the corpus.")
@click.option("--input", "globs", multiple=True, help="WARC files in place of the recipe's first subset's.")
@click.option("--start-from", type=PATH, help="A corpus to start as a copy of: only what differs is made again.")
@click.option("--share", help="K/N, or slurm: make only the parts of the K-th of N shares of the archives.")
@click.option("--json", "as_json", is_flag=True, help="Say everything as events, one line of JSON each.")
@click.option("--quiet", is_flag=True, help="Say nothing but what went wrong.")
@click.argument("beam_options", nargs=-1, type=click.UNPROCESSED)
def corpus(
    recipe: Path,
    output: Path,
    globs: Sequence[str],
    start_from: Path | None,
    share: str | None,
    as_json: bool,
    quiet: bool,
    beam_options: Sequence[str],
) -> None:
    """Build the corpus that RECIPE describes. Options Tesuki does not know go to Beam unchanged."""
    # Imported here: Beam takes a second to load, and most commands do without it; so does a recipe that is wrong.
    from tesuki.pipelines.recipe.loading import load_recipe

    load_recipe(recipe)
    from tesuki.pipelines.commands.progress import event, told
    from tesuki.pipelines.commands.summary import print_summary
    from tesuki.pipelines.corpus.build import build_corpus
    from tesuki.pipelines.corpus.request import check_request
    from tesuki.pipelines.corpus.start_from import copy_corpus
    from tesuki.pipelines.engine.launcher import check_options

    console = Console(highlight=False, markup=False)
    if share is not None:
        from tesuki.pipelines.corpus.build import build_share
        from tesuki.pipelines.corpus.share import share_of

        if start_from is not None:
            raise RequestError("--share makes parts alone; give --start-from to the command without it")
        request = check_request(recipe, output, globs, beam_options, share_of(share, os.environ))
        parts = build_share(request, lambda line: None if quiet or as_json else echo(line))
        if as_json:
            event({"event": "share finished", "output": str(output), "share": share, "parts": parts})
        return
    if start_from is not None:
        check_options(beam_options)
        copy_corpus(start_from, output)
    request = check_request(recipe, output, globs, beam_options)
    PARTS.append(request.parts)
    with told(request.parts, console, as_json=as_json, quiet=quiet) as say:
        made = build_corpus(request, say)
    if as_json:
        balance = made.manifest.balance.model_dump(mode="json")
        event({"event": "finished", "output": str(output), "built": made.built, "balance": balance})
    elif not quiet and not made.built:
        echo(f"Nothing to do: {output} holds the corpus of this recipe and these inputs.")
    elif not quiet:
        print_summary(console, output, made.manifest)
    _check_outcome(made.manifest)


@tesuki.command()
@click.argument("index", nargs=-1, required=True)
@click.option("--output", required=True, type=PATH, help="Folder of the WARC files.")
@click.option("--base", default="https://data.commoncrawl.org/", show_default=True, help="Where the archives lie.")
@click.option("--language", "languages", multiple=True, default=("jpn",), show_default=True, help="One among them is.")
@click.option("--any-language", is_flag=True, help="Ask for no language.")
@click.option("--host", "hosts", multiple=True, help="This host and its subdomains.")
@click.option("--tld", "tlds", multiple=True, help="Hosts of this top-level domain.")
@click.option("--status", "statuses", multiple=True, type=int, default=(200,), show_default=True, help="HTTP status.")
@click.option("--mime", "mimes", multiple=True, help="Media type, as detected by the crawler.")
@click.option("--file-megabytes", default=512, show_default=True, help="Records of about so many to a file.")
@click.option("--agent", default="tesuki", show_default=True, help="User-Agent: who you are, and where to reach you.")
@click.option("--requests-per-second", default=10.0, show_default=True, help="In all.")
@click.option("--requests", type=int, help="Most requests of all runs into this folder.")
@click.option("--megabytes", type=int, help="Most megabytes of all runs into this folder.")
def fetch(
    index: Sequence[str],
    output: Path,
    base: str,
    any_language: bool,
    file_megabytes: int,
    agent: str,
    requests_per_second: float,
    requests: int | None,
    megabytes: int | None,
    **chosen: tuple[Any, ...],
) -> None:
    """Fetch the records that rows of a crawl's columnar INDEX (Parquet files, addresses, lists) name."""
    from tesuki.pipelines.commands.fetch import Plan, manners_for
    from tesuki.pipelines.commands.fetch import fetch as fetched
    from tesuki.pipelines.reading.remote.index_rows import Where

    if requests_per_second <= 0 or file_megabytes < 1:
        raise RequestError("fetch: --requests-per-second and --file-megabytes are above 0")
    where = Where(**{**chosen, "languages": () if any_language else chosen["languages"]})
    manners = manners_for(output, agent, requests_per_second, requests, megabytes)
    for line in fetched(Plan(tuple(index), where, base, output, file_megabytes << 20, manners)):
        echo(line)


@tesuki.command()
@click.argument("recipe", type=PATH)
@click.option("--output", type=PATH, help="A corpus, finished or not: say what of it a run would use again.")
@click.option("--spans", default=16, show_default=True, type=click.IntRange(min=1), help="Spans of 4 MiB to read.")
@click.option("--seed", default=0, show_default=True, help="Another seed draws other spans.")
def plan(recipe: Path, output: Path | None, spans: int, seed: int) -> None:
    """Tell what RECIPE will come to and cost, from a sample of its inputs, before anything is built."""
    from tesuki.pipelines.commands.plan import plan_lines

    for line in plan_lines(recipe, output, spans, seed):
        echo(line)


@tesuki.command(context_settings={"ignore_unknown_options": True})
@click.option("--input", "globs", multiple=True, help="JSON Lines (.gz, .zst) or Parquet files.")
@click.option("--output", type=PATH, help="Folder for documents/ and ledger/.")
@click.option("--preset", default=None, help="swallow-paper (default), doubri or llm-jp-v4.")
@click.option("--b", type=int, help="Hashes in a bucket.")
@click.option("--r", type=int, help="Buckets.")
@click.option("--n", type=int, help="Characters of an n-gram.")
@click.option("--seed", type=int, help="Seed of the permutations.")
@click.option("--keep", default="newest", show_default=True, help="newest, oldest or longest stays.")
@click.option("--verify-similarity", type=float, help="Remove only at this estimated similarity or above.")
@click.option("--earlier", multiple=True, help="Folder of the band index of a former corpus.")
@click.option("--earlier-stay/--earlier-compete", default=None, help="Do former documents stay, or compete by --keep?")
@click.option("--write-index", is_flag=True, default=None, help="Write band-index/ for later comparisons.")
@click.option("--column", "columns", multiple=True, help="text=NAME, where the source calls text, url, ... otherwise.")
@click.option("--explain", is_flag=True, help="Print which share of near-duplicates the numbers find, and stop.")
@click.argument("beam_options", nargs=-1, type=click.UNPROCESSED)
def dedup(
    globs: Sequence[str],
    output: Path | None,
    columns: Sequence[str],
    explain: bool,
    beam_options: Sequence[str],
    **deduplication: object,
) -> None:
    """Deduplicate documents that exist already (text, and id, url, date where known)."""
    from tesuki.dedup.detection_curve import explanation
    from tesuki.pipelines.commands.dedup import dedup_request, dedup_settings
    from tesuki.pipelines.commands.progress import told
    from tesuki.pipelines.commands.summary import print_dedup_summary
    from tesuki.pipelines.corpus.build import build_corpus
    from tesuki.pipelines.corpus.request import dedup_parameters

    settings = dedup_settings(deduplication)
    if explain:
        echo(explanation(dedup_parameters(settings)), nl=False)
        return
    if output is None or not globs:
        raise RequestError("dedup: expected --input GLOB and --output FOLDER (or --explain alone)")
    console = Console(highlight=False, markup=False)
    request = dedup_request(globs, output, settings, column_names(columns), beam_options)
    PARTS.append(request.parts)
    with told(request.parts, console, as_json=False, quiet=False) as say:
        made = build_corpus(request, say)
    print_dedup_summary(console, output, made.manifest)
    _check_outcome(made.manifest)


def _check_outcome(manifest: Manifest) -> None:
    """Raise `WorkError` where a corpus is finished and holds nothing."""
    from tesuki.pipelines.corpus.outcome import complaint

    if problem := complaint(manifest):
        raise WorkError(problem)


def column_names(pairs: Sequence[str]) -> dict[str, str]:
    """``text=body`` and the like as a mapping. Raises `RequestError` for anything else."""
    names = dict(pair.partition("=")[::2] for pair in pairs)
    for column, source in names.items():
        if column not in ("text", "url", "date", "title", "id") or not source:
            raise RequestError(f"--column: found {column}={source}, expected text=, url=, date=, title= or id=NAME")
    return names


@tesuki.command("filter")
@click.option("--preset", default="tesuki", show_default=True, help="swallow-code, swallow-paper, tesuki, or a file.")
@click.option("--set", "settings", multiple=True, metavar="RULE=BOUND", help="Another bound; null drops the rule.")
@click.option("--table", is_flag=True, help="Print the rules as a file to begin one's own with, and stop.")
def filter_(preset: str, settings: Sequence[str], table: bool) -> int:
    """Judge JSON Lines (text, url) from stdin: adds quality and verdict to each line."""
    from tesuki.pipelines.commands.filter import chosen_preset, run
    from tesuki.pipelines.judging.rule_file import table_text

    if table:
        echo(table_text(chosen_preset(preset, settings).rules), nl=False)
        return 0
    return run(sys.stdin.buffer, sys.stdout.buffer, preset=preset, settings=settings)


@tesuki.command()
@click.option("--style", default="tesuki", show_default=True, help="tesuki or swallow-code.")
def mend(style: str) -> int:
    """Mend JSON Lines (text) from stdin: punctuation to 、。, footers cut, edits logged."""
    from tesuki.pipelines.commands.mend import run

    return run(sys.stdin.buffer, sys.stdout.buffer, style=style)


@tesuki.command()
@click.option("--policy", help="default, strict or a policy file.")
@click.option("--explain", is_flag=True, help="Add the rows that matched and the one that decided.")
def level(policy: str | None, explain: bool) -> int:
    """Level JSON Lines (url, headers, html, text) from stdin: adds level and evidence to each line."""
    from tesuki.pipelines.commands.level import run

    return run(sys.stdin.buffer, sys.stdout.buffer, policy=policy, explain=explain)


@tesuki.command()
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


@tesuki.group()
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


@tesuki.group()
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


@tesuki.command()
@click.argument("corpus_folder", metavar="CORPUS", type=PATH)
@click.option("--use", required=True, help="distribute, search, train or test: only documents that allow it.")
@click.option("--to", "target", required=True, type=PATH, help="A new folder.")
@click.option("--format", "form", required=True, help="jsonl.zst, parquet, hf or megatron.")
def export(corpus_folder: Path, use: str, target: Path, form: str) -> None:
    """Export what the release levels of CORPUS allow for a use, and nothing else."""
    from tesuki.pipelines.commands.export import export_corpus

    for line in export_corpus(corpus_folder, use, target, form):
        echo(line)


@tesuki.command()
@click.argument("output", type=PATH, required=False)
@click.option("--to", "target", type=PATH, help="Folder of the card; OUTPUT-card if left out.")
@click.option("--answers", type=PATH, help="What the manifest can't know: a line FIELD: answer for each.")
@click.option("--questions", is_flag=True, help="Print the file of answers to fill in, and stop.")
def card(output: Path | None, target: Path | None, answers: Path | None, questions: bool) -> None:
    """Write the dataset card, Croissant metadata and disclosures of the corpus in OUTPUT."""
    from tesuki.pipelines.cards.questions import questions_text
    from tesuki.pipelines.commands.card import write_card

    if questions:
        echo(questions_text(), nl=False)
        return
    if output is None:
        raise RequestError("card: expected the folder of a corpus (or --questions alone)")
    for line in write_card(output, target or output.with_name(output.name + "-card"), answers):
        echo(line)


@tesuki.command()
@click.argument("output", type=PATH)
@click.option("--against", "globs", multiple=True, help="JSON Lines of questions and answers.")
@click.option("--sheet", required=True, type=PATH, help="Where every quotation is written, tab-separated.")
@click.option("--deny", type=PATH, help="Write a deny list of the documents found, too.")
@click.option("--n", default=8, show_default=True, help="Letters in a row that are compared.")
@click.option("--share", default=0.5, show_default=True, help="Of a question's n-grams that make a quotation.")
def contamination(output: Path, globs: Sequence[str], sheet: Path, deny: Path | None, n: int, share: float) -> None:
    """Find test questions that documents of the corpus in OUTPUT quote."""
    from tesuki.dedup.quotations import QuotationRule
    from tesuki.pipelines.commands.contamination import contamination_lines

    try:
        rule = QuotationRule(n=n, share=share)
    except ValueError as failure:
        raise RequestError(f"contamination: {failure}") from None
    for line in contamination_lines(output, globs, sheet, deny, rule):
        echo(line)


@tesuki.command("try")
@click.argument("output", type=PATH)
@click.option("--set", "settings", multiple=True, help="FIELD=VALUE of the recipe, as rules.set.characters=200.")
@click.option("--examples", default=30, show_default=True, help="Pages shown that would come, and that would go.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def try_(output: Path, settings: Sequence[str], examples: int, as_json: bool) -> None:
    """Tell what other rules or repeats would change in the corpus in OUTPUT, without building anything."""
    from tesuki.pipelines.commands.try_ import try_lines

    for line in try_lines(output, settings, examples, as_json):
        echo(line)


@tesuki.command()
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@click.option("--examples", default=3, show_default=True, help="Pages shown of each kind of difference.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--html", "page", type=PATH, help="Write the differences to this page, too.")
def diff(before: Path, after: Path, examples: int, as_json: bool, page: Path | None) -> None:
    """Tell what differs between the finished corpora BEFORE and AFTER, page by page, and why."""
    from tesuki.pipelines.commands.diff import diff_lines

    for line in diff_lines(before, after, examples, as_json, page):
        echo(line)


@tesuki.command()
@click.argument("factors", type=PATH)
@click.option("--output", required=True, type=PATH, help="Folder of the experiment.")
def design(factors: Path, output: Path) -> None:
    """Plan an experiment over candidate changes: a recipe a run, by the switches in FACTORS."""
    from tesuki.pipelines.commands.design import design_experiment

    for line in design_experiment(factors, output):
        echo(line)


@tesuki.command()
@click.argument("experiment", type=PATH)
@click.option("--scores", required=True, type=PATH, help="A table run × task, or a folder of result files.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def accept(experiment: Path, scores: Path, as_json: bool) -> None:
    """Say which switches of EXPERIMENT made models better, and how sure that is."""
    from tesuki.pipelines.commands.accept import accept_lines

    for line in accept_lines(experiment, scores, as_json):
        echo(line)


@tesuki.command()
@click.argument("output", required=False, type=PATH)
@click.option("--kept", default=60, show_default=True, type=click.IntRange(min=0), help="Kept documents to read.")
@click.option("--rejected", default=80, show_default=True, type=click.IntRange(min=0), help="Rejected pages, by rule.")
@click.option("--seed", default=0, show_default=True, help="Another seed draws other pages.")
@click.option("--to", "folder", default=Path("sample"), show_default=True, type=PATH, help="Folder of the sheet.")
@click.option("--score", type=PATH, help="Marks that were set: print what they come to.")
def sample(output: Path | None, kept: int, rejected: int, seed: int, folder: Path, score: Path | None) -> None:
    """Write a sheet of kept and rejected pages of OUTPUT to read and mark; turn marks into a table."""
    from tesuki.pipelines.commands.sample import sample_lines, score_lines

    if (output is None) == (score is None):
        raise RequestError("sample: expected the folder of a corpus, or --score MARKS alone")
    for line in score_lines(score) if score else sample_lines(Path(str(output)), folder, kept, rejected, seed):
        echo(line)


@tesuki.command()
@click.argument("output", type=PATH)
def report(output: Path) -> None:
    """Write report.html of the corpus in OUTPUT again."""
    from tesuki.pipelines.corpus.report.page import rewrite_report

    echo(rewrite_report(output))


@tesuki.command()
@click.argument("output", type=PATH)
@click.option(
    "--port", default=0, type=click.IntRange(0, 65535), help="Port of 127.0.0.1; any that is free if not given."
)
@click.option("--internal", is_flag=True, help="Show texts of level L3, too.")
def look(output: Path, port: int, internal: bool) -> None:
    """Show the corpus in OUTPUT in a browser on this machine: report, search, examples and stories of pages."""
    from tesuki.pipelines.commands.look import open_look

    address, server = open_look(output, port, internal=internal)
    with server:
        echo(f"{address} shows {output} until Ctrl-C")
        server.serve_forever()


@tesuki.command()
@click.argument("output", type=PATH)
@click.option("--parts", is_flag=True, help="Check parts/ too: what the next run would use again.")
def verify(output: Path, parts: bool) -> None:
    """Check hashes, balance sheet, levels and repeats of the corpus in OUTPUT; stop at the first lie."""
    from tesuki.pipelines.commands.verify import verify_corpus

    for line in verify_corpus(output, parts=parts):
        echo(line)


@tesuki.command()
@click.argument("output", type=PATH)
@click.option("--list", "list_path", required=True, type=PATH, help="URLs, hosts and text hashes, one a line.")
def takedown(output: Path, list_path: Path) -> None:
    """Withhold from the corpus in OUTPUT what a list names, as a rebuild with the list would; leave a record."""
    from tesuki.pipelines.takedown.take_down import take_down

    for line in take_down(output, list_path):
        echo(line)


@tesuki.command()
@click.argument("output", required=False, type=PATH)
@click.argument("page", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each capture.")
@click.option("--batch", type=PATH, help="A file of pages, one a line: a JSON object for each, without reading texts.")
@click.option("--replay", is_flag=True, help="Run today's code on PAGE's record, and say where it disagrees; exit 1.")
@click.option("--archive", type=PATH, help="With --replay: the archive, where it is not where the run found it.")
@click.option("--record", nargs=2, type=(PATH, click.IntRange(min=0)), help="WARC FILE and OFFSET of a page never run.")
@click.option("--recipe", type=PATH, help="With --replay and --record: the recipe, for one that reads further files.")
def why(
    output: Path | None,
    page: str | None,
    as_json: bool,
    batch: Path | None,
    replay: bool,
    archive: Path | None,
    record: tuple[Path, int] | None,
    recipe: Path | None,
) -> int:
    """Tell the whole story of one PAGE of the corpus in OUTPUT: by URL, document id, record id or words of it."""
    from tesuki.pipelines.commands.why import stories_of, story_as_json, story_of

    if record is not None:
        from tesuki.pipelines.commands.replay import record_lines

        if output is not None:
            raise RequestError("--record: expected FILE OFFSET and no corpus")
        for line in record_lines(*record, recipe):
            echo(line)
        return 0
    if output is None or (page is None) == (batch is None):
        raise RequestError("expected OUTPUT and either a PAGE or --batch FILE (or --record FILE OFFSET alone)")
    if batch is not None:
        if not batch.is_file():
            raise RequestError(f"--batch: {batch} is not a file")
        with batch.open(encoding="utf-8", errors="replace") as lines:
            for line in stories_of(output, lines):
                echo(line)
        return 0
    if replay:
        from tesuki.pipelines.commands.replay import replay_lines

        differs = 0
        for agrees, line in replay_lines(output, str(page), archive, recipe):
            differs |= not agrees
            echo(line)
        return differs
    for line in story_as_json(output, str(page)) if as_json else story_of(output, str(page)):
        echo(line)
    return 0


@tesuki.group()
def index() -> None:
    """Band indexes: what later crawls are compared with."""


@index.command()
@click.argument("folders", nargs=-1, required=True, metavar="INDEX...", type=PATH)
@click.option("--to", "target", required=True, type=PATH, help="A new folder.")
@click.option("--removals", type=PATH, help="The removals/ of a corpus: what it displaced is left out.")
def merge(folders: tuple[Path, ...], target: Path, removals: Path | None) -> None:
    """Join band indexes that were made alike into one."""
    from tesuki.pipelines.commands.index import merge_indexes

    for line in merge_indexes(folders, target, removals):
        echo(line)


@tesuki.group()
def ocr() -> None:
    """Scanned PDF files: out to a program that reads pictures."""


@ocr.command("export")
@click.argument("output", type=PATH)
@click.option("--to", "target", required=True, type=PATH, help="A new file of JSON Lines.")
def export_for_ocr(output: Path, target: Path) -> None:
    """List the scanned files that the corpus at OUTPUT met."""
    from tesuki.pipelines.commands.ocr import export_scanned

    echo(f"{export_scanned(output, target)} scanned files listed in {target}")


PARTS: list[Path] = []
"""Where the run of this process keeps its parts, once there is one: what a farewell is made of."""


def farewell() -> str:
    """What is said of a run that was stopped."""
    if not PARTS:
        return ""
    from tesuki.pipelines.commands.progress import finished_so_far

    return finished_so_far(PARTS[0])


def main() -> None:
    """Run the command; exit 2 for a wrong request, 1 for work that failed, 128 + N when signal N stopped it."""
    quiet_libraries()
    try:
        with stoppable(farewell):
            code = tesuki.main(standalone_mode=False)
    except StoppedError as stopped:
        end_now(stopped.code, printable(farewell_of(stopped, farewell)))
    except click.ClickException as failure:
        echo(f"tesuki: {click_message(failure, sys.argv[1:])}", err=True)
        code = 2
    except RequestError as failure:
        echo(f"tesuki: {failure}", err=True)
        code = 2
    except BrokenPipeError:
        # Who read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 1
    except (WorkError, OSError, MemoryError, sqlite3.Error) as failure:
        echo(f"tesuki: {as_work_error(failure)}", err=True)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
