"""JSON-LD: what a page's structured data says of licence and access.

Only statements about the page or its text count as the page's: ``license`` of an ImageObject is a
picture's, ``isAccessibleForFree`` of a museum is about its door. Malformed, deeply nested or very long data
is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

SCRIPT_LIMIT = 200_000
"""Characters of one script."""

SCRIPTS_LIMIT = 20
DEPTH_LIMIT = 12
OBJECTS_LIMIT = 2000

TEXT_TYPES = frozenset(
    {
        "article", "newsarticle", "blogposting", "techarticle", "scholarlyarticle", "reportagenewsarticle",
        "analysisnewsarticle", "opinionnewsarticle", "backgroundnewsarticle", "reviewnewsarticle",
        "socialmediaposting", "liveblogposting", "report", "webpage", "itempage", "aboutpage", "faqpage",
        "qapage", "collectionpage", "profilepage", "webpageelement", "website", "blog", "creativework",
        "webcontent", "howto", "recipe", "question", "discussionforumposting", "legislation",
        "digitaldocument",
    }
)  # fmt: skip
"""Types of schema.org, in lower case, whose statements are about the text of the page."""

_ACCESS_TYPES = TEXT_TYPES - {"website", "blog", "collectionpage"}

_OF_OTHERS = frozenset(
    {
        "itemListElement",
        "citation",
        "mentions",
        "isBasedOn",
        "subjectOf",
        "review",
        "comment",
        "relatedLink",
        "about",
    }
)
"""Properties whose values describe other pages and works."""


def json_ld_licences(scripts: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """(licence as written, whether it is of the page's text) for each ``license`` in the scripts."""
    for thing in _objects(scripts, "license"):
        licence = thing.get("license")
        for each in licence if isinstance(licence, list) else [licence]:
            value = (each.get("@id") or each.get("url") or each.get("name")) if isinstance(each, dict) else each
            if isinstance(value, str) and value.strip():
                yield value, bool(_types(thing) & TEXT_TYPES)


def json_ld_paywalls(scripts: Iterable[str]) -> Iterator[str]:
    """The value as written of each ``isAccessibleForFree`` that says no for the page's text."""
    for thing in _objects(scripts, "isAccessibleForFree"):
        value = thing.get("isAccessibleForFree")
        said = str(value).strip().lower().rsplit("/", 1)[-1]
        if said == "false" and _types(thing) & _ACCESS_TYPES:
            yield f"isAccessibleForFree: {value}"


def _types(thing: dict[str, Any]) -> frozenset[str]:
    kind = thing.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return frozenset(each.rsplit("/", 1)[-1].lower() for each in kinds if isinstance(each, str))


def _objects(scripts: Iterable[str], key: str) -> Iterator[dict[str, Any]]:
    """Objects at any depth that have ``key``, in document order."""
    for script in list(scripts)[:SCRIPTS_LIMIT]:
        if key not in script or len(script) > SCRIPT_LIMIT:
            continue
        try:
            data = json.loads(script)
        except (ValueError, RecursionError):
            continue
        yield from _walk(data, key)


def _walk(data: Any, key: str) -> Iterator[dict[str, Any]]:
    waiting: list[tuple[Any, int]] = [(data, 0)]
    seen = 0
    while waiting and seen < OBJECTS_LIMIT:
        thing, depth = waiting.pop()
        seen += 1
        if isinstance(thing, dict):
            if key in thing:
                yield thing
            children: list[Any] = [value for name, value in thing.items() if name not in _OF_OTHERS]
        elif isinstance(thing, list):
            children = thing
        else:
            continue
        if depth < DEPTH_LIMIT:
            waiting.extend((child, depth + 1) for child in reversed(children) if isinstance(child, dict | list))
