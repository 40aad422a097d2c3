"""Western full-width punctuation ，． in Japanese text to 、。 by vote over the document.

The rule is the paper's (NLP2024, appendix C): where ， outnumbers 、 in a document, ， becomes 、 except
right after a letter of the alphabet or a digit, full- or half-width; ． and 。 are voted on apart. Ours goes one step
further, or a document stays mixed: after a Latin word ， changes too where Japanese follows it. Runs and
decimals stay whole, and what is not Japanese prose (lines without kana or kanji, code between backquotes,
formulas) is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tesuki.common.scripts import JAPANESE_LETTERS

from .decimals import begins_decimal
from .edits import Edit

MARKS: Final = (("，", "、"), ("．", "。"))
"""Each western mark with the Japanese one that takes its place."""

_JAPANESE = re.compile(f"[{JAPANESE_LETTERS}]")
"""A kana or a kanji: Unicode 15.1's blocks, the supplementary ideographic planes included."""

_ALPHANUMERIC = re.compile("[0-9A-Za-z０-９Ａ-Ｚａ-ｚ\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff]")
"""Digits and the letters of the Latin, Greek and Cyrillic alphabets."""

_CODE = re.compile(r"`[^`\n]*`")

_CALL = re.compile(r"[0-9A-Za-z_]\([^()\s]{0,40}\)\Z")
"""A function and its arguments, as in f(x)，g(x)."""

_LONGEST_CALL = 43
"""Characters `_CALL` can span: a letter, 40 of arguments and the brackets."""


def punctuation_edits(text: str) -> list[Edit]:
    """The edits that bring the western marks the vote is against to their Japanese form, in ascending
    order."""
    edits = [
        edit
        for western, japanese in MARKS
        if text.count(western) > text.count(japanese)
        for edit in _replacements(text, western, japanese)
    ]
    return sorted(edits, key=lambda edit: edit.position)


def _replacements(text: str, western: str, japanese: str) -> Iterator[Edit]:
    spans = _CODE.finditer(text)
    code = next(spans, None)
    line_end = -1
    prose = False
    for run in re.finditer(re.escape(western) + "+", text):
        start, end = run.span()
        if start > line_end:
            line_start, line_end = _line_around(text, start)
            prose = _JAPANESE.search(text, line_start, line_end) is not None
        while code and code.end() <= start:
            code = next(spans, None)
        if prose and not (code and code.start() < start) and not _protected(text, western, start, end):
            yield Edit("punctuation", start, run.group(), japanese * (end - start))


def _line_around(text: str, position: int) -> tuple[int, int]:
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    return start, end if end >= 0 else len(text)


def _protected(text: str, western: str, start: int, end: int) -> bool:
    """Whether the run of marks at ``start`` belongs to a word, a number or a formula."""
    before = text[start - 1 : start]
    after = text[end : end + 1]
    if _ALPHANUMERIC.match(before):
        return western != "，" or _JAPANESE.match(after) is None
    if western == "．" and begins_decimal(text, start, end):
        return True
    call = before == ")" and _CALL.search(text, max(0, start - _LONGEST_CALL), start)
    return bool(call and _ALPHANUMERIC.match(after))
