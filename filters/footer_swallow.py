"""Footers as the published Swallow v1 code cuts them: to the end of the text from a line full of footer words."""

from __future__ import annotations

from pathlib import Path
from typing import Final

LAST_LINES: Final = 10
LARGEST_SHARE: Final = 0.3
"""footer.py, ``apply``: of the last 10 lines the first with more than 0.3 of its letters in footer words."""

FOOTER_WORDS: Final = tuple(
    Path(__file__).with_name("footer_words_swallow.txt").read_text(encoding="utf-8").splitlines()
)
"""footer.py of swallow-llm/swallow-corpus (N. Okazaki, MIT licence), longest first as that code takes them
out; words of one length stand in order of code points, where that code has no fixed order."""


def is_published_footer(line: str) -> bool:
    """Whether footer words, taken out one after the other, make up more than 0.3 of the line's letters."""
    rest = line
    for word in FOOTER_WORDS:
        rest = rest.replace(word, "")
    return len(line) - len(rest) > LARGEST_SHARE * len(line) if line else False


def published_states(text: str) -> list[int]:
    """The lengths of a text while its footer is cut, first the whole.

    The published code cuts once: the second length, where there is one, is its result. Done again to that
    result it may cut more; the last length is the one at which it leaves the text alone.
    """
    lines = text.split("\n")
    states = [len(text)]
    judged: dict[int, bool] = {}
    size = len(lines)
    while True:
        window = range(max(0, size - LAST_LINES), size)
        for index in window:
            if index not in judged:
                judged[index] = is_published_footer(lines[index])
        cut = next((index for index in window if judged[index]), None)
        if cut is None:
            return states
        states.append(max(states[-1] - sum(len(line) + 1 for line in lines[cut:size]), 0))
        size = cut
