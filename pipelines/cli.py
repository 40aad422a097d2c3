"""The command ``tesuki``: words to functions, exceptions to exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.logs import quiet_libraries

PATH = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def tesuki() -> None:
    """Common Crawl in, Japanese training text out."""


@tesuki.command(context_settings={"ignore_unknown_options": True})
@click.argument("recipe", type=PATH)
@click.option("--output", required=True, type=PATH, help="Folder of the corpus.")
@click.option("--input", "globs", multiple=True, help="WARC files in place of the recipe's first subset's.")
@click.argument("beam_options", nargs=-1, type=click.UNPROCESSED)
def corpus(recipe: Path, output: Path, globs: Sequence[str], beam_options: Sequence[str]) -> None:
    """Build the corpus that RECIPE describes. Options Tesuki does not know go to Beam unchanged."""
    # Imported here: Beam takes a second to load, and most commands do without it.
    from tesuki.pipelines.corpus import build_corpus
    from tesuki.pipelines.request import check_request
    from tesuki.pipelines.summary import print_summary

    console = Console(stderr=False, highlight=False)
    request = check_request(recipe, output, globs, beam_options)
    made = build_corpus(request, lambda line: console.print(f"[dim]{line}[/]"))
    if not made.built:
        console.print(f"Nothing to do: {output} holds the corpus of this recipe and these inputs.")
        return
    print_summary(console, output, made.manifest)


@tesuki.command()
@click.argument("output", type=PATH)
def report(output: Path) -> None:
    """Write report.html of the corpus in OUTPUT again."""
    from tesuki.pipelines.manifest import read_manifest
    from tesuki.pipelines.report import write_report

    click.echo(write_report(output, read_manifest(output)))


@tesuki.command()
@click.argument("output", type=PATH)
def verify(output: Path) -> None:
    """Check hashes, balance sheet, levels and repeats of the corpus in OUTPUT; stop at the first lie."""
    from tesuki.pipelines.verify import verify_corpus

    for line in verify_corpus(output):
        click.echo(line)


@tesuki.command()
@click.argument("output", type=PATH)
@click.argument("page")
def why(output: Path, page: str) -> None:
    """Tell the whole story of one PAGE (its URL, document id or record id) of the corpus in OUTPUT."""
    from tesuki.pipelines.why import story_of

    for line in story_of(output, page):
        click.echo(line)


def main() -> None:
    """Run the command; exit 2 for a wrong request, 1 for work that failed."""
    quiet_libraries()
    try:
        code = tesuki.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = 1
    except click.ClickException as failure:
        failure.show()
        code = 2
    except RequestError as failure:
        click.echo(f"tesuki: {failure}", err=True)
        code = 2
    except WorkError as failure:
        click.echo(f"tesuki: {failure}", err=True)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
