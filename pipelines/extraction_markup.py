"""What is mended in the markup before extraction, because afterwards it cannot be told apart any more.

A reading above a word is not text; a line that the author's editor wrapped inside a Japanese sentence is not a space.
Extractors drop the first only sometimes and keep the second always.
"""

from __future__ import annotations

import re

INDENT_MARK = "\ue3f0"
"""Stands for U+3000 at the head of a line while an extractor works, which would take it for a plain space."""

_JAPANESE = "\u3001-\u303f\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff"
"""Characters between which Japanese writes no space: kana, han, Japanese and full-width punctuation and letters."""

_INLINE_NAMES = "a|abbr|acronym|b|big|cite|code|em|font|i|ins|kbd|mark|rb|ruby|s|small|span|strong|sub|sup|tt|u|var"
_INLINE = rf"(?:</?(?:{_INLINE_NAMES})\b[^<>]{{0,2000}}>)*+"
_WRAPPED = re.compile(
    rf"([{_JAPANESE}])({_INLINE})[^\S\n\u3000]*+\n[^\S\u3000]*+({_INLINE})(?=[{_JAPANESE}])", re.IGNORECASE
)
_READING = re.compile(
    r"<(?:rt|rp|rtc)\b[^<>]{0,2000}>(?:[^<]|<(?!/?(?:rt|rp|rtc|rb|ruby)\b)){0,2000}+(?:</(?:rt|rp|rtc)\s*>)?+",
    re.IGNORECASE,
)
_INDENT = re.compile(r"(?<=[>\n])(\u3000{1,8}+)(?=[^\s<])")
_VERBATIM = re.compile(r"<(pre|textarea|script|style|title)\b", re.IGNORECASE)


def mend_markup(html: str) -> str:
    """The page without ruby readings, with wrapped Japanese lines joined and indents marked (`INDENT_MARK`)."""
    html = html.replace(INDENT_MARK, "").replace("\r\n", "\n").replace("\r", "\n")
    return "".join(part if verbatim else _mend(part) for part, verbatim in _split_verbatim(html))


def _mend(part: str) -> str:
    if "<rt" in part or "<RT" in part or "<rp" in part:
        part = _READING.sub("", part)
    if "\n" in part:
        part = _WRAPPED.sub(r"\1\2\3", part)
    if "\u3000" in part:
        part = _INDENT.sub(lambda match: INDENT_MARK * len(match[1]), part)
    return part


def _split_verbatim(html: str) -> list[tuple[str, bool]]:
    parts: list[tuple[str, bool]] = []
    position = 0
    lowered = html.lower() if len(html.lower()) == len(html) else html
    while opening := _VERBATIM.search(html, position):
        closing = lowered.find(f"</{opening[1].lower()}", opening.end())
        if closing < 0:
            break
        parts += [(html[position : opening.start()], False), (html[opening.start() : closing], True)]
        position = closing
    parts.append((html[position:], False))
    return parts
