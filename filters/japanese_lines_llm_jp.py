"""Mending as LLM-jp v1 does it: lines without kana go, addresses and long runs of ASCII too, and lines become one.

llm-jp/llm-jp-corpus, scripts/filters.py, ``extract_japanese_text``, its loss included: an address swallows the Japanese
that follows it without a blank, since letters of any script may stand in one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .edits import Edit

_KANA = re.compile(
    "[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u32d0-\u32fe\u3300-\u3357\uff66-\uff6f\uff71-\uff9d"
    "\U0001aff0-\U0001aff3\U0001aff5-\U0001affb\U0001affd-\U0001affe\U0001b000-\U0001b122\U0001b132"
    "\U0001b150-\U0001b152\U0001b155\U0001b164-\U0001b167\U0001f200]"
)
"""Unicode's scripts Hiragana and Katakana, and ー."""

_ADDRESS = re.compile(r"https?://[\w/:%#$&?()~.=+-]+")
_ASCII = re.compile("[\\x00-\\x7f]{100,}")


def extracted(text: str, kept: Sequence[int]) -> list[int]:
    """Of the characters of ``text`` at ``kept`` those that one pass of the published code leaves."""
    left: list[int] = []
    lines: list[list[int]] = [[]]
    for at in kept:
        if text[at] == "\n":
            lines.append([])
        else:
            lines[-1].append(at)
    for line in lines:
        if _KANA.search(_joined(text, line)):
            left += _without(_ASCII, text, _without(_ADDRESS, text, line))
    return left


def extracted_until_stable(text: str) -> list[int]:
    """The same done again until nothing more goes."""
    kept = extracted(text, range(len(text)))
    while (fewer := extracted(text, kept)) != kept:
        kept = fewer
    return kept


def removals(text: str, kept: Sequence[int]) -> list[Edit]:
    """The edits that leave of ``text`` the characters at ``kept``."""
    edits: list[Edit] = []
    end = 0
    for at in (*kept, len(text)):
        if at > end:
            edits.append(Edit("line", end, text[end:at], ""))
        end = at + 1
    return edits


def _without(pattern: re.Pattern[str], text: str, line: list[int]) -> list[int]:
    left: list[int] = []
    end = 0
    for match in pattern.finditer(_joined(text, line)):
        left += line[end : match.start()]
        end = match.end()
    return left + line[end:]


def _joined(text: str, kept: Sequence[int]) -> str:
    return "".join(text[at] for at in kept)
