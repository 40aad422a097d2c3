"""Permissions in words: a page that lets everyone copy it, or whose footer puts it under a permissive licence."""

from __future__ import annotations

from collections.abc import Iterator

from .evidence import Evidence, observe
from .free_words import GRANTS, Grant
from .words import Form, Words

AFTER = 200
"""Characters that a grant may reach beyond its signpost."""

_BLOCK_REACH = 400


def signals_free_words(words: Words) -> Iterator[Evidence]:
    """Evidence ``licence.permissive`` and ``licence.in-words``; the value is the sentence as matched."""
    for grant in GRANTS:
        yield from _granted(grant, words.close if grant.form == "close" else words.running)


def _granted(grant: Grant, form: Form) -> Iterator[Evidence]:
    for start, end in form.stretches(grant.family, grant.before, AFTER):
        found = form.find(grant.pattern, start, end, across=0)
        if found and not grant.unless.search(form.block(found, _BLOCK_REACH)):
            yield observe(grant.signal, form.where(found.start()), found[0], "licence.free-words")
