"""Lines of a file, packed or not, damaged or endless: each with its place, none longer than memory bears."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tesuki.pipelines.reading.unpacked import open_unpacked

LONGEST_LINE = 64 << 20
"""Bytes of the longest line that is read; of a longer one only so much is given."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line where it begins, in bytes after decompression, and its full ``length``, line feed included.

    ``content`` is cut at `LONGEST_LINE`; None where the file is damaged from here on, as ``damage`` says: then it is
    the last.
    """

    offset: int
    length: int
    content: bytes | None
    damage: str = ""

    @property
    def is_cut(self) -> bool:
        """Whether the line is longer than what ``content`` has of it."""
        return self.content is not None and self.length > len(self.content)


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of the file at ``path``. Raises OSError where it cannot be read at all."""
    offset = 0
    with open_unpacked(path) as (source, damage):
        while content := source.readline(LONGEST_LINE):
            length, ended = len(content), content.endswith(b"\n")
            while not ended and (rest := source.readline(LONGEST_LINE)):
                length += len(rest)
                ended = rest.endswith(b"\n")
            yield Line(offset, length, content)
            offset += length
        if found := damage():
            yield Line(offset, 0, None, found)
