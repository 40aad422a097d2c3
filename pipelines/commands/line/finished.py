"""Commands on a finished corpus: `report`, `look`, `why`, `verify`, `takedown`, `index`."""

from __future__ import annotations

from pathlib import Path

import click

from tesuki.pipelines.commands.line.kinds import PATH
from tesuki.pipelines.commands.terminal import echo
from tesuki.pipelines.errors import RequestError


@click.command()
@click.argument("output", type=PATH)
@click.option("--to", "target", type=PATH, help="Write a fuller one there: times, what changed, and texts.")
@click.option("--internal", is_flag=True, help="With --to: texts of level L3, too.")
def report(output: Path, target: Path | None, internal: bool) -> None:
    """Write report.html of the corpus in OUTPUT again."""
    from tesuki.pipelines.commands.full_report import write_full_report
    from tesuki.pipelines.corpus.report.page import rewrite_report

    if target is None and internal:
        raise RequestError("report: --internal goes with --to FILE; the corpus' own report quotes no text")
    echo(rewrite_report(output) if target is None else write_full_report(output, target, internal=internal))


@click.command()
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


@click.command()
@click.argument("output", type=PATH)
@click.option("--parts", is_flag=True, help="Check parts/ too: what the next run would use again.")
def verify(output: Path, parts: bool) -> None:
    """Check hashes, balance sheet, levels and repeats of the corpus in OUTPUT; stop at the first lie."""
    from tesuki.pipelines.commands.verify import verify_corpus

    for line in verify_corpus(output, parts=parts):
        echo(line)


@click.command()
@click.argument("output", type=PATH)
@click.option("--list", "list_path", required=True, type=PATH, help="URLs, hosts and text hashes, one a line.")
def takedown(output: Path, list_path: Path) -> None:
    """Withhold from the corpus in OUTPUT what a list names, as a rebuild with the list would; leave a record."""
    from tesuki.pipelines.takedown.take_down import take_down

    for line in take_down(output, list_path):
        echo(line)


@click.command()
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


@click.group()
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
