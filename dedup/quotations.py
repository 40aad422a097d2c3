"""Passages of test questions within long texts: spans that share most of a question's n-grams.

Whole near-duplicates miss a question that a page quotes. The published decontaminators look for spans instead: GPT-3
(Brown et al. 2020, appendix C) for 13 words in a row, PaLM (Chowdhery et al. 2022, section 8) for 70 percent of a
question's 8-grams, Tülu 3 (Lambert et al. 2024, section 3.2) for half of its tokens in 8-grams. Here n-grams are of
letters and digits, because Japanese has no spaces to count words by.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from tesuki.common.code_points import UNICODE_SIZE, code_points

from .mixing import random_words

Positions = npt.NDArray[np.int64]

_STREAM = 7
"""The stream of fixed random words that n-grams are hashed with here."""


@dataclass(frozen=True, slots=True)
class QuotationRule:
    """What a quotation is.

    ``n`` letters in a row are compared; matches no further apart than ``gap`` letters belong together; together they
    must hold at least ``share`` of a question's n-grams, or ``letters`` letters of it. Questions of fewer than
    ``least`` letters are not looked for: such a question stands on any page of its subject. An n-gram that more than
    ``common`` questions share ("次の文章を読んで") tells nothing.
    """

    n: int = 8
    share: float = 0.5
    gap: int = 24
    letters: int = 100
    least: int = 20
    common: int = 20

    def __post_init__(self) -> None:
        """Raises ValueError for numbers that mean nothing."""
        if self.n < 2 or self.least < self.n or not 0 < self.share <= 1 or self.gap < 0 or self.common < 1:
            raise ValueError(
                f"found n {self.n}, least {self.least}, share {self.share}, gap {self.gap}, common {self.common}; "
                "expected n of 2 or more, least no less than n, share above 0 and at most 1, gap of 0 or more"
            )


@dataclass(frozen=True, slots=True)
class Quotation:
    """A passage of a text, ``start`` to ``end`` in its characters, that quotes a question: its number, and the share of
    the question's n-grams found.
    """

    start: int
    end: int
    question: int
    share: float


@dataclass(frozen=True, slots=True)
class QuestionIndex:
    """The n-grams of questions, sorted, with the question and the place each stands at."""

    rule: QuotationRule
    grams: npt.NDArray[np.uint64]
    questions: Positions
    places: Positions
    sizes: Positions
    short: int

    def find(self, text: str) -> list[Quotation]:
        """The passages of ``text`` that quote a question, in order; overlapping ones of several questions are told
        apart. Linear in the text but for what matches.
        """
        letters, where = folded(text)
        hashes = _hashes(letters, self.rule.n)
        if not len(hashes) or not len(self.grams):
            return []
        first = np.searchsorted(self.grams, hashes, side="left")
        last = np.searchsorted(self.grams, hashes, side="right")
        found = np.flatnonzero(last > first)
        if not len(found):
            return []
        counts = last[found] - first[found]
        at = np.repeat(found, counts)
        entries = np.concatenate([np.arange(a, b) for a, b in zip(first[found], last[found], strict=True)])
        order = np.lexsort((at, self.questions[entries]))
        return sorted(
            self._passages(at[order], entries[order], where), key=lambda each: (each.start, each.end, each.question)
        )

    def _passages(self, at: Positions, entries: Positions, where: Positions) -> Iterator[Quotation]:
        questions = self.questions[entries]
        far = np.diff(at) > self.rule.gap + self.rule.n
        cuts = np.flatnonzero((np.diff(questions) != 0) | far) + 1
        for start, stop in zip([0, *cuts.tolist()], [*cuts.tolist(), len(at)], strict=True):
            question = int(questions[start])
            grams = len(np.unique(self.places[entries[start:stop]]))
            share = grams / int(self.sizes[question])
            if share >= self.rule.share or grams + self.rule.n - 1 >= self.rule.letters:
                begin, end = int(at[start]), int(at[stop - 1]) + self.rule.n - 1
                yield Quotation(int(where[begin]), int(where[end]) + 1, question, min(share, 1.0))


def question_index(questions: Sequence[str], rule: QuotationRule) -> QuestionIndex:
    """The index of ``questions`` (or passages, or answers): their numbers are their positions."""
    hashes, numbers, places, sizes, short = [], [], [], [], 0
    for number, question in enumerate(questions):
        letters, _ = folded(question)
        found = _hashes(letters, rule.n) if len(letters) >= rule.least else np.empty(0, np.uint64)
        short += len(letters) < rule.least
        hashes.append(found)
        numbers.append(np.full(len(found), number))
        places.append(np.arange(len(found)))
        sizes.append(max(1, len(np.unique(found))))
    every = np.concatenate(hashes) if hashes else np.empty(0, np.uint64)
    owner = np.concatenate(numbers).astype(np.int64) if numbers else np.empty(0, np.int64)
    place = np.concatenate(places).astype(np.int64) if places else np.empty(0, np.int64)
    order = np.lexsort((place, owner, every))
    every, owner, place = every[order], owner[order], place[order]
    telling = _owners(every, owner) <= rule.common
    return QuestionIndex(rule, every[telling], owner[telling], place[telling], np.asarray(sizes, np.int64), short)


def folded(text: str) -> tuple[npt.NDArray[np.uint32], Positions]:
    """The letters and digits of ``text`` as they are compared, and the position of each: width and case are folded,
    all else (punctuation, spaces, symbols) is left out.
    """
    codes = _table()[code_points(text)]
    where = np.flatnonzero(codes)
    return codes[where], where


def _owners(grams: npt.NDArray[np.uint64], owners: Positions) -> Positions:
    """For each entry of sorted ``grams`` how many questions have its n-gram."""
    if not len(grams):
        return np.empty(0, np.int64)
    new_gram = np.append(True, grams[1:] != grams[:-1])
    new_owner = new_gram | np.append(True, owners[1:] != owners[:-1])
    group = np.cumsum(new_gram) - 1
    owned: Positions = np.bincount(group, weights=new_owner).astype(np.int64)[group]
    return owned


def _hashes(letters: npt.NDArray[np.uint32], n: int) -> npt.NDArray[np.uint64]:
    """One 64-bit hash for each n-gram: two multilinear hashes (see `ngrams`) side by side."""
    length = len(letters) - n + 1
    if length <= 0:
        return np.empty(0, np.uint64)
    wide = letters.astype(np.uint64)
    halves = []
    for stream in (_STREAM, _STREAM + 1):
        words = random_words(stream, n + 1)
        sums = np.full(length, words[0])
        for position in range(n):
            sums += wide[position : position + length] * words[position + 1]
        halves.append(sums >> np.uint64(32))
    return (halves[0] << np.uint64(32)) | halves[1]


@cache
def _table() -> npt.NDArray[np.uint32]:
    """What each code point is compared as: 0 where it is left out."""
    table = np.zeros(UNICODE_SIZE, np.uint32)
    for code in (*range(0x20000), *range(0x20000, 0x323B0)):
        letter = unicodedata.normalize("NFKC", chr(code)).casefold()[:1]
        if letter.isalnum():
            table[code] = ord(letter)
    return table
