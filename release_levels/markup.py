"""The parts of a page's HTML in which a site states terms: meta and link elements, scripts, and what nobody
sees.

This is not a parser for reading a page but one linear scan with possessive patterns: whatever the markup,
each character is looked at a bounded number of times. Tags are read as the HTML standard's tokenizer reads
them (WHATWG HTML §13.2.5), comments and raw-text elements are stepped over, so that a tag quoted in a
script or a comment is not taken for one of the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

HEAD_LIMIT = 1_000_000
TAIL_LIMIT = 200_000
"""Characters read from the start and from the end of a page: terms stand in its head or its footer."""

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
_UNSEEN = frozenset({"script", "style"})


@dataclass(frozen=True, slots=True)
class Markup:
    """What one scan found.

    ``metas`` are (lower-cased name, property or http-equiv; content) of meta elements; ``links`` the
    attributes of link elements; ``json_ld`` the texts of JSON-LD scripts; ``comments`` and ``unseen`` the
    (start, end) stretches of ``html`` that are comments, and scripts or style sheets; ``html`` the text the
    positions count in.
    """

    html: str
    metas: tuple[tuple[str, str], ...]
    links: tuple[dict[str, str], ...]
    json_ld: tuple[str, ...]
    comments: tuple[tuple[int, int], ...]
    unseen: tuple[tuple[int, int], ...]


def read_attributes(tag: str) -> dict[str, str]:
    """Attributes of a tag's inside, names in lower case, character references resolved; the first of a name
    wins.
    """
    attributes: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(tag):
        value = double or single or bare
        attributes.setdefault(name.lower(), unescape(value) if "&" in value else value)
    return attributes


def bounded(html: str) -> str:
    """The page, or its beginning and end where it is longer than `HEAD_LIMIT` + `TAIL_LIMIT`."""
    if len(html) <= HEAD_LIMIT + TAIL_LIMIT:
        return html
    return html[:HEAD_LIMIT] + "\n" + html[-TAIL_LIMIT:]


def read_markup(html: str) -> Markup:
    """Scan ``html`` once. Never raises: whatever cannot be read is not there."""
    html = bounded(html)
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
    return Markup(html, tuple(metas), tuple(links), tuple(json_ld), tuple(comments), tuple(unseen))
