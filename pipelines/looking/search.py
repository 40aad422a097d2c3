"""Words looked for in all texts: as they read, whatever width or case they were written in.

Nothing is prepared and nothing is kept: tables are read a batch at a time, until there are hits enough or the time is
up.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.storage.corpus_folder import DocumentFile

HITS = 100
"""Hits after which a search ends: more are not read by anybody."""

SECONDS = 20.0
"""How long a search may take: it says so when it has not read everything."""

AROUND = 60
"""Characters shown on either side of what was found."""

_ROWS = 64
"""Texts held at a time."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A document and what stands ``before`` and ``after`` the words ``found`` in it, as the text spells them."""

    id: str
    url: str
    title: str
    subset: str
    level: str
    before: str
    found: str
    after: str


@dataclass(frozen=True, slots=True)
class Found:
    """The first hits in the order of the tables, how many texts were read for them, and whether these were all."""

    hits: tuple[Hit, ...]
    read: int
    complete: bool


def search(files: Iterable[DocumentFile], words: str, seconds: float = SECONDS, most: int = HITS) -> Found:
    """The documents in ``files`` whose text holds ``words``, both in NFKC and lower case.

    Raises ValueError where there is nothing to look for, `OSError` or `pyarrow.ArrowException` for a table that cannot
    be read.
    """
    wanted = folded(words.strip())
    if not wanted:
        raise ValueError("nothing to look for")
    until = monotonic() + seconds
    hits: list[Hit] = []
    read = 0
    for file in files:
        with pq.ParquetFile(file.path) as table:
            for batch in table.iter_batches(batch_size=_ROWS, columns=["id", "url", "title", "text"]):
                if len(hits) >= most or monotonic() >= until:
                    return Found(tuple(hits), read, complete=False)
                texts = pc.utf8_lower(pc.utf8_normalize(batch["text"], form="NFKC"))
                rows = pa.array(pc.match_substring(texts, wanted)).to_pylist()
                matching = (row for row, holds in enumerate(rows) if holds)
                for row in islice(matching, most - len(hits)):
                    hits.append(_hit(file, {name: batch[name][row].as_py() for name in batch.schema.names}, wanted))
                read += batch.num_rows
    return Found(tuple(hits), read, complete=len(hits) < most)


def folded(text: str) -> str:
    """``text`` in the form in which it is compared."""
    return unicodedata.normalize("NFKC", text).lower()


def place_of(text: str, wanted: str) -> tuple[int, int]:
    """Where in ``text`` the first part begins and ends that folds to something with ``wanted``; (0, 0) for nowhere."""
    start = folded(text).find(wanted)
    if start < 0:
        return 0, 0
    lengths = _FoldedLengths(text)
    first = bisect_right(lengths, start) - 1
    last = bisect_right(lengths, start + len(wanted) - 1)
    return first, last


class _FoldedLengths(Sequence[int]):
    """How long the first 0, 1, 2, … characters of a text are when folded: never less, as far as bisecting goes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __len__(self) -> int:
        return len(self._text) + 1

    def __getitem__(self, index: int) -> int:  # type: ignore[override]
        return len(folded(self._text[:index]))


def _hit(file: DocumentFile, row: dict[str, str], wanted: str) -> Hit:
    text = row["text"]
    start, end = place_of(text, wanted)
    return Hit(
        id=row["id"],
        url=row["url"],
        title=row["title"] or "",
        subset=file.subset,
        level=file.level,
        before=text[max(start - AROUND, 0) : start],
        found=text[start:end],
        after=text[end : end + AROUND],
    )
