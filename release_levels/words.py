"""The words a reader of a page sees, in the two forms in which statements are looked for.

Sites set statements apart letter by letter (``無 断 転 載``), cut them by emphasis and line breaks, write them in full
width or in character references. All of that is undone once for the whole page, so that patterns know nothing of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import accumulate
from unicodedata import normalize

from .signposts import Kind, find_signposts

ACROSS = 24
"""Characters up to which a statement may reach across the edge of a block (無断転載 | 禁止 in two cells of a table):
longer ones would be put together from what stands side by side by chance (our judgement).
"""

_EDGE = "\x1e"
_BLOCK = re.compile(
    r"</?(?:p|d(?:iv|[dlt]|etails|ialog|ir)|li|t(?:[drh]|able|body|foot|head)|[ou]l|h(?:[1-6r]|ead(?:er)?|tml|group)"
    r"|section|a(?:rticle|side|ddress)|nav|main|menu|f(?:ooter|orm|ig(?:ure|caption)|ieldset|rameset)|b(?:ody|utton"
    r"|lockquote)|c(?:aption|enter)|legend|noscript|opt(?:ion|group)|pre|se(?:arch|lect)|summary)(?=[\s>])[^>]*+>?"
)
_WITHIN_WORDS = re.compile(
    r"</?(?:b|big|code|em|font|i|mark|nobr|r[bpt]|ruby|s|small|strike|strong|sub|sup|tt|u|wbr)(?=[\s>])[^>]*+>?"
)
_READINGS = re.compile(r"<r[tp](?=[\s>])[^<]*+(?:<(?!/r[tp]>)[^<]*+)*+")
_TAG = re.compile(r"<[^>]*+>?")
_ATTRIBUTE_WORDS = re.compile(r' (?:alt|title|value|placeholder|aria-label|summary)="([^"]{4,2000}+)"')
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a page's words: ``text``; ``edges``, the places in it where a block ends, ascending; ``footer``,
    where the page's footer begins; ``signposts``, the places of words that statements have, by family.
    """

    text: str
    edges: tuple[int, ...]
    footer: int
    signposts: Mapping[str, tuple[int, ...]]

    def where(self, place: int) -> str:
        """``footer`` or ``text``: in which part of the page ``place`` lies."""
        return "footer" if place >= self.footer else "text"

    def find(self, pattern: re.Pattern[str], start: int, end: int, across: int = ACROSS) -> re.Match[str] | None:
        """The first match of ``pattern`` in a stretch of the text that is one statement: within one block, or no longer
        than ``across`` characters.
        """
        start = max(start, 0)
        for _ in range(_TRIES):
            found = pattern.search(self.text, start, end)
            if found is None or found.end() - found.start() <= across or not self._crosses(found):
                return found
            start = found.start() + 1
        return None

    def block(self, found: re.Match[str], reach: int) -> str:
        """The block in which a match lies, as far as ``reach`` characters on each side."""
        first = bisect_right(self.edges, found.start())
        start = self.edges[first - 1] if first else 0
        end = self.edges[first] if first < len(self.edges) else len(self.text)
        return self.text[max(start, found.start() - reach) : min(max(end, found.end()), found.end() + reach)]

    def _crosses(self, found: re.Match[str]) -> bool:
        first = bisect_right(self.edges, found.start())
        return first < len(self.edges) and self.edges[first] < found.end()

    def stretches(self, family: str, before: int, after: int, verdict: str = "") -> Iterator[tuple[int, int]]:
        """The stretches (start, end) of the text from ``before`` characters before a signpost of ``family`` to
        ``after`` characters after it, disjoint, ascending; with ``verdict``, only where one of that family is in it.
        """
        verdicts = self.signposts.get(verdict, ())
        start = end = -1
        for place in self.signposts[family]:
            if verdict:
                at = bisect_left(verdicts, place - before)
                if at == len(verdicts) or verdicts[at] > place + after:
                    continue
            if place - before > end:
                if end >= 0:
                    yield start, end
                start = max(place - before, 0)
            end = place + after
        if end >= 0:
            yield start, end


@dataclass(frozen=True, slots=True)
class Words:
    """``close``: in NFKC without white space, as Japanese is searched; ``running``: in NFKC, lower case, one space."""

    close: Form
    running: Form


def read_words(html: str, footer: int, beside: Iterable[str]) -> Words:
    """The words of ``html``, which is in the form of a tree; its footer begins at ``footer``.

    ``beside`` are words that stand elsewhere (metas, quoted code); they and alternative texts and titles of elements
    come first, each a block.
    """
    attributes = dict.fromkeys(map(unescape, _ATTRIBUTE_WORDS.findall(html)))
    above = _EDGE.join([*dict.fromkeys(beside), *attributes, _visible(html[:footer])])
    blocks, blocks_below = (_blocks(words) for words in (above, _visible(html[footer:])))
    return Words(
        _form(("".join(block) for block in blocks), ("".join(block) for block in blocks_below), "", "close"),
        _form(
            (" ".join(block).lower() for block in blocks),
            (" ".join(block).lower() for block in blocks_below),
            " ",
            "running",
        ),
    )


def _visible(html: str) -> str:
    if "<rt" in html or "<rp" in html:
        html = _READINGS.sub("<rt>", html)
    words = _TAG.sub(" ", _WITHIN_WORDS.sub("", _BLOCK.sub(_EDGE, html)))
    return unescape(words) if "&" in words else words


def _blocks(words: str) -> list[list[str]]:
    """The words of each block, in NFKC."""
    # Block by block: text that is in NFKC already, as most blocks are, costs nothing to normalize.
    return [block for block in (normalize("NFKC", each).split() for each in words.split(_EDGE)) if block]


def _form(above: Iterable[str], below: Iterable[str], between: str, kind: Kind) -> Form:
    parts = list(above)
    first = len(parts)
    parts += below
    edges = tuple(accumulate(len(part) + len(between) for part in parts))
    text = between.join(parts)
    return Form(text, edges, edges[first - 1] if first else 0, find_signposts(kind, text))
