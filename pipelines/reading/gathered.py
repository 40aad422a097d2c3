"""Records that a crawler keeps beside each page and that never hold one: counted, not named one by one.

They are two thirds of Common Crawl's archives. A row of the ledger for each would be larger than the documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tesuki.pipelines.journey.page import Fate, Page

GATHERED = frozenset({"read.request", "read.metadata"})
"""Rules whose records share one row of the ledger in each part."""


def gathered(items: Iterable[Page | Fate]) -> Iterator[Page | Fate]:
    """``items``, and behind them one fate for all that left by each of the rules `GATHERED`.

    It is that of the first of them with the number of all in ``records``, and without an address where there are
    several: it would be that of one.
    """
    first: dict[str, Fate] = {}
    records = dict.fromkeys(GATHERED, 0)
    for item in items:
        if isinstance(item, Fate) and item.rule in GATHERED:
            first.setdefault(item.rule, item)
            records[item.rule] += item.records
        else:
            yield item
    for rule, fate in sorted(first.items()):
        yield fate if records[rule] == 1 else replace(fate, url="", records=records[rule])
