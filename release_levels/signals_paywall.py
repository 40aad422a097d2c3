"""Paywalls and logins: the page says that its text is for subscribers, or that it is only the beginning of
one.

Structured data: schema.org ``isAccessibleForFree`` (as Google's "paywalled content" guide asks publishers
to mark it), as JSON-LD and as microdata, and ``article:content_tier``. In words: sentences that close a teaser; a bare
label such as 会員限定 in a list of other articles is not one.
"""

from __future__ import annotations

from collections.abc import Iterator

from .evidence import Evidence, observe
from .json_ld import is_paid_item, json_ld_paywalls
from .markup import Markup
from .paywall_patterns import MARKERS
from .words import Form


def signals_paywall(markup: Markup) -> Iterator[Evidence]:
    """Evidence ``paywall.not-free``, ``paywall.content-tier``, ``paywall.teaser`` and ``paywall.login``."""
    for value in json_ld_paywalls(markup.json_ld):
        yield observe("paywall.not-free", "json-ld", value, "paywall.json-ld")
    for types, value in markup.items:
        if is_paid_item(types, value):
            yield observe("paywall.not-free", "meta", f"isAccessibleForFree: {value}", "paywall.microdata")
    for name, content in markup.metas:
        if name == "article:content_tier" and content.strip().lower() in ("locked", "metered"):
            yield observe("paywall.content-tier", "meta", content, "paywall.meta")
    yield from _markers(markup.words.close)


def _markers(words: Form) -> Iterator[Evidence]:
    for marker in MARKERS:
        for start, end in words.stretches(marker.family, marker.before, marker.after):
            found = words.find(marker.pattern, start, end)
            if found:
                yield observe(marker.signal, "text", found[0], "paywall.wording")
