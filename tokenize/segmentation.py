"""Words of a text, for tokenizer training: pieces must not cross the boundary of a dictionary word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import fugashi
import unidic_lite

_JAPANESE = re.compile(r"[ぁ-ゖァ-ヺ々〆\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_OTHER_WORD = re.compile(r" *[^ ]+| +$")
_MAXIMUM_LINE = 8192
"""Characters handed to MeCab at once: it analyses a line as one lattice, and pages hold lines of
megabytes."""


class WordSegmenter:
    """MeCab with UniDic (the edition of the PyPI package unidic-lite, whatever else is installed)."""

    def __init__(self) -> None:
        dictionary = unidic_lite.DICDIR
        self._tagger = fugashi.GenericTagger(f'-r "{dictionary}/dicrc" -d "{dictionary}"')

    def words(self, line: str) -> list[str]:
        """The words of one line, each with the white space before it; joined they are the line.

        Lines without Japanese are parted at spaces. Only white space at the end of a Japanese line is lost,
        and NUL, at which MeCab would stop reading.
        """
        if not _JAPANESE.search(line):
            return _OTHER_WORD.findall(line)
        line = line.replace("\0", "")
        pieces = (line[start : start + _MAXIMUM_LINE] for start in range(0, len(line), _MAXIMUM_LINE))
        return [word.white_space + word.surface for piece in pieces for word in self._tagger(piece)]


def count_words(texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs in ``texts``."""
    segmenter = WordSegmenter()
    counts: Counter[str] = Counter()
    for text in texts:
        for line in text.splitlines():
            counts.update(segmenter.words(line))
    return counts
