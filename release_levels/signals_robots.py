"""Robots meta elements and ``X-Robots-Tag``: what a page tells crawlers of itself.

Syntax and meaning of the common directives: Google, "Robots meta tag, data-nosnippet, and X-Robots-Tag
specifications"; ``noai`` and ``noimageai``: DeviantArt, November 2022; ``nocache``: Microsoft Bing,
September 2023. Names and directives are not case-sensitive, lists are read leniently (spaces and semicolons
part directives, too), and all statements count: the strictest decides later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .ai_agents import ai_agent_names
from .evidence import Evidence, observe

DIRECTIVES = frozenset(
    {"noai", "noimageai", "noindex", "none", "noarchive", "nocache", "nosnippet", "unavailable_after"}
)
"""Directives that reserve something; ``nofollow``, ``notranslate`` and the rest say nothing about use."""

_WORDS_LIMIT = 4000
_WORD = re.compile(r"(?<![\w.-])([A-Za-z][\w.-]*+)\s*+(:?)")
_NO_SNIPPET = re.compile(r"(?<![\w-])max-snippet\s*+:\s*+0(?!\d)", re.IGNORECASE)
_CRAWLER = re.compile(r"(?:bot|spider|crawler|slurp|yeti)(?:-[a-z-]{1,40}+)?$|-extended$")
_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


def signals_robots(headers: Sequence[tuple[str, str]], metas: Sequence[tuple[str, str]]) -> Iterator[Evidence]:
    """Evidence of ``X-Robots-Tag`` headers and of robots metas, those that name one crawler included.

    Signals are ``robots.<directive>`` for all robots, ``robots-for-ai.<directive>`` where an AI crawler is
    named (`ai_agents`), ``robots-for-agent.<directive>`` where another one is. ``max-snippet:0`` is
    ``nosnippet``. A ``noai`` counts for all, whomever it is told.
    """
    for name, value in headers:
        if name.lower() == "x-robots-tag":
            yield from _read(value, "", "header")
    for name, content in metas:
        if name in ("robots", "x-robots-tag"):
            yield from _read(content, "", "meta")
        elif name in ai_agent_names() or _CRAWLER.search(name):
            yield from _read(content, name, "meta")


def _read(value: str, agent: str, where: str) -> Iterator[Evidence]:
    written = f"{agent}: {value}" if agent else value
    value = value[:_WORDS_LIMIT]
    if _NO_SNIPPET.search(value):
        yield observe(_signal("nosnippet", agent), where, written, f"robots.{where}")
    for word, colon in _WORD.findall(value):
        directive = word.lower().rstrip(".")
        if directive in DIRECTIVES:
            yield observe(_signal(directive, agent), where, written, f"robots.{where}")
        elif colon and where == "header" and directive not in _VALUED:
            agent = directive


def _signal(directive: str, agent: str) -> str:
    if not agent or agent == "*" or directive in ("noai", "noimageai"):
        return f"robots.{directive}"
    return f"robots-for-{'ai' if agent in ai_agent_names() else 'agent'}.{directive}"
