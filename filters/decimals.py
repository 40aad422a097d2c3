"""Where a full-width ． belongs to a number and not to a sentence."""

from __future__ import annotations

import re

_DIGIT = re.compile("[0-9０-９]")

_NEVER_ENDS_A_SENTENCE = frozenset("はがをにのともでやへ、，（(「『=＝<>＜＞+-±＋－−×÷/／:：~～ 　")
"""Before ．３ these say that a decimal begins: particles, opening brackets and operators close no sentence."""


def begins_decimal(text: str, start: int, end: int) -> bool:
    """Whether the ． from ``start`` to ``end`` opens a decimal without its zero, as in 差は．３."""
    before = text[start - 1 : start]
    return _DIGIT.match(text, end) is not None and (not before or before in _NEVER_ENDS_A_SENTENCE)
