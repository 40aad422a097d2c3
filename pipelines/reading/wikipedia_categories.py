"""Articles of a Wikipedia dump with the categories they are in: what a classifier of kinds of text can learn from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.unpacked import open_unpacked
from tesuki.pipelines.reading.wikipedia import Article, items_of, page_of

CATEGORIES = "14"
"""The namespace of categories: their pages name the categories above them."""

_LINK = re.compile(r"\[\[[ _]{0,9}(?:category|カテゴリ)[ _]{0,9}:([^\]|\[\n]{1,300})", re.IGNORECASE)


def categories_in(wikitext: str) -> frozenset[str]:
    """The categories that a page's wikitext puts it in, as `category_name` writes them; without what templates add."""
    return frozenset(category_name(found[1]) for found in _LINK.finditer(wikitext))


def category_name(written: str) -> str:
    """A category without its namespace, with spaces for underscores and a capital first letter, as MediaWiki has it."""
    name = " ".join(written.replace("_", " ").split()).removeprefix("Category:").strip()
    return name[:1].upper() + name[1:]


def articles_in(path: Path) -> Iterator[tuple[Page, frozenset[str]]]:
    """The articles of the dump at ``path`` that have a text, with their categories. Raises `WorkError` for damage."""
    part = Range("", str(path), path.name, 0, path.stat().st_size)
    for article in _pages(path):
        found = page_of(part, article, "")
        if isinstance(found, Page):
            yield found, categories_in(article.fields.get("text", ""))


def categories_above(path: Path) -> dict[str, frozenset[str]]:
    """Of each category with a page in the dump at ``path``, the categories it is in. Raises `WorkError` likewise."""
    return {
        category_name(article.fields.get("title", "").partition(":")[2]): categories_in(article.fields.get("text", ""))
        for article in _pages(path)
        if article.fields.get("ns") == CATEGORIES
    }


def categories_below(wanted: frozenset[str], above: Mapping[str, frozenset[str]], depth: int) -> frozenset[str]:
    """``wanted`` and the categories at most ``depth`` steps below one of them. Loops do no harm."""
    found = latest = wanted
    for _ in range(depth):
        latest = frozenset(name for name, parents in above.items() if parents & latest) - found
        found |= latest
    return found


def _pages(path: Path) -> Iterator[Article]:
    with open_unpacked(path) as (source, damage):
        found = ""
        try:
            yield from (item for item in items_of(source) if isinstance(item, Article))
        except ElementTree.ParseError as failure:
            found = f"not XML: {failure}"
        if found := damage() or found:
            raise WorkError(f"{path}: the dump is damaged ({found}); fetch it again")
