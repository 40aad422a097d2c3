"""Fertility: how many tokens a tokenizer spends on a character of text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from .tokenizers import Tokenizer


@dataclass(frozen=True, slots=True)
class Fertility:
    """What a tokenizer makes of some text, BOS and EOS not counted.

    ``bytes`` are the UTF-8 bytes: the tokens of a tokenizer that knows only bytes, the baseline.
    """

    documents: int = 0
    characters: int = 0
    bytes: int = 0
    tokens: int = 0

    @property
    def tokens_a_character(self) -> Fraction:
        """0 where there is no text."""
        return Fraction(self.tokens, self.characters or 1)

    @property
    def bytes_a_character(self) -> Fraction:
        """What the byte-level baseline spends on a character."""
        return Fraction(self.bytes, self.characters or 1)

    def __add__(self, other: Fertility) -> Fertility:
        return Fertility(
            self.documents + other.documents,
            self.characters + other.characters,
            self.bytes + other.bytes,
            self.tokens + other.tokens,
        )


def fertility_of(tokenizer: Tokenizer, texts: Iterable[str]) -> Fertility:
    """The fertility of ``tokenizer`` over ``texts``, one document each."""
    documents = characters = size = tokens = 0
    for text in texts:
        documents += 1
        characters += len(text)
        size += len(text.encode())
        tokens += int(tokenizer.encode(text).size)
    return Fertility(documents, characters, size, tokens)
