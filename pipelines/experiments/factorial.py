"""Two-level fractional factorial designs: which switches to set in which run, and what can then be told apart.

A factor is off (-1) or on (+1). With ``k`` factors and ``2^(k-p)`` runs some effects can't be told from others: these
are aliases. Box, Hunter and Hunter, "Statistics for Experimenters" (2nd edition), chapter 6; NIST/SEMATECH
e-Handbook of Statistical Methods, section 5.3.3.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import xor

import numpy as np
import numpy.typing as npt

Signs = npt.NDArray[np.int8]
"""One row a run, one column a factor; -1 off, +1 on."""

Word = frozenset[int]
"""A product of factors, by their positions; a factor taken twice is none."""

MOST_FACTORS = 15
"""More switches than anybody has trained models for; the search for generators stays below a second."""

LETTERS = "ABCDEFGHJKLMNOP"
"""How factors are called in words of aliases; I is the mean, by convention."""


class DesignError(ValueError):
    """A design that can't be; the message says what was asked for and what is possible."""


@dataclass(frozen=True, slots=True)
class Design:
    """A two-level design.

    ``generators`` gives, for each factor that has no column of its own, its position and the factors whose product its
    column is. ``folded`` designs have each run twice, the second time with every sign turned.
    """

    factors: tuple[str, ...]
    generators: tuple[tuple[int, Word], ...]
    folded: bool = False

    @property
    def base(self) -> int:
        """The number of factors with columns of their own."""
        return len(self.factors) - len(self.generators)

    @property
    def signs(self) -> Signs:
        """The runs in standard (Yates) order, the first factor changing fastest; those of a fold-over behind."""
        runs = np.arange(1 << self.base)
        signs = np.empty((len(runs), len(self.factors)), dtype=np.int8)
        for column in range(self.base):
            signs[:, column] = np.where(runs >> column & 1, 1, -1)
        for factor, word in self.generators:
            signs[:, factor] = signs[:, sorted(word)].prod(axis=1)
        return np.concatenate([signs, -signs]) if self.folded else signs

    @property
    def defining_words(self) -> tuple[Word, ...]:
        """The products that are the mean in every run, shortest first. A fold-over keeps those of even length."""
        words = [word | {factor} for factor, word in self.generators]
        mean: Word = frozenset()
        products = (
            reduce(xor, chosen, mean) for size in range(1, len(words) + 1) for chosen in combinations(words, size)
        )
        return tuple(sorted((w for w in products if not self.folded or len(w) % 2 == 0), key=_order))

    @property
    def resolution(self) -> int | None:
        """The length of the shortest defining word: III mixes factors with pairs, IV pairs with pairs. None if full."""
        words = self.defining_words
        return len(words[0]) if words else None

    def aliases(self, effect: Word, longest: int = 2) -> tuple[Word, ...]:
        """What can't be told from ``effect``, of at most ``longest`` factors, shortest first."""
        others = {effect ^ word for word in self.defining_words}
        return tuple(sorted((word for word in others if 0 < len(word) <= longest), key=_order))

    def letters(self, word: Word) -> str:
        """``word`` in letters: ``ABD``."""
        return "".join(LETTERS[factor] for factor in sorted(word))

    def contrasts(self) -> Iterator[tuple[Word, Signs]]:
        """Every column of signs that is no other one's, with the shortest product that has it: runs - 1 of them."""
        signs = self.signs
        seen = {bytes(len(signs)), (np.ones(len(signs), dtype=np.int8)).tobytes()}
        wanted = len(signs) - 1
        for size in range(1, len(self.factors) + 1):
            for chosen in combinations(range(len(self.factors)), size):
                column = signs[:, list(chosen)].prod(axis=1, dtype=np.int8)
                if column.tobytes() in seen or (-column).tobytes() in seen:
                    continue
                seen.add(column.tobytes())
                yield frozenset(chosen), column
                wanted -= 1
                if not wanted:
                    return


def fractional_factorial(factors: Sequence[str], resolution: int) -> Design:
    """The smallest design over ``factors`` of at least this ``resolution`` (3, 4 or 5).

    Generators are the first in order of length and letters that reach it: for five factors and resolution III D=AB and
    E=AC, eight runs. Raises `DesignError`.
    """
    names = tuple(factors)
    if not 2 <= len(names) <= MOST_FACTORS:
        raise DesignError(f"found {len(names)} factors, expected 2 to {MOST_FACTORS}")
    if not 3 <= resolution <= 5:
        raise DesignError(f"resolution: found {resolution}, expected 3, 4 or 5")
    for base in range(2, len(names) + 1):
        generators = _generators(base, len(names) - base, resolution)
        if generators is not None:
            return Design(names, tuple((base + number, word) for number, word in enumerate(generators)))
    raise AssertionError("the full design has no defining word")


def _generators(base: int, needed: int, resolution: int) -> list[Word] | None:
    words = [
        frozenset(chosen)
        for size in range(resolution - 1, base + 1)
        for chosen in combinations(range(base), size)
    ]  # fmt: skip
    return _search(words, base, needed, resolution, [], [frozenset()])


def _search(
    words: Sequence[Word], base: int, needed: int, resolution: int, chosen: list[Word], group: list[Word]
) -> list[Word] | None:
    """Depth first: ``group`` are all products of the defining words of ``chosen``, the mean among them."""
    if not needed:
        return chosen
    if len(words) < needed:
        return None
    for number, word in enumerate(words):
        defining = word | {base + len(chosen)}
        grown = [product ^ defining for product in group]
        if all(len(product) >= resolution for product in grown):
            later = words[number + 1 :]
            found = _search(later, base, needed - 1, resolution, [*chosen, word], [*group, *grown])
            if found is not None:
                return found
    return None


def _order(word: Word) -> tuple[int, list[int]]:
    return len(word), sorted(word)
