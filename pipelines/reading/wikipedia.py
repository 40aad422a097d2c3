"""Wikipedia dumps: pages-articles XML, with wikitext. They join the pages of archives at station 6."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from urllib.parse import quote
from xml.etree import ElementTree

from tesuki.pipelines.journey.page import Fate, FateKind, Page, leave
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.dates import normalised_date
from tesuki.pipelines.reading.unpacked import open_unpacked
from tesuki.pipelines.reading.wikitext import LONGEST_WIKITEXT, plain_text
from tesuki.pipelines.reading.wikitext_tangle import unclosed_marks

MOST_TANGLED = 50_000_000
"""Openings never closed × characters beyond which an article is not parsed: at most about five seconds of parsing
(1.0 × 10⁷ a second in the worst case tried, attributes of unclosed tags). Articles people read have a handful."""

ARTICLES = "0"
"""The namespace of articles; the others are talk, users, templates, categories."""


@dataclass(frozen=True, slots=True)
class Article:
    """One ``<page>`` of the dump; ``offset`` counts them from 0, ``fields`` are its elements by name."""

    offset: int
    fields: Mapping[str, str]
    redirect: bool


def read_wikipedia_dump(part: Range, columns: Mapping[str, str]) -> Iterator[Page | Fate]:
    """The articles of a ``pages-articles.xml`` (plain or packed), each as one page or fate.

    Offsets count the pages of the dump. Redirects and pages outside the article namespace are skipped. Bytes that are
    not XML any more end the reading with one dead record. ``columns`` is not used: the dump's names are its own.
    """
    address, offset = "", 0
    with open_unpacked(Path(part.path)) as (source, damage):
        found = ""
        try:
            for item in items_of(source):
                if isinstance(item, str):
                    address = item
                    continue
                offset = item.offset + 1
                yield page_of(part, item, address)
        except ElementTree.ParseError as failure:
            found = f"not XML ({type(failure).__name__})"
        if found := damage() or found:
            blank = Page(part.subset, part.archive, offset, 0, f"{part.archive}#{offset}", "", "")
            yield leave(blank, "dead", "read", "read.damaged", detail=found)


def items_of(source: IO[bytes]) -> Iterator[str | Article]:
    """The address of the wiki, then its pages, each forgotten once it is given. Raises `ElementTree.ParseError`."""
    offset, path = 0, []
    events = ElementTree.iterparse(source, events=("start", "end"))
    for event, element in events:
        name = element.tag.rpartition("}")[2]
        if event == "start":
            path.append(element)
            continue
        path.pop()
        if name == "base":
            yield _address(element.text or "")
        elif name == "page":
            fields = {child.tag.rpartition("}")[2]: child.text or "" for child in element.iter()}
            identity = next(
                (child.text or "" for child in element if child.tag.endswith("}id") or child.tag == "id"), ""
            )
            yield Article(offset, {**fields, "id": identity}, "redirect" in fields)
            offset += 1
            for parent in path:
                parent.clear()


def page_of(part: Range, article: Article, address: str) -> Page | Fate:
    """What becomes of a page of the dump, on the wiki at ``address``."""
    title = article.fields.get("title", "")
    page = Page(
        subset=part.subset,
        archive=part.archive,
        offset=article.offset,
        length=1,
        record_id=f"{part.archive}#{article.fields['id'] or article.offset}",
        url=address + quote(title.replace(" ", "_"), safe="/:(),!*'") if address else "",
        date=normalised_date(article.fields.get("timestamp", "")),
        encoding="utf-8",
        encoding_evidence="the format",
        title=title,
    )
    if article.fields.get("ns", ARTICLES) != ARTICLES:
        return _leave(page, "skipped", "namespace")
    if article.redirect:
        return _leave(page, "skipped", "redirect")
    wikitext = article.fields.get("text", "")
    if len(wikitext.encode()) > LONGEST_WIKITEXT:
        return _leave(page, "dead", "size")
    if unclosed_marks(wikitext) * len(wikitext) > MOST_TANGLED:
        return _leave(page, "dead", "tangled")
    text = plain_text(wikitext)
    if not text:
        return _leave(page, "rejected", "empty")
    return replace(page, text=text)


def _leave(page: Page, fate: FateKind, reason: str) -> Fate:
    return leave(page, fate, "read", f"read.{reason}")


def _address(main_page: str) -> str:
    """Where articles lie: the address of the main page without its title (``https://ja.wikipedia.org/wiki/``)."""
    folder = main_page.strip().rpartition("/")[0]
    return f"{folder}/" if folder.startswith(("http://", "https://")) else ""
