"""What stands around a place in a page: the words a reader sees beside it, and whether it is in a figure."""

from __future__ import annotations

import re
from html import unescape

REACH = 400
"""Characters of markup looked at on each side of a place."""

_BLOCK = re.compile(
    r"</?(?:p|div|li|ul|ol|dl|dt|dd|tr|td|th|table|h[1-6]|section|article|header|footer|figure|figcaption|aside|nav"
    r"|main|body|hr|address|form|center)(?=[\s/>])",
    re.IGNORECASE,
)
_PARTS = ("figure", "figcaption", "blockquote")
_TAG = re.compile(r"<[^>]*+>?")


def visible(markup: str) -> str:
    """``markup`` without tags, character references resolved, white space folded."""
    return " ".join(unescape(_TAG.sub(" ", markup)).split())


def beside(html: str, start: int, end: int) -> tuple[str, str]:
    """The markup before and after ``html[start:end]``, as far as its own block reaches."""
    before = html[max(0, start - REACH) : start]
    opened, closed = before.find("<"), before.find(">")
    if closed >= 0 and (opened < 0 or closed < opened):
        before = before[closed + 1 :]
    edges = [edge.start() for edge in _BLOCK.finditer(before)]
    after = html[end : end + REACH]
    edge = _BLOCK.search(after)
    return (before[edges[-1] :] if edges else before), (after[: edge.start()] if edge else after)


def in_part(html: str, position: int) -> bool:
    """Whether ``position`` lies in a figure or a quotation: an element that holds what is somebody else's."""
    return any(html.rfind(f"<{name}", 0, position) > html.rfind(f"</{name}", 0, position) for name in _PARTS)
