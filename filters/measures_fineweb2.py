"""The measures of FineWeb-2's filters as huggingface/datatrove 0.4.0 states them, over words of UniDic.

Gopher's repetition and quality and FineWeb's own (gopher_repetition_filter.py, gopher_quality_filter.py,
fineweb_quality_filter.py). The published words are Sudachi's short units, by way of spaCy; ours are UniDic's, which are
cut by the same standard. docs/quality-rules.md says how many verdicts that changes. Where that code stops with an
exception (a text without words) shares are 0, and the text has too few words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from tesuki.common.morphology import words

from .repetition import repeats, share

TOP: Final = (2, 3, 4)
DUPLICATE: Final = (5, 6, 7, 8, 9, 10)

STOP_WORDS: Final = frozenset(
    ("の", "に", "を", "は", "た", "て", "が", "と", "で", "年", "し", "・", "月", "れ", "さ")
)
"""huggingface/fineweb-2, configs/jpn_Jpan.yml, stopwords."""

ENDS: Final = tuple("。．！？｡.!?‼⁇⁈⁉‽﹒﹖﹗")
"""Those of datatrove's TERMINAL_PUNCTUATION (Unicode's Sentence_Terminal) that Japanese text has."""

SIGNS: Final = frozenset(
    "!/—”:％１〈&(、━\\【#%「」，】；+^]~“《„';’{|∶´[=-`*．（–？！：$～«〉,><》)?）。…@_.\"}►»"
).union(ENDS, map(chr, (*range(9), *range(11, 13), *range(13, 32), *range(127, 160))))
"""Characters of which words are made that are none: datatrove's PUNCTUATION_SET, ``１`` included."""

_LINES: Final = re.compile("\n+")


def unidic_words(text: str) -> list[str]:
    """The surfaces of the words of a text; white space is none."""
    return [word.surface for line in text.splitlines() for word in words(line) if word.surface.strip()]


def measure_fineweb2(text: str, split: Callable[[str], list[str]] = unidic_words) -> dict[str, float]:
    """All measures; those of words by ``split``."""
    return measure_words(text, split(text)) | measure_lines(text)


def measure_words(text: str, found: Sequence[str]) -> dict[str, float]:
    """Counts and shares of the words ``found`` in ``text``, and the characters in repeated n-grams of them."""
    written = [word for word in found if any(character not in SIGNS for character in word)]
    alphabetic = sum(any(map(str.isalpha, word)) for word in found)
    measures: dict[str, float] = {
        "words": len(written),
        "mean_word": share(sum(map(len, written)), len(written)),
        "hash_share": share(text.count("#"), len(found)),
        "ellipses_per_word": share(text.count("...") + text.count("…"), len(found)),
        "alphabetic_word_share": share(alphabetic, len(found)),
        "stop_words": sum(word in STOP_WORDS for word in found),
        "lines_per_word": share(text.count("\n"), len(found)),
    }
    for n in TOP:
        measures[f"top_{n}_words"] = share(_top(found, n), len(text))
    for n in DUPLICATE:
        measures[f"duplicate_{n}_words"] = share(_duplicate(found, n), len(text))
    return measures


def measure_lines(text: str) -> dict[str, float]:
    """Shares of lines that end, that begin with a bullet, that trail off, and that another line has said before."""
    lines = text.splitlines()
    bare = [line for line in text.split("\n") if line.strip()]
    split = _LINES.split(text)
    ended = share(sum(line.endswith(ENDS) for line in bare), len(bare))
    return {
        "ended_line_share": ended,
        "duplicate_line_share": share(repeats(split)[0], len(split)),
        "duplicate_line_characters": share(repeats(bare)[1], len(text.replace("\n", ""))),
        "bullet_line_share": share(sum(line.lstrip().startswith(("•", "-")) for line in lines), len(lines)),
        "trailing_line_share": share(sum(line.rstrip().endswith(("...", "…")) for line in lines), len(lines)),
    }


def _top(found: Sequence[str], n: int) -> int:
    """Characters of the most frequent n-gram, with blanks between its words, for each time it stands there; of several
    that are as frequent the first."""
    if len(found) < n:
        return 0
    gram, times = Counter(" ".join(found[i : i + n]) for i in range(len(found) - n + 1)).most_common(1)[0]
    return len(gram) * times


def _duplicate(found: Sequence[str], n: int) -> int:
    """Characters in n-grams that have stood before; the search goes on behind each."""
    seen: set[str] = set()
    repeated = at = 0
    while at < len(found) - n + 1:
        gram = "".join(found[at : at + n])
        if gram in seen:
            repeated += len(gram)
            at += n
        else:
            seen.add(gram)
            at += 1
    return repeated
