"""Lines of a file, packed or not, damaged or endless: each with its place, none longer than memory bears."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import pyarrow as pa

LONGEST_LINE = 64 << 20
"""Bytes of the longest line that is read; of a longer one only so much is given."""

PACKINGS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}
"""Compression by the ending of a file's name, in whatever letter case; any number of members or frames."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line where it begins, in bytes after decompression, and its full ``length``, line feed included.

    ``content`` is cut at `LONGEST_LINE`; None where the file is damaged from here on: then it is the last.
    """

    offset: int
    length: int
    content: bytes | None

    @property
    def is_cut(self) -> bool:
        """Whether the line is longer than what ``content`` has of it."""
        return self.content is not None and self.length > len(self.content)


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of the file at ``path``. Raises OSError where it cannot be opened at all."""
    offset = 0
    with open_unpacked(path) as source:
        try:
            while content := source.readline(LONGEST_LINE):
                length, ended = len(content), content.endswith(b"\n")
                while not ended and (rest := source.readline(LONGEST_LINE)):
                    length += len(rest)
                    ended = rest.endswith(b"\n")
                yield Line(offset, length, content)
                offset += length
        except OSError:
            yield Line(offset, 0, None)


def open_unpacked(path: Path) -> IO[bytes]:
    """The file at ``path``, unpacked. Reading raises OSError where it is cut off or not what its name says."""
    packing = PACKINGS.get(path.suffix.lower())
    if packing is None:
        return path.open("rb")
    return cast(IO[bytes], io.BufferedReader(pa.input_stream(str(path), compression=packing)))
