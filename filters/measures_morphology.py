"""Optional measures that need a morphological analyser: fugashi with UniDic. They cost as much as all
others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from .repetition import share
from .sentences import sentences

_NOT_WORDS = frozenset(("補助記号", "空白"))
_JAPANESE = re.compile("[ぁ-ヿ㐀-鿿豈-﫿ｦ-ﾟ々〇〻\U00020000-\U000323af]")
LONGEST_PIECE = 10_000
"""Characters given to the analyser at a time: it holds all readings of what it is given at once, some 2 kB a
character. Our choice; only text without any full stop is cut, and one word in it at most."""

_PREDICATES = frozenset(("動詞", "形容詞", "助動詞"))
"""UniDic's parts of speech one of which a sentence with a predicate has; だ and です are 助動詞."""


def measure_morphology(text: str) -> dict[str, float]:
    """Shares of nouns and of words unknown to UniDic, punctuation aside, and of sentences without a
    predicate."""
    words = nouns = japanese = unknown = without_predicate = 0
    found = [sentence for line in text.splitlines() for sentence in sentences(line)]
    for sentence in found:
        parts = []
        for node in _nodes(_printable(sentence)):
            part = node.feature.pos1
            if part not in _NOT_WORDS:
                parts.append(part)
                if _JAPANESE.search(node.surface):
                    japanese += 1
                    unknown += bool(node.is_unk)
        words += len(parts)
        nouns += parts.count("名詞")
        without_predicate += _PREDICATES.isdisjoint(parts)
    return {
        "noun_share": share(nouns, words),
        "unknown_word_share": share(unknown, japanese),
        "sentences_without_predicate": share(without_predicate, len(found)),
    }


def _nodes(sentence: str) -> Iterator[Any]:
    for start in range(0, len(sentence), LONGEST_PIECE):
        yield from _tagger()(sentence[start : start + LONGEST_PIECE])


@lru_cache(maxsize=1)
def _tagger() -> Any:
    # Imported here, because a dictionary of 250 MB is opened: only a recipe with such a rule pays for it.
    import fugashi
    import unidic_lite

    return fugashi.Tagger(f'-r "{unidic_lite.DICDIR}/mecabrc" -d "{unidic_lite.DICDIR}"')


def _printable(sentence: str) -> str:
    """The analyser reads C strings of UTF-8: no NUL, no lone surrogates."""
    return sentence.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
