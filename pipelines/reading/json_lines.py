"""JSON Lines of documents. Every line becomes one page or one fate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.documents import Columns, fate_of, page_of
from tesuki.pipelines.reading.lines import read_lines


def read_json_lines(part: Range, columns: Columns) -> Iterator[Page | Fate]:
    """The documents of a ``.jsonl`` file, plain or packed with gzip, zstd or bzip2. Offsets count decompressed bytes.

    What can't be unpacked any more ends the reading with one dead record.
    """
    for line in read_lines(Path(part.path)):
        if line.content is None:
            yield fate_of(part, line.offset, 0, "dead", "read.damaged", line.damage)
        elif line.is_cut:
            yield fate_of(part, line.offset, line.length, "dead", "read.too-long", f"a line of {line.length} bytes")
        elif line.content.strip():
            yield _from_line(part, columns, line.content, line.offset)


def _from_line(part: Range, columns: Columns, line: bytes, offset: int) -> Page | Fate:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return fate_of(part, offset, len(line), "dead", "read.malformed", "the line is not JSON in UTF-8")
    if not isinstance(value, dict):
        return fate_of(part, offset, len(line), "dead", "read.malformed", "the line is not a JSON object")
    return page_of(part, columns, value, offset, len(line))
