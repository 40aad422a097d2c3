"""Which of a page's blocks are its text: the smallest element with most of the prose, without what is no text in it.

Figures in this module were set by what benchmarks/extraction.py says of the pages of known body (docs/extraction.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tesuki.pipelines.extraction.leading_on import is_button, leading_on
from tesuki.pipelines.extraction.names import Reason
from tesuki.pipelines.extraction.reading import Block, Place, Reading

LINKED = 0.5
"""A block with a larger share of its characters in links is no prose."""

LINK_LIST = (5, 0.8)
"""So many blocks side by side, each with more than this share of its characters in links, are a list of links."""

REPEATED = 40
"""A block of at least so many characters that stood in another element before is a copy for another screen; one that
stands beside itself is its author's doing, and the rules' business."""

OVERRULED: Final[dict[Reason, float]] = {
    "aside": 0.45,
    "comment": 0.7,
    "footer": 0.9,
    "form": 0.5,
    "header": 0.5,
    "hidden": 0.8,
    "line numbers": 2.0,
    "menu": 0.6,
    "notice": 0.25,
}
"""An element that holds this share of the page's prose is part of it, whatever it is or is called."""

_DESCENT = 0.7
_INTO_A_BODY = 0.6
_IN_MAIN = 0.97
_IN_A_BODY = 0.95
_INTO_A_SECTION = 0.95
"""Shares of an element's prose that one child must hold to stand for it: as a rule; where the child is ``<article>`` or
``<main>``; inside of ``<main>``; inside of ``<article>`` or what is called so; where the child is a section among
sections."""

_NESTED = 0.3
_TEASER = 0.3
"""Weight of what stands in an article inside of an article (HTML: a comment or an excerpt), or under a heading that is
a link (it is told elsewhere)."""

_LETTERS: Final = re.compile(r"[\W\d_]+")
_STOPS: Final = re.compile("[。．！？!?、，]|[.,;:] ")
_BODY_NAME: Final = re.compile(
    r"(?<!\S)(?:h?entry|post|article|story|news)?[-_]*(?:article|entry|post|hentry|body|content|text|honbun|main_text)(?!\S)",
    re.IGNORECASE,
)
_SECTION_NAME: Final = re.compile(r"(?<!\S)(?:section|sect\d|chapter|block|row|box|level\d)(?!\S)")
_NO_BODY_NAMES: Final = "p li pre dd dt blockquote ul ol dl table tr td th figure h1 h2 h3 h4 h5 h6 form"
_NO_BODY: Final = frozenset(_NO_BODY_NAMES.split())


def choose(page: Reading, *, tables: bool) -> list[Reason | None]:
    """For each block of a page why it is left out of the text, or None. ``tables`` takes data tables."""
    places = page.places
    prose = _prose(page)
    weights = _sums(places, page.blocks, prose)
    reasons = _reasons(places, weights)
    body = _body(places, _sums(places, page.blocks, prose, reasons))
    inside = _inside(places, body)
    chosen: list[Reason | None] = []
    seen: dict[str, int] = {}
    for block in page.blocks:
        reason = reasons[block.place] or (None if inside[block.place] else "elsewhere")
        if not reason and block.kind == "row" and not tables:
            reason = "table"
        if not reason and len(block.text) >= REPEATED and block.kind == "line":
            home = places[block.place].up
            reason = "repeated" if seen.setdefault(block.text, home) != home else None
        if not reason and is_button(block):
            reason = "form"
        chosen.append(reason)
    for start, end in leading_on(page, body, prose, tuple(chosen)):
        chosen[start:end] = [reason or "leads on" for reason in chosen[start:end]]
    for start, end in _link_lists(page.blocks, chosen):
        chosen[start:end] = ["link list"] * (end - start)
    return chosen


def _prose(page: Reading) -> list[float]:
    """How much each block speaks for the elements it stands in being the page's text, in letters."""
    places = page.places
    within_article = [False] * len(places)
    nested = [False] * len(places)
    for index, place in enumerate(places[1:], 1):
        is_article = place.tag == "article"
        nested[index] = nested[place.up] or (is_article and within_article[place.up])
        within_article[index] = within_article[place.up] or is_article
    found = []
    for block, teaser in zip(page.blocks, _teasers(page), strict=True):
        factor = (_NESTED if nested[block.place] else 1.0) * (_TEASER if teaser else 1.0)
        found.append(_weight(block) * factor)
    return found


def _weight(block: Block) -> float:
    characters = len(block.text)
    linked = min(block.links / characters, 1.0)
    if linked > LINKED:
        return 0.0
    letters = len(_LETTERS.sub("", block.text))
    if letters < 0.3 * characters:
        return 0.0
    if block.kind == "heading" and not block.text.endswith("。"):
        return 0.1 * letters * (1 - linked)
    if block.kind == "code":
        return 0.5 * letters
    speaks = characters >= 40 or _STOPS.search(block.text)
    return (1.0 if speaks else 0.2) * letters * (1 - linked)


def _teasers(page: Reading) -> Iterator[bool]:
    """Whether a block stands under a heading that is a link, in the element two above that heading."""
    places = page.places
    card = -1
    for block in page.blocks:
        if block.kind == "heading":
            linked = block.links >= 0.9 * len(block.text)
            card = places[max(places[block.place].up, 0)].up if linked else -1
            yield False
        else:
            if card >= 0 and not _stands_in(places, block.place, card):
                card = -1
            yield card >= 0


def _stands_in(places: Sequence[Place], place: int, outer: int) -> bool:
    while place > outer:
        place = places[place].up
    return place == outer


def _sums(
    places: Sequence[Place],
    blocks: Sequence[Block],
    weights: Sequence[float],
    reasons: Sequence[Reason | None] | None = None,
) -> list[float]:
    """The weight of each place with all that stands in it; what has a reason to be left out weighs nothing."""
    sums = [0.0] * len(places)
    for block, weight in zip(blocks, weights, strict=True):
        if reasons is None or not reasons[block.place]:
            sums[block.place] += weight
    for index in range(len(places) - 1, 0, -1):
        sums[places[index].up] += sums[index]
    return sums


def _reasons(places: Sequence[Place], weights: Sequence[float]) -> list[Reason | None]:
    """For each place why what stands in it is left out: its own reason or that of a place it stands in."""
    total = weights[0] or 1.0
    in_body = [False] * len(places)
    reasons: list[Reason | None] = [None] * len(places)
    for index, place in enumerate(places[1:], 1):
        in_body[index] = in_body[place.up] or place.tag in ("article", "main")
        reason = reasons[place.up]
        own = place.reason
        if not reason and own and weights[index] < OVERRULED[own] * total and not (own == "header" and in_body[index]):
            reason = own
        reasons[index] = reason
    return reasons


def _body(places: Sequence[Place], weights: Sequence[float]) -> int:
    """The place whose blocks are the text: down from the whole page as long as one child holds nearly all."""
    children: list[list[int]] = [[] for _ in places]
    for index, place in enumerate(places[1:], 1):
        children[place.up].append(index)
    body = 0
    least = 0.0
    while children[body]:
        heaviest = max(children[body], key=lambda index: (weights[index], -index))
        here, child = places[body], places[heaviest]
        least = max(least, {"article": _IN_A_BODY, "main": _IN_MAIN}.get(here.tag, 0.0))
        share = _IN_A_BODY if here.tag != "body" and _BODY_NAME.search(here.names) else _DESCENT
        share = max(share, least)
        if child.tag == "section" or _SECTION_NAME.search(child.names):
            share = max(share, _INTO_A_SECTION)
        if child.tag in ("article", "main") and not least:
            share = min(share, _INTO_A_BODY)
        if child.tag in _NO_BODY or not weights[heaviest] or weights[heaviest] < share * weights[body]:
            break
        body = heaviest
    return body


def _inside(places: Sequence[Place], body: int) -> list[bool]:
    inside = [False] * len(places)
    inside[body] = True
    for index in range(body + 1, len(places)):
        inside[index] = inside[places[index].up]
    return inside


def _link_lists(blocks: Sequence[Block], chosen: Sequence[Reason | None]) -> Iterator[tuple[int, int]]:
    least, linked = LINK_LIST
    start = 0
    for index in range(len(blocks) + 1):
        if index < len(blocks):
            block = blocks[index]
            inside = block.links > linked * (len(block.text) - block.text.count("\n"))
            if inside and not chosen[index] and block.kind != "heading":
                continue
        if index - start >= least:
            yield start, index
        start = index + 1
