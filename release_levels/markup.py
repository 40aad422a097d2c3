"""A page as a browser sees it: meta and link elements, structured data, comments, and what a reader can see.

One real parser (lexbor, through Resiliparse) reads the page and writes it down again in the one form the HTML standard
has for a tree: attributes quoted, every element closed, comments ended, character references resolved. In that form a
tag is a tag wherever ``<`` stands, so linear patterns read it without knowing a parser's rules, and nothing hidden
in a comment, a script, a template or an attribute is taken for markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from resiliparse.parse.html import HTMLTree

from .signposts import find_signposts
from .words import Words, read_words

# Every alternative matches once it has begun, though what it looks for never came: so none is begun twice.
_INSIDE = r"[^<]*+(?:<(?!/(?P={name})>)[^<]*+)*+"
_STEP = re.compile(
    rf"""<(?=[!?/mlstpxnir])(?:
        !--(?P<comment>[^-]*+(?:-(?!->)[^-]*+)*+)(?:-->)?
      | [!?][^>]*+>?
      | (?P<end>/?)template(?=[\s>])[^>]*+>?
      | (?P<name>meta|link)(?=[\s>])(?P<attributes>[^>]*+)>?
      | (?P<told>title|textarea)(?=[\s>])[^>]*+>?(?P<words>[^<]*+)
      | (?P<raw>script|style|xmp|plaintext|noembed|noframes|iframe)(?=[\s>])
        (?P<raw_attributes>[^>]*+)>?
        (?P<content>{_INSIDE.format(name="raw")})(?:</(?P=raw)>)?
    )""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(r'([^\s=>]++)(?:="([^"]*+)")?')
_PAID = '[itemprop~="isAccessibleForFree"]'

QUOTED = frozenset({"xmp", "plaintext"})
"""Elements whose words a reader sees and whose markup is no markup, as ``title`` and ``textarea``: terms are put there,
and code for others to copy. They can restrict, never permit."""


@dataclass(frozen=True, slots=True)
class Markup:
    """What one look at a page found.

    ``html`` is the page in the form of its tree, without comments and without what nobody sees or is only quoted;
    ``metas`` are (lower-cased name, property, http-equiv or itemprop; content) of meta elements; ``links`` the
    attributes of link elements; ``json_ld`` the texts of JSON-LD scripts; ``comments`` those of comments; ``items``
    (types of the item, value) of the microdata property ``isAccessibleForFree``; ``footer`` where in ``html`` the
    page's footer begins, its length where there is none; ``signposts`` the places of `signposts.MARKUP` in ``html``
    by family; ``words`` what a reader sees.
    """

    html: str
    metas: tuple[tuple[str, str], ...]
    links: tuple[dict[str, str], ...]
    json_ld: tuple[str, ...]
    comments: tuple[str, ...]
    items: tuple[tuple[str, str], ...]
    footer: int
    signposts: Mapping[str, tuple[int, ...]]
    words: Words


def parse_page(html: str) -> HTMLTree:
    """The tree of a page; lone surrogates, which no byte of a page can be, are replaced."""
    try:
        return HTMLTree.parse(html)
    except UnicodeEncodeError:
        return HTMLTree.parse(html.encode("utf-8", "replace").decode("utf-8"))


def page_of_text(text: str) -> str:
    """``text``, which has no markup, as the page that shows it: a line, a paragraph."""
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())


def read_attributes(tag: str) -> dict[str, str]:
    """Attributes of a tag's inside in the form of a tree: names in lower case, character references resolved."""
    return {
        name.lower(): unescape(value) if "&" in value else value for name, value in reversed(_ATTRIBUTE.findall(tag))
    }


def markup_of(tree: HTMLTree) -> Markup:
    """Read a parsed page, which is left as it is."""
    metas: list[tuple[str, str]] = []
    links: list[dict[str, str]] = []
    json_ld: list[str] = []
    comments: list[str] = []
    quoted: list[str] = []
    seen: list[str] = []
    html: str = (tree.document.html or "") if tree.document else ""
    place = templates = 0
    for step in _steps(html):
        if not templates:
            seen.append(html[place : step.start()])
        place = step.end()
        if step["end"] is not None:
            templates = max(templates - 1, 0) if step["end"] else templates + 1
        elif templates:
            continue
        elif step["comment"] is not None:
            comments.append(step["comment"])
        elif step["name"] == "link":
            links.append(read_attributes(step["attributes"]))
        elif step["name"]:
            metas += _meta(read_attributes(step["attributes"]))
        elif step["told"]:
            quoted.append(unescape(step["words"]))
        elif step["raw"] == "script":
            if "ld+json" in step["raw_attributes"].lower():
                json_ld.append(step["content"])
        elif step["raw"] in QUOTED:
            quoted.append(unescape(step["content"]))
    if not templates:
        seen.append(html[place:])
    shown = "".join(seen)
    signposts = find_signposts("markup", shown)
    footer = _footer(shown, signposts["footer"])
    return Markup(
        shown,
        tuple(metas),
        tuple(links),
        tuple(json_ld),
        tuple(comments),
        tuple(_items(tree)) if "isAccessibleForFree" in html else (),
        footer,
        signposts,
        read_words(shown, footer, [content for _, content in metas] + quoted),
    )


def _steps(html: str) -> Iterator[re.Match[str]]:
    """What `_STEP` finds, but for what is part of a name: ``<p<!--`` opens an element called ``p<!--``."""
    place = 0
    step = _STEP.search(html)
    while step:
        if html.rfind("<", place, step.start()) > html.rfind(">", place, step.start()):
            step = _STEP.search(html, step.start() + 1)
            continue
        yield step
        place = step.end()
        step = _STEP.search(html, place)


def in_tag(html: str, place: int) -> bool:
    """Whether ``place`` lies within a tag of ``html``, which is in the form of a tree."""
    return html.rfind("<", 0, place) > html.rfind(">", 0, place)


def _meta(attributes: dict[str, str]) -> list[tuple[str, str]]:
    key = next(
        (attributes[name] for name in ("name", "property", "http-equiv", "itemprop") if attributes.get(name)), ""
    )
    return [(key.strip().lower(), attributes.get("content", ""))] if key else []


def _footer(html: str, places: tuple[int, ...]) -> int:
    """Where the page's footer begins: its last ``footer`` element or the first one named so; else the end."""
    elements = [place for place in places if html[place] == "<"]
    named = [place for place in places if html[place] != "<" and in_tag(html, place)]
    starts = elements[-1:] + [html.rfind("<", 0, place) for place in named[:1]]
    return min(starts, default=len(html))


def _items(tree: HTMLTree) -> list[tuple[str, str]]:
    found = []
    for element in tree.document.query_selector_all(_PAID) if tree.document else ():
        value = element.getattr("content") or element.getattr("href") or element.text or ""
        item: Any = element.parent
        while item is not None and item.type == 1 and not item.hasattr("itemtype"):
            item = item.parent
        if item is not None and item.type == 1:
            found.append((item.getattr("itemtype") or "", value))
    return found
