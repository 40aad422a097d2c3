"""Sentences of Japanese text, cut where a reader would: not inside quotations, numbers and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tesuki.common.scripts import JAPANESE_LETTERS

from .decimals import begins_decimal

LONGEST_QUOTATION = 100
"""Characters of a quotation taken whole. Our choice: one utterance fits, a monologue is cut at its full
stops."""

_CLOSING = "」』）)】〉》”’"
_MARK = re.compile(
    rf"(?:https?|ftp)://[!-~]+|「[^「」\n]{{0,{LONGEST_QUOTATION}}}」|『[^『』\n]{{0,{LONGEST_QUOTATION}}}』"
    rf"|“[^“”\n]{{0,{LONGEST_QUOTATION}}}”|（[^（）\n]{{0,{LONGEST_QUOTATION}}}）"
    rf"|(?P<end>[。｡．！？!?.]+)[{_CLOSING}]*"
)
"""What holds marks that end nothing, or a run of marks and the brackets it closes."""

_JAPANESE_OR_CLOSING = re.compile(rf"[{JAPANESE_LETTERS}{_CLOSING}]")
_ENDS = tuple("。｡．！？!?…‥")
_LATIN_STOP = re.compile(rf"[{JAPANESE_LETTERS}{_CLOSING}]\.\Z")
_HALF_WIDTH = frozenset("!?")
_CARRIED_ON = re.compile("[とっのはもがをにで、，]")
_ALPHANUMERIC = re.compile("[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]")


def sentences(line: str) -> list[str]:
    """The sentences of one line, each with its closing marks, without blanks at its ends; none of a blank
    line."""
    pieces = (line[start:end].strip() for start, end in _spans(line))
    return [piece for piece in pieces if piece]


def is_whole(sentence: str) -> bool:
    """Whether a sentence ends: with a closing mark, an ellipsis or a quotation, as headings and labels do not."""
    bare = sentence.rstrip(_CLOSING)
    return bare.endswith(_ENDS) or sentence.endswith(("」", "』")) or _LATIN_STOP.search(bare) is not None


def _spans(line: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _MARK.finditer(line):
        marks = match["end"]
        if marks and _ends_a_sentence(line, match.start(), match.end(), marks):
            yield start, match.end()
            start = match.end()
    yield start, len(line)


def _ends_a_sentence(line: str, start: int, end: int, marks: str) -> bool:
    """Whether marks and brackets from ``start`` to ``end`` close a sentence.

    Not before a particle that carries it on (「…。」と言った); half-width ! and ? after Japanese only, and . only
    where a blank or nothing follows it there; ．neither in numbers nor after the number of a heading.
    """
    if end - start > len(marks) and _CARRIED_ON.match(line, end):
        return False
    kinds = set(marks)
    if kinds <= _HALF_WIDTH:
        return start > 0 and _JAPANESE_OR_CLOSING.match(line, start - 1) is not None
    if kinds == {"."}:
        follows = line[end : end + 1]
        return start > 0 and _JAPANESE_OR_CLOSING.match(line, start - 1) is not None and not follows.strip()
    if kinds == {"．"}:
        numbered = start > 0 and _ALPHANUMERIC.match(line, start - 1) is not None
        return not (numbered and end < len(line)) and not begins_decimal(line, start, end)
    return True
