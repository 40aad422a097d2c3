"""CirrusSearch dumps of Wikipedia: JSON Lines with the text already plain. They join the others at station 6.

Lines come in pairs, as Elasticsearch's bulk interface has them: ``{"index": {"_id": …}}``, then the document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tesuki.pipelines.journey.page import Fate, FateKind, Page, leave
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.dates import normalised_date
from tesuki.pipelines.reading.documents import sound_text
from tesuki.pipelines.reading.lines import read_lines

PROJECTS = {"wiki": "wikipedia", "wiktionary": "wiktionary", "wikinews": "wikinews", "wikibooks": "wikibooks"}
"""Endings of a wiki's name in the dump (``jawiki``) and the site they mean."""


def read_cirrus_search(part: Range, columns: Mapping[str, str]) -> Iterator[Page | Fate]:
    """The articles of a ``-cirrussearch-content.json`` (plain or ``.gz``), each as one page or fate.

    Offsets count decompressed bytes, of the document's line. The dump's ``text`` holds neither headings nor
    footnotes nor tables: MediaWiki leaves them out of its search index. ``columns`` is not used.
    """
    identity = ""
    for line in read_lines(Path(part.path)):
        blank = Page(part.subset, part.archive, line.offset, line.length, f"{part.archive}#{line.offset}", "", "")
        value = None if line.is_cut or line.content is None else _object(line.content)
        if value is not None and isinstance(value.get("index"), dict):
            identity = sound_text(str(value["index"].get("_id", "")))
        elif value is not None:
            yield _page(blank, value, identity)
            identity = ""
        elif line.content is None:
            yield leave(blank, "dead", "read", "read.damaged", detail=line.damage)
        elif line.content.strip():
            yield _leave(blank, "dead", "too-long" if line.is_cut else "malformed")


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
    return sound_text(value) if isinstance(value, str) else ""


def _leave(page: Page, fate: FateKind, reason: str) -> Fate:
    return leave(page, fate, "read", f"read.{reason}")
