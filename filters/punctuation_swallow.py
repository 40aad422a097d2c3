"""Punctuation as the published Swallow v1 code mends it, its slips included, for comparison."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from .edits import Edit

_BEFORE: Final = (
    "(?:[）」』］〕】〉》\u3041-\u3096\u30a1-\u30fa々〇〻\u3400-\u9fff\uf900-\ufaff]|[\ud840-\ud87f][\udc00-\udfff])"
)
"""kutoten.py, ``re_totens``: what must stand before a run of marks for the run to have a vote."""

_KEPT_BEFORE: Final = re.compile("[０-９^Ａ-Ｚａ-ｚ]")
"""kutoten.py, ``re_toten_target``: after these the first mark of a run stays (the ^ is a slip of that code)."""

MARKS: Final = (("，", "、"), ("．", "。"))


def published_punctuation_edits(text: str, states: Sequence[int], voting: Sequence[int] | None = None) -> list[Edit]:
    """The edits of ``kutoten.py`` to the first ``states[-1]`` characters of ``text``, in ascending order.

    ``states`` are the lengths the text has while its footer is cut, longest first. A mark is replaced if any
    of these states votes for it, as it would be were the text mended again after each cut; or only those in ``voting``,
    if given.
    """
    edits = [
        edit
        for western, japanese in MARKS
        if _any_vote(text, states if voting is None else voting, western, japanese)
        for edit in _replacements(text[: states[-1]], western, japanese)
    ]
    return sorted(edits, key=lambda edit: edit.position)


def _any_vote(text: str, states: Sequence[int], western: str, japanese: str) -> bool:
    if western not in text:
        return False
    votes, others = ([match.end() for match in re.finditer(f"{_BEFORE}{mark}+", text)] for mark in (western, japanese))
    return any(bisect_right(votes, length) > bisect_right(others, length) for length in states)


def _replacements(text: str, western: str, japanese: str) -> Iterator[Edit]:
    for run in re.finditer(f"{western}+", text):
        start, end = run.span()
        if start == 0 or _KEPT_BEFORE.match(text, start - 1):
            start += 1
        if start < end:
            yield Edit("punctuation", start, text[start:end], japanese * (end - start))
