"""The command ``tesuki``: words to functions, exceptions to exit codes."""

from __future__ import annotations

import os
import sqlite3
import sys
from typing import Final

import click

from tesuki.pipelines.commands.farewell import farewell
from tesuki.pipelines.commands.line import build, classifier, experiments, finished, handing_on, streams, tokens
from tesuki.pipelines.commands.terminal import echo
from tesuki.pipelines.commands.wrong_words import click_message
from tesuki.pipelines.engine.ending import StoppedError, end_now, farewell_of, stoppable
from tesuki.pipelines.engine.failures import as_work_error
from tesuki.pipelines.engine.logs import quiet_libraries
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.journey.printable import printable

COMMANDS: Final[tuple[click.Command, ...]] = (
    *(build.init, build.corpus, build.fetch, build.plan, build.dedup),
    *(streams.filter_, streams.mend, streams.level),
    *(tokens.mix, tokens.tokenizer),
    *(classifier.classifier,),
    *(handing_on.export, handing_on.card, handing_on.contamination, handing_on.ocr, handing_on.works),
    *(experiments.try_, experiments.diff, experiments.design, experiments.accept, experiments.sample),
    *(finished.report, finished.look, finished.verify, finished.takedown, finished.why, finished.index),
)
"""Every command. Their modules import what they need when they run: Beam takes a second to load, most do without it."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tesuki", prog_name="tesuki")
def tesuki() -> None:
    """Common Crawl in, Japanese training text out."""


for command in COMMANDS:
    tesuki.add_command(command)


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
