"""When a page says it was published: htmldate's steps in its fast mode, called lean, with its answers.

What is spared: the copy of the tree, which nobody needs afterwards, and the searches through the page's source whose
answer a shorter one gives. The plain call stands beside it in the tests, over every page there is. These are functions
inside htmldate, so it is pinned to one version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from htmldate.core import (
    ALWAYS_TAGS,
    CLASS_CUES,
    ID_CLASS_CUES,
    TIMESTAMP_LOOSE_PATTERN,
    TIMESTAMP_PATTERN,
    examine_abbr_elements,
    examine_elements,
    examine_header,
    examine_time_elements,
    serialize,
)
from htmldate.extractors import (
    FAST_TAGS,
    discard_unwanted,
    extract_url_date,
    idiosyncrasies_search,
    img_search,
    json_search,
    pattern_search,
)
from htmldate.settings import CLEANING_LIST
from htmldate.utils import Extractor, clean_html
from htmldate.validators import get_max_date, get_min_date

_OTHER_DATE: Final = re.compile(r"[0-9][./][0-9]{1,2}[./][0-9]{2}")
"""What every date that `idiosyncrasies_search` finds has in it."""

_BANNERS: Final = frozenset({"wm-ipp-base", "wm-ipp"})
"""What `discard_unwanted` takes away, by ``id``."""

_IN_A_DATE: Final = "-0123456789"


def published(tree: Any, address: str | None, latest: str) -> str:
    """The date (``YYYY-MM-DD``, none after ``latest``) a page gives for itself, or ``""``; ``tree`` is used up.

    As ``find_date(tree, original_date=True, extensive_search=False, max_date=latest, url=address)``.
    """
    options = Extractor(False, get_max_date(latest), get_min_date(None), True, "%Y-%m-%d")
    if address is None:
        canonical = tree.find('.//link[@rel="canonical"]')
        address = None if canonical is None else canonical.get("href")
    found = (
        extract_url_date(address, options)
        or examine_header(tree, options)
        or json_search(tree, options)
        or examine_abbr_elements(tree, options)
    )
    return found or _of_elements(tree, options) or _of_source(tree, options) or ""


def _of_elements(tree: Any, options: Any) -> str | None:
    try:
        clean_html(tree, CLEANING_LIST)
        if any(element.get("id") in _BANNERS for element in tree.iter("div")):
            discard_unwanted(tree)
    except ValueError:  # as htmldate itself: lxml refuses to join text that has control characters
        pass
    found: str | None = (
        examine_elements(list(_candidates(tree)), options)
        or examine_elements(list(tree.iterdescendants("title", "h1")), options)
        or examine_time_elements(tree, options)
    )
    return found


def _of_source(tree: Any, options: Any) -> str | None:
    source = serialize(tree)
    has_day = TIMESTAMP_LOOSE_PATTERN.search(source)
    found: str | None = (
        (pattern_search(source, TIMESTAMP_PATTERN, options) if has_day else None)
        or img_search(tree, options)
        or (idiosyncrasies_search(source, options) if _OTHER_DATE.search(source) else None)
    )
    if found:
        return found
    # A day in the text stands in the source, unless what stood within it goes.
    if not has_day and not any(_may_join(element) for element in tree.iter("script", "style")):
        return None
    clean_html(tree, ["script", "style"])
    return pattern_search(" ".join(tree.itertext()), TIMESTAMP_LOOSE_PATTERN, options)


def _candidates(tree: Any) -> Iterator[Any]:
    for element in tree.iterdescendants(*FAST_TAGS, *ALWAYS_TAGS):
        if element.tag in ALWAYS_TAGS:
            yield element
            continue
        first = itemprop = names = place = None
        for key, value in element.items():
            if key == "itemprop":
                itemprop = value
            elif key == "class":
                names = value
                first = value if first is None else first
            elif key == "id":
                place = value
                first = value if first is None else first
        if (
            (first is not None and _is_cue(first, names))
            or (itemprop is not None and _names_a_date(itemprop))
            or (place is not None and "footer-info-lastmod" in place)
        ):
            yield element


@lru_cache(maxsize=4096)
def _is_cue(first: str, names: str | None) -> bool:
    return bool(_names_a_date(first) or ID_CLASS_CUES.search(first) or (names is not None and CLASS_CUES.search(names)))


def _names_a_date(value: str) -> bool:
    folded = value.replace("D", "d")
    return "date" in folded or "datum" in folded


def _may_join(element: Any) -> bool:
    return bool(element.tail) and element.tail[0] in _IN_A_DATE
