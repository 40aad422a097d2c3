"""Whether a corpus is one that anybody can have meant: a finished run over wrong inputs is a failed one.

Its manifest is written all the same. The balance sheet closes, and ledger and report are what tells where it all went.
"""

from __future__ import annotations

from tesuki.pipelines.corpus.manifest import Manifest
from tesuki.pipelines.journey.printable import printable

RULES_NAMED = 3
"""Rules that a complaint names, those with the most pages first."""


def complaint(manifest: Manifest) -> str | None:
    """What is wrong with a corpus that holds nothing: nothing was read, nothing could be used, or nothing stayed."""
    balance = manifest.balance
    if balance.fates["kept"]:
        return None
    if not balance.read:
        return f"no record was read from {_inputs(manifest)}; are they what subsets.*.format says, and whole?"
    most = sorted(balance.rules, key=lambda row: (-row.pages, row.rule))
    told = ", ".join(f"{row.rule} {row.pages:,}" for row in most[:RULES_NAMED])
    unusable = sum(row.pages for row in balance.rules if row.station == "read")
    if unusable == balance.read:
        return (
            f"nothing usable was read: of {balance.read:,} records of {_inputs(manifest)} none is a page ({told}); "
            "are they what subsets.*.format says, and whole?"
        )
    return f"nothing is kept of {balance.read:,} records ({told}); the report and the ledger tell of each"


def _inputs(manifest: Manifest) -> str:
    first = printable(manifest.inputs[0].archive)
    others = len(manifest.inputs) - 1
    return f"{first} and {others:,} other inputs" if others else first
