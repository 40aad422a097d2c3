"""What the command prints: text, and nothing that a stranger wrote to command a terminal."""

from __future__ import annotations

import re

import click

from tesuki.pipelines.journey.printable import printable


def echo(text: object, *, err: bool = False, nl: bool = True) -> None:
    """Print ``text`` made `printable` but for its line ends and tabs, which are the layout of lines and tables."""
    pieces = re.split(r"([\n\t])", str(text))
    click.echo("".join(piece if piece in ("\n", "\t") else printable(piece) for piece in pieces), err=err, nl=nl)
