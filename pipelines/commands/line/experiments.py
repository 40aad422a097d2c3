"""Commands that weigh changes: `try`, `diff`, `design`, `accept`, `sample`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from tesuki.pipelines.commands.line.kinds import PATH
from tesuki.pipelines.commands.terminal import echo
from tesuki.pipelines.errors import RequestError


@click.command("try")
@click.argument("output", type=PATH)
@click.option("--set", "settings", multiple=True, help="FIELD=VALUE of the recipe, as rules.set.characters=200.")
@click.option("--preset", "presets", multiple=True, help="Presets (or files of rules) to set side by side.")
@click.option("--examples", default=30, show_default=True, help="Pages shown that would come, and that would go.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--internal", is_flag=True, help="Show texts and addresses of level L3, too.")
def try_(
    output: Path, settings: Sequence[str], presets: Sequence[str], examples: int, as_json: bool, internal: bool
) -> None:
    """Tell what other rules, levels, duplicates or repeats would change in the corpus in OUTPUT; nothing is built."""
    from tesuki.pipelines.commands.try_ import try_lines

    for line in try_lines(output, settings, presets, examples, as_json, internal=internal):
        echo(line)


@click.command()
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@click.option("--examples", default=3, show_default=True, help="Pages shown of each kind of difference.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--html", "page", type=PATH, help="Write the differences to this page, too.")
@click.option("--internal", is_flag=True, help="Show texts and addresses of level L3, too.")
def diff(before: Path, after: Path, examples: int, as_json: bool, page: Path | None, internal: bool) -> None:
    """Tell what differs between the finished corpora BEFORE and AFTER, page by page, and why."""
    from tesuki.pipelines.commands.diff import diff_lines

    for line in diff_lines(before, after, examples, as_json, page, internal=internal):
        echo(line)


@click.command()
@click.argument("factors", type=PATH)
@click.option("--output", required=True, type=PATH, help="Folder of the experiment.")
def design(factors: Path, output: Path) -> None:
    """Plan an experiment over candidate changes: a recipe a run, by the switches in FACTORS."""
    from tesuki.pipelines.commands.design import design_experiment

    for line in design_experiment(factors, output):
        echo(line)


@click.command()
@click.argument("experiment", type=PATH)
@click.option("--scores", required=True, type=PATH, help="A table run × task, or a folder of result files.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def accept(experiment: Path, scores: Path, as_json: bool) -> None:
    """Say which switches of EXPERIMENT made models better, and how sure that is."""
    from tesuki.pipelines.commands.accept import accept_lines

    for line in accept_lines(experiment, scores, as_json):
        echo(line)


@click.command()
@click.argument("output", required=False, type=PATH)
@click.option("--kept", default=60, show_default=True, type=click.IntRange(min=0), help="Kept documents to read.")
@click.option("--rejected", default=80, show_default=True, type=click.IntRange(min=0), help="Rejected pages, by rule.")
@click.option("--seed", default=0, show_default=True, help="Another seed draws other pages.")
@click.option("--to", "folder", default=Path("sample"), show_default=True, type=PATH, help="Folder of the sheet.")
@click.option("--internal", is_flag=True, help="Show texts of level L3, too: the sheet stays inside.")
@click.option("--score", type=PATH, help="Marks that were set: print what they come to.")
@click.option("--recipe", type=PATH, help="With --score: store marks and table beside this recipe.")
def sample(
    output: Path | None,
    kept: int,
    rejected: int,
    seed: int,
    folder: Path,
    internal: bool,
    score: Path | None,
    recipe: Path | None,
) -> None:
    """Write a sheet of kept and rejected pages of OUTPUT to read and mark; turn marks into a table."""
    from tesuki.pipelines.commands.sample import sample_lines, score_lines

    if (output is None) == (score is None):
        raise RequestError("sample: expected the folder of a corpus, or --score MARKS alone")
    if recipe is not None and score is None:
        raise RequestError("sample: --recipe goes with --score MARKS")
    if score is not None:
        for line in score_lines(score, recipe):
            echo(line)
        return
    for line in sample_lines(Path(str(output)), folder, kept, rejected, seed, internal=internal):
        echo(line)
