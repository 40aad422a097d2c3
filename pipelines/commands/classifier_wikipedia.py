"""`tesuki classifier wikipedia`: academic articles and the rest, of a Wikipedia dump, for `classifier train`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.reading.wikipedia_categories import (
    articles_in,
    categories_above,
    categories_below,
    category_name,
)
from tesuki.pipelines.storage.files import atomic_file

SHORTEST = 100
"""Characters of the shortest article: a stub tells a classifier its template."""


def wikipedia_texts(dump: Path, categories: Path, depth: int, positive: Path, negative: Path) -> Iterator[str]:
    """Write the articles of ``dump`` that are in one of ``categories`` to ``positive`` and the others to ``negative``.

    ``categories`` has a name in the first column of each line (tab-separated); ``depth`` takes categories so many steps
    below them, too, as the dump's own category pages say. Both outputs are JSON Lines of ``title`` and ``text``. They
    have no addresses: one host has all of them, and what is held out for testing goes by host. Raises `RequestError`
    for a list or dump that cannot be read, or where one side comes to nothing; `WorkError` for a damaged dump.
    """
    if find_spec("mwparserfromhell") is None:
        raise RequestError("classifier wikipedia: needs the extra wikipedia; pip install 'tesuki[wikipedia]'")
    if not dump.is_file():
        raise RequestError(f"{dump}: is not a file; expected a dump, pages-articles.xml or packed")
    wanted = _names(categories)
    if depth:
        wanted = categories_below(wanted, categories_above(dump), depth)
    counts: Counter[str] = Counter()
    met: set[str] = set()
    with atomic_file(positive) as good, atomic_file(negative) as rest:
        for page, own in articles_in(dump):
            side = "short" if len(page.text) < SHORTEST else "positive" if own & wanted else "negative"
            counts[side] += 1
            met |= own & wanted
            if side != "short":
                line = json.dumps({"title": page.title, "text": page.text}, ensure_ascii=False) + "\n"
                (good if side == "positive" else rest).write(line.encode("utf-8", "surrogatepass"))
        for side in ("positive", "negative"):
            if not counts[side]:
                raise RequestError(f"{dump}: no article is {side} by {len(wanted)} categories; see {categories}")
    yield f"{counts['positive']:,} articles in {len(met):,} of {len(wanted):,} categories: {positive}"
    yield f"{counts['negative']:,} others: {negative}; {counts['short']:,} of less than {SHORTEST} characters left out"


def _names(path: Path) -> frozenset[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as failure:
        raise RequestError(f"{path}: cannot be read as UTF-8 text ({failure.__class__.__name__})") from None
    found = {category_name(line.partition("\t")[0]) for line in lines if not line.startswith("#")} - {""}
    if not found:
        raise RequestError(f"{path}: names no category; write one a line")
    return frozenset(found)
