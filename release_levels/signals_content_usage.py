"""``Content-Usage`` and ``Content-Signal``: preferences about what a fetched text is used for.

``Content-Usage: train-ai=n, search=y`` is draft-ietf-aipref-attach with the words of
draft-ietf-aipref-vocab (and of its earlier revisions); ``Content-Signal: search=yes, ai-train=no`` is
Cloudflare's Content Signals Policy, 2025-09. A use that is not named is neither granted nor denied. Both
are comma lists of ``key=value`` with optional parameters behind a semicolon; semicolons in the place of commas, as
some sites write them, are read so, too. A key said twice counts each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .evidence import Evidence, observe

PREFERENCES: dict[tuple[str, str], str] = {
    ("train-ai", "n"): "content-usage.no-train",
    ("train-genai", "n"): "content-usage.no-train",
    ("foundation", "n"): "content-usage.no-train",
    ("ai", "n"): "content-usage.no-train",
    ("genai", "n"): "content-usage.no-train",
    ("tdm", "n"): "content-usage.no-train",
    ("bots", "n"): "content-usage.no-train",
    ("search", "n"): "content-usage.no-search",
    ("ai-train", "no"): "content-signal.no-train",
    ("search", "no"): "content-signal.no-search",
    ("ai-input", "no"): "content-signal.no-ai-input",
}
"""(key, value) → signal, for both families: their values (``n``, ``no``) tell them apart."""

_LIMIT = 2000
_MEMBER = re.compile(r"\s*+([a-z*][a-z0-9_.*-]*+)\s*+=\s*+([a-z0-9?]++)\s*+$")


def preferences(value: str) -> Iterator[str]:
    """Signals of one ``Content-Usage`` or ``Content-Signal`` value; members that cannot be read are passed
    over.
    """
    for member in re.split("[,;]", value[:_LIMIT].lower()):
        read = _MEMBER.match(member)
        if read and (read[1], read[2]) in PREFERENCES:
            yield PREFERENCES[read[1], read[2]]


def signals_content_usage(headers: Sequence[tuple[str, str]], metas: Sequence[tuple[str, str]]) -> Iterator[Evidence]:
    """Evidence of the two headers, and of metas of the same name, which some sites write instead."""
    for where, pairs in (("header", headers), ("meta", metas)):
        for name, value in pairs:
            if name.lower() in ("content-usage", "content-signal"):
                for signal in preferences(value):
                    yield observe(signal, where, value, f"content-usage.{where}")
