"""The pieces a vocabulary may be made of: parts of words, never across two.

SentencePiece can be told word boundaries, but then finds only those pieces that are followed by different
characters inside a word, so most whole words are missing from its seeds. We count the seeds ourselves and
hand them over; it estimates their probabilities on the unmarked text and prunes them to the size asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

MAXIMUM_PIECE = 16
"""Characters of a piece: LLM-jp's length for languages other than Japanese, whose words are seldom that long."""

MAXIMUM_SEEDS = 1_000_000
"""SentencePiece's own default for the number of seeds."""


def seed_pieces(words: Mapping[str, int]) -> list[tuple[str, int]]:
    """Pieces of at least two characters with their weight (occurrences × length), heaviest first.

    ``words`` counts the words of the text, spaces before them included. Words seen once give no pieces, and
    a piece holds spaces only at its start, or nothing else.
    """
    counts: Counter[str] = Counter()
    for word, times in words.items():
        if times < 2 or "\t" in word:
            continue
        for start in range(len(word)):
            for end in range(start + 2, min(len(word), start + MAXIMUM_PIECE) + 1):
                counts[word[start:end]] += times
    weights = {piece: times * len(piece) for piece, times in counts.items() if " " not in piece.lstrip(" ")}
    return sorted(weights.items(), key=lambda seed: (-seed[1], seed[0]))[:MAXIMUM_SEEDS]


def seed_file(seeds: list[tuple[str, int]]) -> str:
    """The seeds as SentencePiece reads them: a piece and its weight a line, spaces as U+2581."""
    return "".join(f"{piece.replace(' ', '▁')}\t{weight}\n" for piece, weight in seeds)
