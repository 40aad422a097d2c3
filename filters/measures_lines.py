"""Optional measures of lines and runs of characters: ideas of HojiChar, BigScience and Gopher, on non-blank lines."""

from __future__ import annotations

import re

import numpy as np

from tesuki.common.code_points import code_points

from .ngrams import repeated_ngrams
from .repetition import share

SHORT_LINE = 10
"""Characters (HojiChar, DiscardTooShortLines): a menu entry, not a sentence."""

_BULLET = re.compile(r"\s*(?:[-*+•‣●○◯◎■□◆◇▪▫▶►▷★☆※・]|[0-9０-９]{1,3}[.)．）]|[①-⑳])")
_ELLIPSES = ("…", "‥", "...", "．．．", "・・・")
_GRAM = 5


def measure_lines(text: str) -> dict[str, float]:
    """Shares of lines of at most 10 characters, that end in an ellipsis, and that begin with a bullet or number."""
    lines = [stripped for line in text.splitlines() if (stripped := line.strip())]
    return {
        "short_line_share": share(sum(len(line) <= SHORT_LINE for line in lines), len(lines)),
        "ellipsis_line_share": share(sum(line.endswith(_ELLIPSES) for line in lines), len(lines)),
        "list_line_share": share(sum(_BULLET.match(line) is not None for line in lines), len(lines)),
    }


def measure_character_runs(text: str) -> dict[str, float]:
    """The longest run of one character that is not blank."""
    codes = code_points("\n".join(text.split()))
    starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])) if len(codes) else np.empty(0, np.intp)
    runs = np.diff(starts, append=len(codes))
    return {"longest_character_run": int(runs.max(initial=0))}


def measure_character_repetition(text: str) -> dict[str, float]:
    """The occurrences of the most frequent 5-grams, as many as the root of the number of different ones, as a
    share of all (BigScience's character repetition ratio, in HojiChar CharRepetitionRatioFilter)."""
    (ngrams,) = repeated_ngrams(code_points(text), _GRAM, _GRAM)
    frequent = np.sort(ngrams.frequencies)[::-1][: int(np.sqrt(ngrams.kinds))]
    return {"character_repetition": share(int(frequent.sum()), ngrams.windows)}
