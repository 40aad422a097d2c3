"""What a run says at its end: the balance sheet, where the corpus lies and what to look at."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tesuki.pipelines.commands.own_name import own_name
from tesuki.pipelines.corpus.balance import BalanceSheet
from tesuki.pipelines.corpus.manifest import Manifest, MixtureEntry
from tesuki.pipelines.journey.printable import printable


def print_summary(console: Console, output: Path, manifest: Manifest) -> None:
    """Print the sheet of the corpus at ``output``."""
    console.print()
    console.print(_balance_line(manifest.balance), soft_wrap=True, markup=False)
    console.print(balance_table(manifest.balance))
    console.print()
    console.print(mixture_table(manifest.mixture))
    console.print()
    console.print(Text.assemble("The corpus is in ", (printable(str(output)), "bold"), ":"), soft_wrap=True)
    for name, what in PLACES:
        if (output / name).exists():
            console.print(printable(f"  {output / name}  {what}"), soft_wrap=True, markup=False)
    where = printable(shlex.quote(str(output)))
    why = f"Why one page went where it went: {own_name()} why {where} URL-or-ID"
    console.print(why, soft_wrap=True, markup=False)


def print_dedup_summary(console: Console, output: Path, manifest: Manifest) -> None:
    """Print what `tesuki dedup` found."""
    console.print(_balance_line(manifest.balance), soft_wrap=True, markup=False)
    for rule in manifest.balance.rules:
        console.print(f"  {rule.fate} {rule.pages:,} by {printable(rule.rule)}", markup=False)
    places = f"The documents that stay are in {output / 'documents'}, the others in {output / 'ledger'}."
    console.print(printable(places), soft_wrap=True, markup=False)


PLACES = (
    ("report.html", "what happened, to look at in a browser"),
    ("documents/", "the texts with level, evidence and measures (Parquet)"),
    ("shards/", "the token ids for training (Arrow)"),
    ("ledger/", "one row for every page that is not kept, and why (Parquet)"),
    ("manifest.json", "hashes, versions, balance sheet, mixture"),
)


def balance_table(balance: BalanceSheet) -> Table:
    """Pages in and out of every station."""
    table = Table(box=None, pad_edge=False)
    table.add_column("station")
    for heading in ("arrived", "passed", "characters passed"):
        table.add_column(heading, justify="right")
    table.add_column("left")
    for station in balance.stations:
        left = ", ".join(f"{fate} {pages:,}" for fate, pages in sorted(station.fates.items()))
        table.add_row(
            station.station,
            f"{station.arrived:,}",
            f"{station.passed:,}",
            f"{station.characters_passed:,}",
            left,
        )
    return table


def _balance_line(balance: BalanceSheet) -> str:
    fates = " + ".join(f"{fate} {pages:,}" for fate, pages in balance.fates.items())
    return f"Balance sheet: {balance.read:,} records read = {fates}"


def mixture_table(mixture: Sequence[MixtureEntry]) -> Table:
    """Tokens of every subset and split, and how often a pass sees them."""
    table = Table(box=None, pad_edge=False)
    for heading in ("subset", "split"):
        table.add_column(heading)
    for heading in ("documents", "unique tokens", "repeats", "tokens a pass", "shards"):
        table.add_column(heading, justify="right")
    for row in mixture:
        table.add_row(
            row.subset,
            row.split,
            f"{row.documents:,}",
            f"{row.tokens:,}",
            row.repeats,
            f"{row.training_tokens:,}",
            str(len(row.shards)),
        )
    return table
