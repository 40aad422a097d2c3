"""How tangled wikitext is: openings that are never closed.

The parser tries each opening to the end of the article before it gives it up, so what an article costs is its length
times these. Counting them first, in one pass, keeps one vandalised article from holding up a run.
"""

from __future__ import annotations

import re
from collections import Counter

CLOSED_BY = {"{{": "}}", "[[": "]]", "{|": "|}", "[": "]", "<!--": "-->"}

_OPENED_BY = {closing: opening for opening, closing in CLOSED_BY.items()}

ENDLESS_TAGS = frozenset({"br", "wbr", "hr", "meta", "link", "img", "li", "dt", "dd", "th", "td", "tr"})
"""Tags that stand without an end (mwparserfromhell, definitions.py, SINGLE)."""

_MARK = re.compile(
    r"\{\{|\}\}|\[\[|\]\]|\{\||\|\}|\[(?=(?:https?|ftp|mailto):|//)|\]|<!--|-->"
    r"|<(?P<close>/?)(?P<tag>[a-z][a-z0-9]{0,19})(?=[\s/>])(?P<rest>[^<>]{0,500})>?",
    re.IGNORECASE,
)


def unclosed_marks(wikitext: str) -> int:
    """Openings of templates, links, tables, comments and tags that nothing closes in its turn."""
    opened: list[str] = []
    waiting: Counter[str] = Counter()
    lost = 0
    for mark in _MARK.finditer(wikitext):
        tag = mark["tag"].lower() if mark["tag"] else ""
        if tag in ENDLESS_TAGS or (tag and mark["rest"].endswith("/")):
            continue
        if (tag and not mark["close"]) or mark[0] in CLOSED_BY:
            opened.append(tag or mark[0])
            waiting[opened[-1]] += 1
            continue
        opening = tag or _OPENED_BY[mark[0]]
        while waiting[opening]:
            last = opened.pop()
            waiting[last] -= 1
            if last == opening:
                break
            lost += 1
    return lost + len(opened)
