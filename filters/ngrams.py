"""Which character n-grams of a text occur more than once, and where: exact, for n = 2 to 10, in a few sorts.

Nothing is hashed, so no text can be built that makes two different n-grams look equal. Characters are
renumbered densely, as many as fit are packed into one 64-bit key, and the sorted keys show by their common
leading bits which n-grams are equal, for every n at once. What is still repeated when a key is used up is
renumbered and packed again with the characters that follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tesuki.common.code_points import CodePoints

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class RepeatedNgrams:
    """The n-grams of one length that occur at least twice.

    ``positions`` are the places where they begin, those of equal n-grams side by side; ``starts`` are the
    indexes in ``positions`` at which a new n-gram begins; ``windows`` is the number of n-grams of the text,
    repeated or not.
    """

    length: int
    windows: int
    positions: Positions
    starts: Positions

    @property
    def frequencies(self) -> Positions:
        """How often each repeated n-gram occurs, in the order of ``starts``."""
        return np.diff(self.starts, append=len(self.positions))

    @property
    def kinds(self) -> int:
        """How many different n-grams the text has, repeated or not."""
        return self.windows - len(self.positions) + len(self.starts)

    @property
    def top_frequency(self) -> int:
        """How often the most frequent n-gram occurs: 0 in a text shorter than the n-gram."""
        return int(self.frequencies.max()) if len(self.starts) else min(self.windows, 1)

    @property
    def later_coverage(self) -> int:
        """How many characters lie in an n-gram that has stood before, each counted once."""
        if not len(self.starts):
            return 0
        earliest = np.minimum.reduceat(self.positions, self.starts)
        later = self.positions != np.repeat(earliest, self.frequencies)
        return _covered(np.sort(self.positions[later]), self.length)

    @property
    def top_coverage(self) -> int:
        """How many characters lie in the most frequent n-gram, each counted once; where several are the most
        frequent, in the one whose characters come first in Unicode. Without repeats every n-gram is."""
        if not len(self.starts):
            return self.length if self.windows else 0
        frequencies = self.frequencies
        top = int(frequencies.argmax())
        start = self.starts[top]
        return _covered(np.sort(self.positions[start : start + frequencies[top]]), self.length)


def _covered(positions: Positions, length: int) -> int:
    """The characters covered by n-grams of ``length`` at ascending ``positions``."""
    if not len(positions):
        return 0
    return int(np.minimum(np.diff(positions), length).sum()) + length


def repeated_ngrams(
    codes: CodePoints, shortest: int, longest: int, window: int | None = None
) -> Iterator[RepeatedNgrams]:
    """The repeated n-grams of a text for each length from ``shortest`` to ``longest``, ascending.

    With ``window`` only those count as equal that begin in the same stretch of so many characters.
    """
    size = len(codes)
    numbers, bits = _dense_numbers(codes, longest)
    positions = np.arange(size, dtype=np.intp)
    groups = (positions // (window or size or 1)).astype(np.uint64)
    group_bits = int(groups[-1]).bit_length() if size else 0
    done = 0
    while done < longest:
        width = min((64 - group_bits) // bits, longest - done)
        keys = groups
        for step in range(width):
            keys = (keys << np.uint64(bits)) | numbers[positions + done + step]
        order = np.argsort(keys)
        positions = positions[order]
        keys = keys[order]
        differences = keys[1:] ^ keys[:-1]
        first = np.ones(len(keys), dtype=bool)
        for length in range(done + 1, done + width + 1):
            first[1:] = differences >= np.uint64(1 << (bits * (done + width - length)))
            repeated = ~(first & np.append(first[1:], True))
            if length >= shortest:
                yield RepeatedNgrams(
                    length=length,
                    windows=max(size - length + 1, 0),
                    positions=positions[repeated],
                    starts=np.flatnonzero(first[repeated]),
                )
        positions = positions[repeated]
        groups = np.cumsum(first[repeated], dtype=np.uint64)
        group_bits = len(groups).bit_length()
        done += width


def _dense_numbers(codes: CodePoints, padding: int) -> tuple[npt.NDArray[np.uint64], int]:
    """The characters renumbered from 1 upwards, ``padding`` zeros after them, and the bits a number takes.

    The zeros stand for what is behind the end of the text; an n-gram that reaches there equals no other,
    because no two begin at the same distance from the end.
    """
    seen = np.zeros(int(codes.max(initial=0)) + 1, dtype=bool)
    seen[codes] = True
    alphabet = np.flatnonzero(seen)
    number_of = np.zeros(len(seen), dtype=np.uint64)
    number_of[alphabet] = np.arange(1, len(alphabet) + 1, dtype=np.uint64)
    numbers = np.zeros(len(codes) + padding, dtype=np.uint64)
    numbers[: len(codes)] = number_of[codes]
    return numbers, max(len(alphabet).bit_length(), 1)
