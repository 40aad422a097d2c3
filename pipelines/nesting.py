"""How deep a page nests its elements, told from its tags without building a tree."""

from __future__ import annotations

import re

_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)", re.IGNORECASE)

_VOID = "area base br col embed hr img input link meta param source track wbr"
_END_MAY_BE_LEFT_OUT = "p li dt dd td th tr thead tbody tfoot option optgroup colgroup rb rt rp rtc html head body"
_DO_NOT_NEST = frozenset(f"{_VOID} {_END_MAY_BE_LEFT_OUT}".split())
"""Void elements and those whose end tag may be left out (WHATWG HTML 13.1.2): an open one of these ends by itself."""


def deepest_nesting(html: str, bound: int) -> int:
    """The deepest nesting of elements that do not end by themselves; counting stops just beyond ``bound``.

    An estimate from above: an end tag closes one element of any name.
    """
    if html.count("<") <= bound:
        return 0
    depth = deepest = 0
    for closing, name in _TAG.findall(html):
        if name.lower() in _DO_NOT_NEST:
            continue
        depth = max(depth - 1, 0) if closing else depth + 1
        deepest = max(deepest, depth)
        if deepest > bound:
            break
    return deepest
