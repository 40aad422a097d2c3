"""Counting what became of a page's characters at station 4 (`tesuki.pipelines.journey.account`)."""

from __future__ import annotations

from collections.abc import Sequence

from tesuki.pipelines.extraction.letters import japanese
from tesuki.pipelines.extraction.names import Reason
from tesuki.pipelines.extraction.reading import Block
from tesuki.pipelines.journey.account import Account


def characters(text: str) -> int:
    """How many characters ``text`` has, white space aside."""
    return sum(map(len, text.split()))


def of_blocks(engine: str, blocks: Sequence[Block], chosen: Sequence[Reason | None], gauge: int) -> Account:
    """The account of a page of which each block was taken (None) or left out by a reason."""
    texts: dict[Reason | None, list[str]] = {None: []}
    for block, reason in zip(blocks, chosen, strict=True):
        texts.setdefault(reason, []).append(block.text)
    counts = {reason: characters("\n".join(lines)) for reason, lines in texts.items()}
    taken = "\n".join(texts[None])
    left = "\n".join(line for reason, lines in texts.items() if reason for line in lines)
    japanese_taken = japanese(taken)
    return Account(
        engine,
        seen=sum(counts.values()),
        taken=counts[None],
        japanese_seen=japanese_taken + japanese(left),
        japanese_taken=japanese_taken,
        gauge=gauge,
        left_out=tuple(sorted((reason, count) for reason, count in counts.items() if reason)),
    )


def of_text(engine: str, text: str, shown: str) -> Account:
    """The account of a page whose engine says no more than ``text``, beside all that is ``shown`` of the page.

    What it left out has one reason, ``engine``. An engine may give more than the gauge sees (it reads JSON-LD, say, or
    says a line twice): then that much was seen.
    """
    taken, gauge = characters(text), japanese(shown)
    japanese_taken = japanese(text)
    left = max(characters(shown) - taken, 0)
    return Account(
        engine,
        seen=taken + left,
        taken=taken,
        japanese_seen=max(gauge, japanese_taken),
        japanese_taken=japanese_taken,
        gauge=gauge,
        left_out=(("engine", left),) if left else (),
    )
