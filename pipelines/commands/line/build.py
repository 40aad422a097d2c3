"""Commands that make a corpus: `init`, `plan`, `fetch`, `corpus`, `dedup`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tesuki.pipelines.commands.farewell import remember_parts
from tesuki.pipelines.commands.line.kinds import PATH
from tesuki.pipelines.commands.terminal import echo
from tesuki.pipelines.errors import RequestError, WorkError

if TYPE_CHECKING:
    from tesuki.pipelines.corpus.manifest import Manifest


@click.command()
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


@click.command(context_settings={"ignore_unknown_options": True})
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
    from rich.console import Console

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
    remember_parts(request.parts)
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


@click.command()
@click.argument("index", nargs=-1, required=True)
@click.option("--output", required=True, type=PATH, help="Folder of the WARC files.")
@click.option("--base", default="https://data.commoncrawl.org/", show_default=True, help="Where the archives lie.")
@click.option("--language", "languages", multiple=True, default=("jpn",), show_default=True, help="One among them is.")
@click.option("--any-language", is_flag=True, help="Ask for no language.")
@click.option("--host", "hosts", multiple=True, help="This host and its subdomains.")
@click.option("--tld", "tlds", multiple=True, help="Hosts of this top-level domain.")
@click.option("--status", "statuses", multiple=True, type=int, default=(200,), show_default=True, help="HTTP status.")
@click.option("--mime", "mimes", multiple=True, help="Media type, as detected by the crawler.")
@click.option("--unlabelled-tld", "unlabelled", multiple=True, help="No language, on hosts of this top-level domain.")
@click.option("--robots-of", type=PATH, help="Captures of robots.txt, for the hosts of this corpus.")
@click.option("--audit", type=click.IntRange(1), help="Fetch nothing: read so many whole archives and compare.")
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
    robots_of: Path | None,
    audit: int | None,
    **chosen: tuple[Any, ...],
) -> None:
    """Fetch the records that rows of a crawl's columnar INDEX (its name, Parquet files, addresses, lists) name."""
    from tesuki.pipelines.commands.audit import audit as audited
    from tesuki.pipelines.commands.fetch import Plan, manners_for
    from tesuki.pipelines.commands.fetch import fetch as fetched
    from tesuki.pipelines.reading.remote.index_rows import Where

    if requests_per_second <= 0 or file_megabytes < 1:
        raise RequestError("fetch: --requests-per-second and --file-megabytes are above 0")
    where = Where(**{**chosen, "languages": () if any_language or robots_of else chosen["languages"]})
    manners = manners_for(output, agent, requests_per_second, requests, megabytes)
    plan = Plan(tuple(index), where, base, output, file_megabytes << 20, manners, robots_of)
    for line in audited(plan, audit) if audit else fetched(plan):
        echo(line)


@click.command()
@click.argument("recipe", type=PATH)
@click.option("--output", type=PATH, help="A corpus, finished or not: say what of it a run would use again.")
@click.option("--spans", default=16, show_default=True, type=click.IntRange(min=1), help="Spans of 4 MiB to read.")
@click.option("--seed", default=0, show_default=True, help="Another seed draws other spans.")
def plan(recipe: Path, output: Path | None, spans: int, seed: int) -> None:
    """Tell what RECIPE will come to and cost, from a sample of its inputs, before anything is built."""
    from tesuki.pipelines.commands.plan import plan_lines

    for line in plan_lines(recipe, output, spans, seed):
        echo(line)


@click.command(context_settings={"ignore_unknown_options": True})
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
    from rich.console import Console

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
    remember_parts(request.parts)
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
