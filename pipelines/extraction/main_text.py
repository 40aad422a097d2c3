"""From a page's HTML to its main text, title and date: the narrow place where one extractor stands for another."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal

import trafilatura
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from tesuki.pipelines.extraction.markup import mend_markup
from tesuki.pipelines.extraction.tidy import tidy_text, tidy_title
from tesuki.release_levels.evidence import Evidence

Profile = Literal["trafilatura", "speed"]
"""``trafilatura`` is the default; ``speed`` is Resiliparse, some ten times faster and less precise."""

Headers = tuple[tuple[str, str], ...]

FAR_FUTURE = "9999-12-31"

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was read from a page. ``published`` is ``YYYY-MM-DD`` or ``""``; ``evidence`` what it says of its use."""

    text: str
    title: str
    published: str
    evidence: tuple[Evidence, ...] = ()


def extract_main_text(html: str, url: str, *, captured: str = "", profile: Profile = "trafilatura") -> Extracted:
    """The main text, title and publication date of a page.

    ``captured`` is the capture time: no page was published after it (without it any date is believed; the clock of
    the machine is never asked). An empty text means that the extractor found none.
    """
    text, title, published = _EXTRACTORS[profile](mend_markup(html), url, captured[:10] or FAR_FUTURE)
    return Extracted(tidy_text(text), tidy_title(title), published)


def read_document(
    html: str, url: str, headers: Headers, captured: str, profile: Profile, readers: tuple[str, ...]
) -> Extracted:
    """Main text and release signals at once: the whole of what runs under guard.

    ``readers`` name functions as ``module:function``, each ``(url, headers, html, text) -> tuple[Evidence, ...]``.
    """
    found = extract_main_text(html, url, captured=captured, profile=profile)
    evidence = (item for name in readers for item in _reader(name)(url, headers, html, found.text))
    return Extracted(found.text, found.title, found.published, tuple(evidence))


def _with_trafilatura(html: str, url: str, latest: str) -> tuple[str, str, str]:
    # deduplicate stays off: it remembers earlier pages (trafilatura issue 778).
    document: Any = trafilatura.bare_extraction(
        html,
        url=url or None,
        fast=True,
        include_comments=False,
        include_tables=False,
        deduplicate=False,
        with_metadata=True,
        date_extraction_params={"original_date": True, "extensive_search": False, "max_date": latest},
    )
    return (document.text or "", document.title or "", document.date or "") if document else ("", "", "")


def _with_resiliparse(html: str, url: str, latest: str) -> tuple[str, str, str]:
    tree = HTMLTree.parse(html)
    text = extract_plain_text(tree, main_content=True, alt_texts=False, comments=False)
    return text, tree.title or "", ""


_EXTRACTORS: dict[Profile, Callable[[str, str, str], tuple[str, str, str]]] = {
    "trafilatura": _with_trafilatura,
    "speed": _with_resiliparse,
}


@cache
def _reader(name: str) -> Callable[[str, Headers, str, str], tuple[Evidence, ...]]:
    module, _, function = name.partition(":")
    reader: Callable[[str, Headers, str, str], tuple[Evidence, ...]] = getattr(import_module(module), function)
    return reader
