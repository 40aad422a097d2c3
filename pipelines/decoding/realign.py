"""Runs of byte pairs with one byte too many or too few: which byte to leave out so that the rest reads right."""

from __future__ import annotations

from itertools import accumulate

_KANA_AND_PUNCTUATION, _FIRST_LEVEL, _SECOND_LEVEL, _NOTHING = 3, 1, -1, -3
"""How likely a pair is in Japanese text by the row of JIS X 0208 it lies in: rows 1, 4 and 5 are two in three
characters; kanji of the first level (rows 16 to 47) nearly all the rest; those of the second (48 to 84) are rare; the
other rows hold other scripts, vendors' signs or nothing."""


def _weight(lead: int) -> int:
    if lead in (0xA1, 0xA4, 0xA5):
        return _KANA_AND_PUNCTUATION
    if 0xB0 <= lead <= 0xCF:
        return _FIRST_LEVEL
    return _SECOND_LEVEL if 0xD0 <= lead <= 0xF4 else _NOTHING


_WEIGHTS = tuple(_weight(lead) for lead in range(0x100))


def realigned(run: bytes) -> tuple[bytes, int]:
    """A run of EUC-JP pairs (bytes A1 to FE) of even length, and how many bytes were left out for it: 0 or 1.

    A byte that strayed in, or lost its fellow, shifts every pair after it: kana become rare kanji to the end of the
    run. Of all bytes the one is left out that makes most pairs begin as Japanese text does.
    """
    if len(run) % 2 == 0:
        return run, 0
    # Without byte i, pairs begin at the even places before i and at the odd places behind it.
    weights = [_WEIGHTS[byte] for byte in run]
    before = list(accumulate((weight * (place % 2 == 0) for place, weight in enumerate(weights)), initial=0))
    behind = list(accumulate((weight * (place % 2 == 1) for place, weight in enumerate(weights)), initial=0))
    out = max(range(len(run)), key=lambda place: before[place] + behind[-1] - behind[place + 1])
    return run[:out] + run[out + 1 :], 1
