"""CirrusSearch dumps of Wikipedia: JSON Lines with the text already plain. They join the others at station 6.

Lines come in pairs, as Elasticsearch's bulk interface has them: ``{"index": {"_id": …}}``, then the document.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import quote

from tesuki.pipelines.page import Fate, FateKind, Page, leave
from tesuki.pipelines.warc_dates import normalised_date
from tesuki.pipelines.warc_ranges import Range

LONGEST_LINE = 64 << 20
"""Bytes of the longest line that is read; what is longer is one dead record, not a full memory."""

PROJECTS = {"wiki": "wikipedia", "wiktionary": "wiktionary", "wikinews": "wikinews", "wikibooks": "wikibooks"}
"""Endings of a wiki's name in the dump (``jawiki``) and the site they mean."""


def read_cirrus_search(part: Range, columns: Mapping[str, str]) -> Iterator[Page | Fate]:
    """The articles of a ``-cirrussearch-content.json`` (plain or ``.gz``), each as one page or fate.

    Offsets count decompressed bytes, of the document's line. The dump's ``text`` holds neither headings nor
    footnotes nor tables: MediaWiki leaves them out of its search index. ``columns`` is not used.
    """
    offset, identity = 0, ""
    with _open(Path(part.path)) as source:
        try:
            for line, length in _lines(source):
                start, offset = offset, offset + length
                blank = Page(part.subset, part.archive, start, length, f"{part.archive}#{start}", "", "")
                value = _object(line) if length == len(line) else None
                if value is not None and isinstance(value.get("index"), dict):
                    identity = str(value["index"].get("_id", ""))
                elif value is not None:
                    yield _page(blank, value, identity)
                    identity = ""
                elif line.strip():
                    yield _leave(blank, "dead", "malformed" if length == len(line) else "too-long")
        except (EOFError, OSError, zlib.error):
            blank = Page(part.subset, part.archive, offset, 0, f"{part.archive}#{offset}", "", "")
            yield _leave(blank, "dead", "damaged")


def _lines(source: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Each line, cut at `LONGEST_LINE`, and its full length in bytes."""
    while line := source.readline(LONGEST_LINE):
        length, ended = len(line), line.endswith(b"\n")
        while not ended and (rest := source.readline(LONGEST_LINE)):
            length += len(rest)
            ended = rest.endswith(b"\n")
        yield line, length


def _page(blank: Page, value: Mapping[str, Any], identity: str) -> Page | Fate:
    title, text, wiki = (_string(value.get(name)) for name in ("title", "text", "wiki"))
    page = Page(
        subset=blank.subset,
        archive=blank.archive,
        offset=blank.offset,
        length=blank.length,
        record_id=f"{blank.archive}#{identity}" if identity else blank.record_id,
        url=_address(wiki, title),
        date=normalised_date(_string(value.get("timestamp"))),
        encoding="utf-8",
        encoding_evidence="the format",
        text=text.strip(),
        title=title,
    )
    if value.get("namespace", 0) != 0:
        return _leave(page, "skipped", "namespace")
    return page if page.text else _leave(page, "rejected", "empty")


def _address(wiki: str, title: str) -> str:
    """The article's address: ``jawiki`` and ``東京`` give ``https://ja.wikipedia.org/wiki/%E6%9D%B1%E4%BA%AC``."""
    for ending, site in PROJECTS.items():
        language = wiki.removesuffix(ending).replace("_", "-")
        if title and language and wiki.endswith(ending):
            name = quote(title.replace(" ", "_"), safe="/:(),!*'")
            return f"https://{language}.{site}.org/wiki/{name}"
    return ""


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _string(value: object) -> str:
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def _leave(page: Page, fate: FateKind, reason: str) -> Fate:
    return leave(page, fate, "read", f"read.{reason}")


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
