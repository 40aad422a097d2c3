"""What is mended in the markup before extraction, because afterwards it cannot be told apart any more.

A reading above a word is not text; a line that the author's editor wrapped inside a Japanese sentence is not a space.
Extractors drop the first only sometimes and keep the second always; of a line with ``<ruby>`` Trafilatura drops what
follows. For the extractors that stand beside our own reading, which needs none of this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

INDENT_MARK = "\u10fb"
"""Stands for U+3000 at the head of a line while an extractor works, which would take it for a plain space. It must be a
printable character, private ones are thrown away; this one, Georgian's paragraph mark, no Japanese page needs."""

TAG_CHARACTERS = 2_000
"""Longest tag looked at, so that a page of open angle brackets costs no more than any other."""

_JAPANESE = re.compile("[\u3001-\u303f\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff]")
"""Characters between which Japanese writes no space: kana, han, Japanese and full-width punctuation and letters."""

_INLINE_NAMES = "a|abbr|acronym|b|big|cite|code|em|font|i|ins|kbd|mark|rb|ruby|s|small|span|strong|sub|sup|tt|u|var"
_INLINE = rf"</?(?:{_INLINE_NAMES})\b[^<>]{{0,{TAG_CHARACTERS}}}>"
_INLINE_TAG = re.compile(_INLINE, re.IGNORECASE)
_LINE_HEAD = re.compile(rf"\n[ \t]*+((?:{_INLINE})*+)(?={_JAPANESE.pattern})", re.IGNORECASE)
_READING = re.compile(
    rf"<(?:rt|rp|rtc)\b[^<>]{{0,{TAG_CHARACTERS}}}>(?:[^<]|<(?!/?(?:rt|rp|rtc|rb|ruby)\b)){{0,{TAG_CHARACTERS}}}+"
    r"(?:</(?:rt|rp|rtc)\s*>)?+",
    re.IGNORECASE,
)
_RUBY = re.compile(rf"</?(?:ruby|rb)\b[^<>]{{0,{TAG_CHARACTERS}}}>", re.IGNORECASE)
_INDENT = re.compile("\u3000{1,8}+(?=[^\\s<])")
_VERBATIM = re.compile(r"<(pre|textarea|script|style|title)\b", re.IGNORECASE)
_END = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("pre", "textarea", "script", "style", "title")}


def mend_markup(html: str) -> str:
    """The page without ruby (readings and the tags around what they stand above), with lines joined, indents marked.

    Two lines are joined where the last character of the one and the first of the other are Japanese with nothing but
    inline tags on one side of the break between them: tags on both sides are two links, not one sentence.
    """
    html = html.replace(INDENT_MARK, "")
    if "\r" in html:
        html = html.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(part if verbatim else _mend(part) for part, verbatim in _split_verbatim(html))


def _mend(part: str) -> str:
    if "<rt" in part or "<RT" in part or "<rp" in part:
        part = _READING.sub("", part)
    if "<r" in part or "<R" in part:
        part = _RUBY.sub("", part)
    if "\n" in part:
        part = "".join(_joined(part))
    if "\u3000" in part:
        part = _INDENT.sub(_marked, part)
    return part


def _joined(part: str) -> Iterator[str]:
    position = 0
    for head in _LINE_HEAD.finditer(part):
        end = _line_end(part, head.start(), tags_allowed=not head[1])
        if end > position:
            yield part[position:end]
            position = head.start(1)
    yield part[position:]


def _line_end(part: str, newline: int, *, tags_allowed: bool) -> int:
    """Where the line before ``newline`` ends without its trailing blanks, if it ends in Japanese; else 0."""
    end = newline
    while end and part[end - 1] in " \t":
        end -= 1
    last = end - 1
    while tags_allowed and last > 0 and part[last] == ">":
        opening = part.rfind("<", max(0, last - TAG_CHARACTERS), last)
        tag = _INLINE_TAG.match(part, opening) if opening >= 0 else None
        if not tag or tag.end() != last + 1:
            return 0
        last = opening - 1
    return end if last >= 0 and _JAPANESE.match(part[last]) else 0


def _marked(indent: re.Match[str]) -> str:
    before = indent.string[indent.start() - 1 : indent.start()]
    return INDENT_MARK * len(indent[0]) if before in ("", ">", "\n") else indent[0]


def _split_verbatim(html: str) -> Iterator[tuple[str, bool]]:
    position = 0
    while opening := _VERBATIM.search(html, position):
        closing = _END[opening[1].lower()].search(html, opening.end())
        if not closing:
            break
        yield html[position : opening.start()], False
        yield html[opening.start() : closing.start()], True
        position = closing.start()
    yield html[position:], False
