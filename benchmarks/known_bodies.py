"""Pages whose body is known, and how much of it an extraction finds.

The body of a Japanese page is one element that its own markup names. The first rule that finds an element decides, and
finding more than one makes the page unusable: ``div.main_text`` (Aozora Bunko's editions), ``#LawBody`` or ``.LawBody``
(statutes), ``itemprop="articleBody"``, ``<article>``, the content classes of blog software, ``<main>``. Its text is all
that stands in it but what is no prose of its author: scripts, menus, asides, headers and footers, forms, ruby readings,
and tables, which an extractor may leave out or keep. A body of under 200 characters is not used, nor a ``<main>`` with
a sidebar in it.

The body of other pages is what people wrote down in ``extraction_truth.jsonl`` (``article-body``).

Recall is the share of the body's character 8-grams found in the text, white space aside; precision the share of the
text's that stand in the body, its tables and furniture, or in the page's headings and title (an extractor may take
them). Means are over pages.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range

GRAM = 8
LEAST = 200

_PARSER = etree.HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8", huge_tree=True)
_POSTS = ("entry-content", "post-content", "entry-body", "markdown-body")


def _class(name: str) -> str:
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


RULES = (
    ("aozora", f"//div[{_class('main_text')}]"),
    ("statute", f"//*[@id='LawBody' or {_class('LawBody')}]"),
    ("article-body", "//*[contains(concat(' ', @itemprop, ' '), ' articleBody ')]"),
    ("article", "//article"),
    ("post", f"//*[{' or '.join(map(_class, _POSTS))}]"),
    ("main", "//main"),
)
_NO_TEXT = ("script", "style", "noscript", "template")
_FURNITURE = ("nav", "aside", "header", "footer", "form", "button", "select", "textarea", "iframe", "svg", "table")
_READINGS = ("rt", "rp", "rtc")


@dataclass(frozen=True, slots=True)
class Known:
    """A page and its body: ``allowed`` is what precision counts as right, ``ruby`` whether the body has readings."""

    page: Page
    rule: str
    body: str
    allowed: str
    ruby: bool

    @property
    def half(self) -> int:
        """0 or 1, by a hash of the host: one half can be kept away from decisions."""
        return int(hashlib.sha1(self.page.url.split("/")[2].encode()).hexdigest(), 16) % 2


@dataclass(frozen=True, slots=True)
class Score:
    """Means over ``pages``; ``low`` is the share of pages with a recall under a half, ``ruby`` the recall with ruby."""

    pages: int
    recall: float
    precision: float
    low: float
    ruby: float | None

    @property
    def f1(self) -> float:
        """The harmonic mean of mean recall and mean precision."""
        return 2 * self.recall * self.precision / (self.recall + self.precision)


def known_bodies(data: Path) -> Iterator[Known]:
    """Every page of ``data`` whose body is known, decoded as the corpus does it."""
    labels = {row["record_id"]: row for row in map(json.loads, (data / "labels.jsonl").open(encoding="utf-8"))}
    truth = {
        row["record_id"]: squeeze(row["body"])
        for row in map(json.loads, (data / "extraction_truth.jsonl").open(encoding="utf-8"))
        if row["kind"] == "article-body"
    }
    for part in plan_ranges(data / "web-ja-dev.warc.gz", "web"):
        for item in read_range(part):
            page = decode(item) if isinstance(item, Page) else None
            if not isinstance(page, Page):
                continue
            if labels[page.record_id]["lang"] == "ja":
                yield from body_of(page)
            elif len(truth.get(page.record_id, "")) >= LEAST // 2:
                body = truth[page.record_id]
                yield Known(page, "truth", body, body + _headings(_tree(page)), ruby=False)


def body_of(page: Page) -> Iterator[Known]:
    """The page with its body, where its markup names one."""
    tree = _tree(page)
    if tree is None:
        return
    for rule, path in RULES:
        found = tree.xpath(path)
        if not found:
            continue
        body = squeeze(_text(found[0], (*_NO_TEXT, *_FURNITURE, *_READINGS)))
        sidebar = rule == "main" and found[0].xpath(".//*[contains(@class, 'sidebar') or contains(@id, 'sidebar')]")
        if len(found) == 1 and len(body) >= LEAST and not sidebar:
            allowed = squeeze(_text(found[0], _NO_TEXT)) + _headings(tree)
            yield Known(page, rule, body, allowed, ruby=found[0].find(".//rt") is not None)
        return


def _tree(page: Page) -> Any:
    return etree.fromstring(page.html.encode("utf-8", "replace") or b"<p>", parser=_PARSER)


def _headings(tree: Any) -> str:
    return "" if tree is None else squeeze("".join(_text(element, ()) for element in tree.iter("h1", "title")))


def squeeze(text: str) -> str:
    """Text as it is compared: composed, without white space and the bars that some write between cells."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text)).replace("|", "")


def recall_and_precision(known: Known, text: str) -> tuple[float, float]:
    """How much of the body is in ``text``, and how much of ``text`` may be there."""
    body, allowed, found = _grams(known.body), _grams(known.allowed), _grams(squeeze(text))
    recall = sum((body & found).values()) / sum(body.values())
    precision = sum((found & (body | allowed)).values()) / max(sum(found.values()), 1)
    return recall, precision if found else 1.0


def score(known: Sequence[Known], texts: Sequence[str]) -> Score:
    """The means over pages that have one text each."""
    pairs = [recall_and_precision(each, text) for each, text in zip(known, texts, strict=True)]
    ruby = [recall for each, (recall, _) in zip(known, pairs, strict=True) if each.ruby]
    return Score(
        len(pairs),
        sum(recall for recall, _ in pairs) / len(pairs),
        sum(precision for _, precision in pairs) / len(pairs),
        sum(recall < 0.5 for recall, _ in pairs) / len(pairs),
        sum(ruby) / len(ruby) if ruby else None,
    )


def _grams(text: str) -> Counter[str]:
    return Counter(text[start : start + GRAM] for start in range(max(len(text) - GRAM + 1, 1))) if text else Counter()


def _text(element: Any, without: tuple[str, ...]) -> str:
    element = copy.deepcopy(element)
    for dropped in list(element.iter(*without)) if without else []:
        parent = dropped.getparent()
        if parent is not None:
            blank = etree.Element("span")
            blank.tail = dropped.tail
            parent.replace(dropped, blank)
    element.tail = None
    return "".join(element.itertext())
