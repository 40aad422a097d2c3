"""The chosen blocks of a page as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from tesuki.pipelines.extraction.names import Reason
from tesuki.pipelines.extraction.reading import Block, Reading

Tables = Literal["drop", "lines", "markdown"]
"""What becomes of data tables: left out and counted, a line a row with tabs between cells (as a browser copies them),
or Markdown."""


def write(page: Reading, chosen: Sequence[Reason | None], tables: Tables) -> str:
    """The blocks of ``page`` that no reason leaves out, a newline between them."""
    taken = (block for block, reason in zip(page.blocks, chosen, strict=True) if not reason)
    if tables == "markdown":
        return "\n".join(_with_markdown(page, taken))
    return "\n".join(block.text for block in taken)


def _with_markdown(page: Reading, blocks: Iterator[Block]) -> Iterator[str]:
    table = -1
    for block in blocks:
        if block.kind != "row" or page.places[block.place].tag != "tr":
            table = -1
            yield block.text
            continue
        cells = [cell.replace("|", "\\|") for cell in block.text.split("\t")]
        yield f"| {' | '.join(cells)} |"
        home = page.places[block.place].up
        while page.places[home].tag in ("thead", "tbody", "tfoot"):
            home = page.places[home].up
        if table != home:
            table = home
            yield f"|{' --- |' * len(cells)}"
