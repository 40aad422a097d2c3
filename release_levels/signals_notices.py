"""Notices in words: reproduction forbidden, rights reserved, no training, as they stand in the visible
page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import normalize

from .evidence import Evidence, observe
from .markup import Markup
from .notice_patterns import IMAGES, NOTICES, TEXTS, VERDICT
from .surroundings import visible

BEFORE = 160
AFTER = 260
"""Characters of markup read before and after a signpost."""

STRIDE = 65
"""Signposts closer than this to the one before are within what was read for it."""

_ATTRIBUTE = re.compile(r"(?:alt|title|content|value)\s{0,3}=\s{0,3}[\"']?([^\"'<>]*)$", re.IGNORECASE)
_SENTENCE = re.compile(r"[。．\n]")
_PROHIBITED = "notice.reproduction-prohibited"


def signals_notices(markup: Markup) -> Iterator[Evidence]:
    """Evidence ``notice.reproduction-prohibited``, ``notice.image-reproduction-prohibited``,
    ``notice.all-rights-reserved`` and ``notice.no-ai-training``; the value is the notice as matched.
    """
    footer = markup.footer()
    last = -STRIDE
    for place in markup.visible_places("notice"):
        if place - last < STRIDE:
            continue
        last = place
        where = "footer" if place >= footer else "text"
        for signal, value in notices(_around(markup.html, place)):
            yield observe(signal, where, value, "notice.pattern")


def notices(words: str) -> Iterator[tuple[str, str]]:
    """(signal, wording) of the notices in a short stretch of visible ``words``."""
    spaced = normalize("NFKC", words)
    close = "".join(spaced.split())
    forms = {"ja-mark": close, "en": " ".join(spaced.lower().split())}
    if VERDICT.search(close):
        forms["ja"] = close
    found: set[str] = set()
    for signal, script, pattern in NOTICES:
        match = pattern.search(forms[script]) if signal not in found and script in forms else None
        if match:
            found.add(signal)
            if signal == _PROHIBITED and script == "ja" and _only_images(close, match):
                yield "notice.image-reproduction-prohibited", match[0]
            else:
                yield signal, match[0]


def _only_images(words: str, match: re.Match[str]) -> bool:
    sentence = _SENTENCE.split(words[max(0, match.start() - 40) : match.start()])[-1] + match[0]
    return IMAGES.search(sentence) is not None and TEXTS.search(sentence) is None


def _around(html: str, position: int) -> str:
    """The visible words around ``position``, or the words of the attribute it stands in."""
    begin = max(0, position - BEFORE)
    before, after = html[begin:position], html[position : position + AFTER]
    if before.rfind("<") > before.rfind(">"):
        attribute = _ATTRIBUTE.search(before)
        return (attribute[1] if attribute else "") + re.split(r"[\"'<>]", after, maxsplit=1)[0] if attribute else ""
    opened, closed = before.find("<"), before.find(">")
    if closed >= 0 and (opened < 0 or closed < opened):
        before = before[closed + 1 :]
    return visible(before + after)
