"""Paywalls and logins: the page says that its text is for subscribers, or that it is only the beginning of
one.

Structured data: schema.org ``isAccessibleForFree`` (as Google's "paywalled content" guide asks publishers
to mark it) and ``article:content_tier``. In words: sentences that close a teaser; a bare label such as
会員限定 in a list of other articles is not one.
"""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import normalize

from .evidence import Evidence, observe
from .json_ld import json_ld_paywalls
from .markup import Markup
from .paywall_patterns import MARKERS
from .surroundings import visible

BEFORE = 80
AFTER = 160
"""Characters of markup read before and after a signpost."""


def signals_paywall(markup: Markup) -> Iterator[Evidence]:
    """Evidence ``paywall.not-free``, ``paywall.content-tier``, ``paywall.teaser`` and ``paywall.login``."""
    for value in json_ld_paywalls(markup.json_ld):
        yield observe("paywall.not-free", "json-ld", value, "paywall.json-ld")
    for name, content in markup.metas:
        if name == "article:content_tier" and content.strip().lower() in ("locked", "metered"):
            yield observe("paywall.content-tier", "meta", content, "paywall.meta")
    for place in markup.visible_places("paywall"):
        around = markup.html[max(0, place - BEFORE) : place + AFTER]
        opened, closed = around.find("<"), around.find(">")
        if closed >= 0 and (opened < 0 or closed < opened):
            around = around[closed + 1 :]
        yield from _markers("".join(normalize("NFKC", visible(around)).split()))


def _markers(words: str) -> Iterator[Evidence]:
    for signal, pattern in MARKERS:
        found = pattern.search(words)
        if found:
            yield observe(signal, "text", found[0], "paywall.wording")
