"""Trafilatura called for what is read of it: the text, and of the metadata title and date alone."""

from __future__ import annotations

import logging
from typing import Any

import trafilatura
from trafilatura.metadata import examine_meta, extract_meta_json, extract_title, extract_url
from trafilatura.settings import Extractor
from trafilatura.utils import load_html

from tesuki.pipelines.extraction.dates import published

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)

_OPTIONS: Any = Extractor(output_format="python", fast=True, comments=False, tables=False, dedup=False)
"""``dedup`` stays off: it remembers earlier pages (trafilatura issue 778)."""


def with_trafilatura(html: str, url: str, latest: str) -> tuple[str, str, str]:
    """Text, title and date as ``bare_extraction(fast=True, with_metadata=True)`` gives them, empty where it has none.

    A quarter of that call's time goes into authors, site names, categories, tags and licences; they are not asked for.
    """
    tree: Any = load_html(html)
    if tree is None:
        return "", "", ""
    text = _text(tree)
    title, date = title_and_date(tree, url, latest)
    return (text, title, date) if text is not None else ("", "", "")


def text_of(html: str) -> str:
    """The text alone, without the time that title and date take."""
    return _text(html) or ""


def title_and_date(tree: Any, url: str, latest: str) -> tuple[str, str]:
    """A page's title and its date (``YYYY-MM-DD``, none after ``latest``), by Trafilatura's rules and htmldate's.

    ``tree`` is used up.
    """
    metadata: Any = examine_meta(tree)
    try:
        metadata = extract_meta_json(tree, metadata)
    except Exception:  # as Trafilatura itself: JSON-LD of any shape stands on pages
        metadata = examine_meta(tree)
    metadata.title = metadata.title or extract_title(tree)
    date = published(tree, metadata.url or extract_url(tree, url or None), latest)
    metadata.clean_and_trim()
    return metadata.title or "", date


def _text(page: Any) -> str | None:
    """The text of a page, given as HTML or as a tree, which is left as it was; None where Trafilatura gives it up."""
    document: Any = trafilatura.bare_extraction(page, options=_OPTIONS)
    return (document.text or "") if document else None
