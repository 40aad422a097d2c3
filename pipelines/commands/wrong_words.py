"""What is said of words on the command line that nothing answers to."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from tesuki.pipelines.errors import did_you_mean


def click_message(failure: click.ClickException, words: Sequence[str]) -> str:
    """The message of a command line that was not understood, ``words``, with what was probably meant."""
    context = failure.ctx if isinstance(failure, click.UsageError) else None
    said = failure.format_message().rstrip(".")
    if context is None:
        return said
    command = context.command
    if isinstance(command, click.Group) and (named := re.match(r"No such command '(.+?)'", said)):
        return f"no such command: {named[1]}{did_you_mean(named[1], command.list_commands(context))}"
    if isinstance(failure, click.MissingParameter):
        known = [name for parameter in command.params for name in parameter.opts if name.startswith("--")]
        given = [word.partition("=")[0] for word in words if word.startswith("--")]
        for word in given:
            if word not in known and (meant := did_you_mean(word, known)):
                return f"no such option: {word}{meant}"
    return f"{said}; see `{context.command_path} --help`"
