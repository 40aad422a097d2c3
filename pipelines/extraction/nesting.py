"""How deep a page nests its elements, told from its tags without building a tree."""

from __future__ import annotations

import re

import numpy as np

_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)", re.IGNORECASE)

_VOID = "area base br col embed hr img input link meta param source track wbr"
_END_MAY_BE_LEFT_OUT = "p li dt dd td th tr thead tbody tfoot option optgroup colgroup rb rt rp rtc html head body"
_DO_NOT_NEST = frozenset(f"{_VOID} {_END_MAY_BE_LEFT_OUT}".split())
"""Void elements and those whose end tag may be left out (WHATWG HTML 13.1.2): an open one of these ends by itself."""


def deepest_nesting(html: str, bound: int) -> int:
    """The deepest nesting of elements that do not end by themselves; counting stops just beyond ``bound``.

    An estimate from above: an end tag closes one element of any name. Where all tags together, counted as if every one
    of them nested, stay within ``bound``, that count is the answer.
    """
    coarse = _nesting_of_all(html)
    return coarse if coarse <= bound else _nesting(html, bound)


def _nesting_of_all(html: str) -> int:
    data = np.frombuffer(html.encode("utf-8", "replace") + b" ", np.uint8)
    after = data[np.flatnonzero(data[:-1] == ord("<")) + 1]
    letter = (after | 0x20) - np.uint8(ord("a")) < 26
    steps = letter.astype(np.int32) - (after == ord("/"))
    depth = np.cumsum(steps)
    # An end tag without a start tag must not lend depth to what follows: measure from the lowest point so far.
    return int(np.max(depth - np.minimum(np.minimum.accumulate(depth), 0), initial=0))


def _nesting(html: str, bound: int) -> int:
    depth = deepest = 0
    for tag in _TAG.finditer(html):
        closing, name = tag.groups()
        if name.lower() in _DO_NOT_NEST:
            continue
        depth = max(depth - 1, 0) if closing else depth + 1
        deepest = max(deepest, depth)
        if deepest > bound:
            break
    return deepest
