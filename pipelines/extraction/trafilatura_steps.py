"""Trafilatura called for what is read of it: the text, and of the metadata title and date alone."""

from __future__ import annotations

import logging
from typing import Any

import trafilatura
from htmldate import find_date
from trafilatura.metadata import examine_meta, extract_meta_json, extract_title, extract_url
from trafilatura.settings import Extractor
from trafilatura.utils import load_html

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
    title, published = title_and_date(tree, url, latest)
    document: Any = trafilatura.bare_extraction(tree, options=_OPTIONS)
    return (document.text or "", title, published) if document else ("", "", "")


def title_and_date(tree: Any, url: str, latest: str) -> tuple[str, str]:
    """A page's title and its date (``YYYY-MM-DD``, none after ``latest``), by Trafilatura's rules and htmldate's."""
    metadata: Any = examine_meta(tree)
    try:
        metadata = extract_meta_json(tree, metadata)
    except Exception:  # as Trafilatura itself: JSON-LD of any shape stands on pages
        metadata = examine_meta(tree)
    metadata.title = metadata.title or extract_title(tree)
    address = metadata.url or extract_url(tree, url or None)
    published = find_date(tree, original_date=True, extensive_search=False, max_date=latest, url=address)
    metadata.clean_and_trim()
    return metadata.title or "", published or ""
