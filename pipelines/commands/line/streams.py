"""Commands from standard input to standard output: `filter`, `mend`, `level`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from tesuki.pipelines.commands.terminal import echo


@click.command("filter")
@click.option("--preset", default="tesuki", show_default=True, help="A preset (docs/quality-rules.md), or a file.")
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


@click.command()
@click.option("--style", default="tesuki", show_default=True, help="tesuki or swallow-code.")
def mend(style: str) -> int:
    """Mend JSON Lines (text) from stdin: punctuation to 、。, footers cut, edits logged."""
    from tesuki.pipelines.commands.mend import run

    return run(sys.stdin.buffer, sys.stdout.buffer, style=style)


@click.command()
@click.option("--policy", help="default, strict or a policy file.")
@click.option("--explain", is_flag=True, help="Add the rows that matched and the one that decided.")
def level(policy: str | None, explain: bool) -> int:
    """Level JSON Lines (url, headers, html, text) from stdin: adds level and evidence to each line."""
    from tesuki.pipelines.commands.level import run

    return run(sys.stdin.buffer, sys.stdout.buffer, policy=policy, explain=explain)
