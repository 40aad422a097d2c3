"""The parts of a page's HTML in which a site states terms: meta and link elements, scripts, and what nobody sees.

This is not a parser for reading a page but one linear scan with possessive patterns: whatever the markup, each
character is looked at a bounded number of times. Tags are read as the HTML standard's tokenizer reads them (WHATWG
HTML §13.2.5); comments and raw-text elements are stepped over, so that a tag quoted in a script or a comment is not
taken for one of the page.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from .signposts import find_signposts

HEAD_LIMIT = 1_000_000
TAIL_LIMIT = 200_000
"""Characters read from the start and from the end of a page: terms stand in its head or its footer."""

REFERENCES_LEAST = 20
"""Numeric character references from which a page is taken to be written in them."""

_ATTRIBUTES = r"""(?:[\s/]++|[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>]++)?)?|=)*+"""
_TAG = re.compile(
    rf"""<(?:
        !--(?P<comment>(?:[^-]++|-(?!->))*+)(?:-->)?
      | (?P<name>meta|link)(?=[\s/>])(?P<attributes>{_ATTRIBUTES})>?
      | (?P<raw>script|style|textarea|title|xmp)(?=[\s/>])(?P<raw_attributes>{_ATTRIBUTES})>?
        (?P<content>[^<]*+(?:<(?!/(?P=raw))[^<]*+)*+)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"""([^\s/>=]++)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s>]++))?)?""",
)
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{2,6})|([0-9]{3,7}));?")
_UNSEEN = frozenset({"script", "style"})


@dataclass(frozen=True, slots=True)
class Markup:
    """What one look at a page found.

    ``metas`` are (lower-cased name, property or http-equiv; content) of meta elements; ``links`` the attributes of
    link elements; ``json_ld`` the texts of JSON-LD scripts; ``comments`` and ``unseen`` the (start, end) stretches
    of ``html`` that are comments, and scripts or style sheets; ``signposts`` the places of `signposts.WORDS` by
    family; ``html`` the text that positions count in.
    """

    html: str
    metas: tuple[tuple[str, str], ...]
    links: tuple[dict[str, str], ...]
    json_ld: tuple[str, ...]
    comments: tuple[tuple[int, int], ...]
    unseen: tuple[tuple[int, int], ...]
    signposts: Mapping[str, tuple[int, ...]]

    def visible_places(self, family: str) -> Iterator[int]:
        """Places of signposts of ``family`` that a reader of the page can see, ascending."""
        for place in self.signposts[family]:
            if not inside(self.comments, place) and not inside(self.unseen, place):
                yield place

    def footer(self) -> int:
        """Where the page's footer begins: its last ``footer`` element or the first one named so; else the end."""
        elements = [place for place in self.signposts["footer"] if self.html.startswith(("<f", "<F"), place)]
        named = [place for place in self.signposts["footer"] if not self.html.startswith("<", place)]
        return min(elements[-1:] + named[:1], default=len(self.html))


def inside(spans: Sequence[tuple[int, int]], place: int) -> bool:
    """Whether ``place`` lies in one of the sorted, disjoint ``spans`` (start, end)."""
    at = bisect_right(spans, place, key=lambda span: span[0]) - 1
    return at >= 0 and place < spans[at][1]


def read_attributes(tag: str) -> dict[str, str]:
    """Attributes of a tag's inside, names in lower case, character references resolved; the first of a name wins."""
    attributes: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(tag):
        value = double or single or bare
        attributes.setdefault(name.lower(), unescape(value) if "&" in value else value)
    return attributes


def searchable(html: str) -> tuple[str, Mapping[str, tuple[int, ...]]]:
    """The page as it is searched, and its signposts.

    It is cut to its beginning and end where it is long; Japanese written in character references is resolved (those
    of ASCII stay, so that no markup appears); lone surrogates are replaced.
    """
    if len(html) > HEAD_LIMIT + TAIL_LIMIT:
        html = html[:HEAD_LIMIT] + "\n" + html[-TAIL_LIMIT:]
    try:
        signposts = find_signposts(html)
    except UnicodeEncodeError:
        html = html.encode("utf-8", "replace").decode("utf-8")
        signposts = find_signposts(html)
    if len(signposts["reference"]) >= REFERENCES_LEAST:
        html = _REFERENCE.sub(_character, html)
        signposts = find_signposts(html)
    return html, signposts


def _character(reference: re.Match[str]) -> str:
    point = int(reference[1], 16) if reference[1] else int(reference[2])
    return chr(point) if 0xA0 <= point < 0xD800 or 0xE000 <= point <= 0x10FFFF else reference[0]


def read_markup(html: str) -> Markup:
    """Scan ``html`` once. Never raises: whatever cannot be read is not there."""
    html, signposts = searchable(html)
    metas: list[tuple[str, str]] = []
    links: list[dict[str, str]] = []
    json_ld: list[str] = []
    comments: list[tuple[int, int]] = []
    unseen: list[tuple[int, int]] = []
    for tag in _TAG.finditer(html):
        name = tag["name"]
        if name is None:
            if tag["comment"] is not None:
                comments.append(tag.span())
            elif tag["raw"].lower() in _UNSEEN:
                unseen.append(tag.span())
                if "ld+json" in tag["raw_attributes"].lower():
                    json_ld.append(tag["content"])
            continue
        attributes = read_attributes(tag["attributes"])
        if name.lower() == "link":
            links.append(attributes)
            continue
        key = attributes.get("name") or attributes.get("property") or attributes.get("http-equiv")
        if key:
            metas.append((key.strip().lower(), attributes.get("content", "")))
    return Markup(html, tuple(metas), tuple(links), tuple(json_ld), tuple(comments), tuple(unseen), signposts)
