"""Two lines of one paragraph as one."""

from __future__ import annotations

import re

from tesuki.common.scripts import JAPANESE_LETTERS

_LATIN = re.compile(r"[^\s　-〿぀-ヿ㐀-鿿豈-﫿＀-｠￠-￦\U00020000-\U0003ffff]")
_HYPHEN = re.compile(r"[a-z][-‐]$")
_JAPANESE = re.compile(f"[{JAPANESE_LETTERS}]")
_AROUND = 20


def join(one: str, other: str) -> str:
    """Two lines of one paragraph as one: a Latin word is mended at its hyphen, words get a space, Japanese none, nor a
    number within Japanese.
    """
    if _HYPHEN.search(one) and other[:1].islower():
        return one[:-1] + other
    if one[-1:].isdigit() and other[:1].isdigit() and _JAPANESE.search(one[-_AROUND:] + other[:_AROUND]):
        return one + other
    between = " " if _LATIN.match(one[-1:]) and _LATIN.match(other[:1]) else ""
    return one + between + other
