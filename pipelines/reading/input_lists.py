"""Inputs by name: globs of this machine, addresses, and lists of either."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.reading.inputs import find_files
from tesuki.pipelines.reading.remote.address import checked_address, is_address, with_checksum
from tesuki.pipelines.reading.remote.fetch import RefusedError, fetch_range, identify
from tesuki.pipelines.reading.remote.manners import Manners

LISTS = (".paths", ".paths.gz", "SHA256SUMS", ".sha256")
"""Endings of lists: one path or address a line, as Common Crawl's ``warc.paths.gz``; before it may stand the file's
SHA-256, as ``sha256sum`` writes it."""

_LINE = re.compile(r"(?:([0-9A-Fa-f]{64})[ \t]{1,2}\*?)?(\S.*)")

LONGEST_LIST = 64 << 20
"""Bytes of a list, packed: forty times that of one crawl."""


def find_inputs(
    words: Iterable[str], folder: Path, field: str, output: Path, base: str | None, manners: Manners
) -> tuple[Path | str, ...]:
    """The files and addresses that ``words`` name, each once, sorted; files first.

    ``base`` is what the lines of lists begin from; without it, for a list on a host that host, for one of this machine
    its own folder. Raises `RequestError` that begins with ``field``.
    """
    globs: list[str] = []
    addresses: set[str] = set()
    for word in words:
        named = _lines_of(word, folder, field, base, manners) if word.endswith(LISTS) else (("", word),)
        for sha256, each in named:
            if is_address(each):
                addresses.add(with_checksum(checked_address(each, field), sha256))
            elif sha256:
                raise RequestError(f"{field}: {word!r}: gives checksums for files of this machine; name the files")
            else:
                globs.append(each)
    return (*find_files(globs, folder, field, output), *sorted(addresses))


def _lines_of(word: str, folder: Path, field: str, base: str | None, manners: Manners) -> Iterator[tuple[str, str]]:
    """(checksum or ``""``, path or address) of each line."""
    if is_address(word):
        parts = urlsplit(checked_address(word, field))
        content, start = _fetched(word, field, manners), base or f"{parts.scheme}://{parts.netloc}/"
    else:
        path = folder / word
        if not path.is_file():
            raise RequestError(f"{field}: {word!r}: no such list")
        content, start = path.read_bytes(), base or str(path.parent.absolute())
    try:
        lines = (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as failure:
        raise RequestError(f"{field}: {word!r}: cannot be read as a list ({type(failure).__name__})") from None
    found = [_LINE.fullmatch(line.strip()) for line in lines.splitlines() if line.strip()]
    if not found:
        raise RequestError(f"{field}: {word!r}: the list is empty")
    for sha256, name in (line.groups("") for line in found if line):
        yield sha256.lower(), name if is_address(name) else f"{start.rstrip('/')}/{name.lstrip('/')}"


def _fetched(address: str, field: str, manners: Manners) -> bytes:
    try:
        remote = identify(address, manners)
        if remote.size > LONGEST_LIST:
            raise RequestError(f"{field}: {address!r}: {remote.size} bytes are too many for a list")
        return b"".join(fetch_range(remote, 0, remote.size, manners))
    except RefusedError as failure:
        raise RequestError(f"{field}: {failure}") from None
