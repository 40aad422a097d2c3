"""What stands around a place in a page: the words a reader sees beside it, and the part of the page it is
in.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from html import unescape

REACH = 400
"""Characters of markup looked at on each side of a place."""

_BLOCK = re.compile(
    r"</?(?:p|div|li|ul|ol|dl|dt|dd|tr|td|th|table|h[1-6]|section|article|header|footer|figure|figcaption|aside|nav"
    r"|main|body|hr|address|form|center)(?=[\s/>])",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^>]*+>?")
_FOOTER_NAMES = (
    'id="foot', "id='foot", "id=foot", 'id="Foot', 'id="global-foot', 'id="globalFoot', 'id="site-foot',
    'id="page-foot',
    'class="foot', 'class="site-foot', 'class="l-foot', 'class="global-foot', 'class="page-foot',
    'id="copyright', 'class="copyright', 'id="Copyright', 'class="copy"',
)  # fmt: skip


def inside(spans: Sequence[tuple[int, int]], position: int) -> bool:
    """Whether ``position`` lies in one of the sorted, disjoint ``spans`` (start, end)."""
    at = bisect_right(spans, position, key=lambda span: span[0]) - 1
    return at >= 0 and position < spans[at][1]


def visible(markup: str) -> str:
    """``markup`` without tags, character references resolved, white space folded."""
    return " ".join(unescape(_TAG.sub(" ", markup)).split())


def beside(html: str, start: int, end: int) -> str:
    """The visible words around ``html[start:end]`` within its own block, the stretch itself left out."""
    before = html[max(0, start - REACH) : start]
    opened, closed = before.find("<"), before.find(">")
    if closed >= 0 and (opened < 0 or closed < opened):
        before = before[closed + 1 :]
    edges = [edge.start() for edge in _BLOCK.finditer(before)]
    after = html[end : end + REACH]
    edge = _BLOCK.search(after)
    return visible(before[edges[-1] :] if edges else before) + " " + visible(after[: edge.start()] if edge else after)


def footer_start(html: str) -> int:
    """Where the page's footer begins: its last ``footer`` element or the first element named so; else the
    end.
    """
    found = [html.rfind("<footer"), *(html.find(name) for name in _FOOTER_NAMES)]
    return min((position for position in found if position >= 0), default=len(html))


def in_figure(html: str, position: int) -> bool:
    """Whether ``position`` lies in a ``figure`` or ``figcaption`` element."""
    return html.rfind("<figure", 0, position) > html.rfind("</figure", 0, position)
