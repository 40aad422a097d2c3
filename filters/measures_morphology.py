"""Optional measures that need a morphological analyser. They cost as much as all others."""

from __future__ import annotations

import re

from tesuki.common.morphology import words
from tesuki.common.scripts import JAPANESE_LETTERS

from .repetition import share
from .sentences import sentences

_NOT_WORDS = frozenset(("補助記号", "空白"))
_JAPANESE = re.compile(f"[{JAPANESE_LETTERS}]")

_PREDICATES = frozenset(("動詞", "形容詞", "助動詞"))
"""UniDic's parts of speech one of which a sentence with a predicate has; だ and です are 助動詞."""


def measure_morphology(text: str) -> dict[str, float]:
    """Shares of nouns and of words unknown to UniDic, punctuation aside, and of sentences without a predicate."""
    total = nouns = japanese = unknown = without_predicate = 0
    found = [sentence for line in text.splitlines() for sentence in sentences(line)]
    for sentence in found:
        parts = []
        for word in words(sentence):
            if word.part_of_speech not in _NOT_WORDS:
                parts.append(word.part_of_speech)
                if _JAPANESE.search(word.surface):
                    japanese += 1
                    unknown += word.unknown
        total += len(parts)
        nouns += parts.count("名詞")
        without_predicate += _PREDICATES.isdisjoint(parts)
    return {
        "noun_share": share(nouns, total),
        "unknown_word_share": share(unknown, japanese),
        "sentences_without_predicate": share(without_predicate, len(found)),
    }
