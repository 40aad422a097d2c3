"""Published tables of repeats: from which score on a document is read how often.

| table | source |
|---|---|
| fineweb-2-ja | huggingface/fineweb-2, misc/rehydration: ``jpn_Jpan``, up to 5 repetitions, by the size of a cluster |
| llm-jp-4 | llm-jp/scripts, v4-8b-phase1: FineWeb with score 2.0 to 3.0 four times, 1.0 to 1.9 once, none below |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FIRST = "the lowest"
"""Where the first interval begins."""

READY: Mapping[str, tuple[tuple[float | str, int], ...]] = {
    "fineweb-2-ja": ((FIRST, 1), (3, 2), (5, 3), (7, 4), (11, 5), (28, 4), (35, 3), (42, 2), (64, 1)),
    "llm-jp-4": ((FIRST, 0), (1.0, 1), (2.0, 4)),
}
"""Of each table rows of (from this score on, repeats)."""


def spelled_out(value: Any) -> Any:
    """A ``buckets`` section that names a table as its ``repeats``, with that table's edges and numbers in place of it.

    Raises ValueError for a table there is none of, more than one score, and edges that are not the table's.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("repeats"), str):
        return value
    name = value["repeats"]
    if name not in READY:
        raise ValueError(f"expected repeats to be a list, or one of {', '.join(READY)}; found {name!r}")
    by = value.get("by")
    scores = [by] if isinstance(by, str) else by
    if not isinstance(scores, list | tuple) or len(scores) != 1:
        raise ValueError(f"expected by to name one score for the repeats {name}, found {by!r}")
    if value.get("edges") or value.get("quantiles"):
        raise ValueError(f"expected neither edges nor quantiles, found some beside the repeats {name}, which have own")
    _, *rest = READY[name]
    edges = [edge for edge, _ in rest]
    return {**value, "edges": {scores[0]: edges}, "repeats": [times for _, times in READY[name]]}
