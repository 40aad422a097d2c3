"""JSON-LD: what a page's structured data says of licence and access.

Only statements about the page or its text count as the page's: ``license`` of an ImageObject is a
picture's, ``isAccessibleForFree`` of a museum is about its door. Data is read as sloppily as it is written (comments
and CDATA around it, raw line breaks, a semicolon behind it). What is no JSON even so grants nothing; but where it says
in plain letters that an article is not free, it is believed. Deeply nested data is passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

SCRIPT_LIMIT = 4_000_000
"""Characters of one script."""

SCRIPTS_LIMIT = 50
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


_BEFORE = re.compile(r"(?:\s++|<!--|/\*|\*/|//|<!\[CDATA\[)*+")
_AFTER = re.compile(r"(?:\s|-->|/\*|\*/|//|\]\]>|;)*+")
_SAID = re.compile(r'"(?:schema:|https?://schema\.org/)?isAccessibleForFree"\s*+:\s*+"?+([\w:/.]{1,40}+)')
_TYPE = re.compile(r'"@type"\s*+:\s*+\[?+\s*+"([\w:/.#]{1,80}+)"')
_SPELLINGS = ("", "schema:", "http://schema.org/", "https://schema.org/")
_DECODER = json.JSONDecoder(strict=False)


def json_ld_licences(scripts: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """(licence as written, whether it is of the page's text) for each ``license`` in the scripts."""
    for script in _speaking(scripts, "license"):
        for thing in _walk(_read(script), "license"):
            licence = _value(thing, "license")
            for each in licence if isinstance(licence, list) else [licence]:
                value = (each.get("@id") or each.get("url") or each.get("name")) if isinstance(each, dict) else each
                if isinstance(value, str) and value.strip():
                    yield value, bool(_types(thing) & TEXT_TYPES)


def json_ld_paywalls(scripts: Iterable[str]) -> Iterator[str]:
    """The value as written of each ``isAccessibleForFree`` that says no for the page's text."""
    for script in _speaking(scripts, "isAccessibleForFree"):
        data = _read(script)
        if data is None:
            types = frozenset(map(_type, _TYPE.findall(script)))
            values: Iterable[Any] = _SAID.findall(script) if types & _ACCESS_TYPES else ()
        else:
            things = (thing for thing in _walk(data, "isAccessibleForFree") if _types(thing) & _ACCESS_TYPES)
            values = (_value(thing, "isAccessibleForFree") for thing in things)
        yield from (f"isAccessibleForFree: {value}" for value in values if _denies(value))


def is_paid_item(types: str, value: str) -> bool:
    """Whether ``value`` of the microdata property ``isAccessibleForFree`` says no of an item that is a text."""
    return _denies(value) and bool(frozenset(map(_type, types.split())) & _ACCESS_TYPES)


def _denies(value: object) -> bool:
    return _type(str(value)) == "false"


def _type(name: str) -> str:
    """The last part of a name of schema.org: ``https://schema.org/NewsArticle``, ``schema:NewsArticle``."""
    return re.split(r"[/:#]", name.strip())[-1].lower()


def _types(thing: dict[str, Any]) -> frozenset[str]:
    kind = thing.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return frozenset(_type(each) for each in kinds if isinstance(each, str))


def _value(thing: dict[str, Any], key: str) -> Any:
    return next((thing[before + key] for before in _SPELLINGS if before + key in thing), None)


def _speaking(scripts: Iterable[str], key: str) -> Iterator[str]:
    """The scripts in which ``key`` stands, as far as they are read."""
    return (script for script in list(scripts)[:SCRIPTS_LIMIT] if key in script and len(script) <= SCRIPT_LIMIT)


def _read(script: str) -> Any:
    """The data in a script, None where it holds none that can be read."""
    begin = _BEFORE.match(script)
    try:
        data, end = _DECODER.raw_decode(script, begin.end() if begin else 0)
    except (ValueError, RecursionError):
        return None
    return data if _AFTER.fullmatch(script, end) else None


def _walk(data: Any, key: str) -> Iterator[dict[str, Any]]:
    """Objects at any depth that have ``key``, in document order."""
    waiting: list[tuple[Any, int]] = [(data, 0)]
    seen = 0
    while waiting and seen < OBJECTS_LIMIT:
        thing, depth = waiting.pop()
        seen += 1
        if isinstance(thing, dict):
            if any(before + key in thing for before in _SPELLINGS):
                yield thing
            children: list[Any] = [value for name, value in thing.items() if name not in _OF_OTHERS]
        elif isinstance(thing, list):
            children = thing
        else:
            continue
        if depth < DEPTH_LIMIT:
            waiting.extend((child, depth + 1) for child in reversed(children) if isinstance(child, dict | list))
