"""The mixture: which subset gives how many tokens to one pass, in whole tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from .buckets import Bounds, subset_of


@dataclass(frozen=True, slots=True)
class MixtureRow:
    """The place of a subset, or of one of its buckets, in the mixture.

    ``tokens`` are its unique tokens; ``training_tokens`` how many one pass sees, repeats included;
    ``shards`` how many files hold it, None where only counts are known. ``holds`` are a bucket's bounds.
    """

    subset: str
    tokens: int
    repeats: Fraction
    training_tokens: int
    shards: int | None = None
    holds: Bounds | None = None


@dataclass(frozen=True, slots=True)
class Mixture:
    """Rows in the order given; a subset stands once. The sums are over whole tokens, so they are exact."""

    rows: tuple[MixtureRow, ...]

    def __post_init__(self) -> None:
        for subset, times in sorted(Counter(row.subset for row in self.rows).items()):
            if times > 1:
                raise ValueError(f"subset {subset!r} has {times} rows in the mixture; give it one")

    @property
    def unique_tokens(self) -> int:
        """Tokens stored: every subset once."""
        return sum(row.tokens for row in self.rows)

    @property
    def training_tokens(self) -> int:
        """Tokens one pass sees."""
        return sum(row.training_tokens for row in self.rows)

    def share(self, row: MixtureRow) -> Fraction:
        """The part of one pass that ``row`` gives; 0 for a mixture without tokens."""
        return Fraction(row.training_tokens, self.training_tokens) if self.training_tokens else Fraction(0)


def counted_row(subset: str, tokens: int, repeats: Fraction, holds: Bounds | None = None) -> MixtureRow:
    """The row of a subset or bucket of which only counts are known: repeats × tokens, a fraction of a token left out.

    Raises ValueError for negative counts.
    """
    if tokens < 0 or repeats < 0:
        raise ValueError(f"subset {subset!r}: {tokens} tokens × {repeats} repeats; neither may be negative")
    return MixtureRow(subset, tokens, repeats, tokens * repeats.numerator // repeats.denominator, None, holds)


def fit_tokens(rows: Iterable[MixtureRow], free: str, total: int) -> tuple[MixtureRow, ...]:
    """The rows with the repeats of ``free`` chosen so that one pass sees exactly ``total`` tokens.

    ``free`` is a row, or a subset with buckets: then all of its rows grow or shrink alike, each to a whole token. The
    others keep what they have. Raises ValueError where ``free`` is neither, gives no tokens, or the others alone
    already exceed ``total``.
    """
    rows = tuple(rows)
    chosen = [row for row in rows if row.subset == free] or [row for row in rows if subset_of(row.subset) == free]
    if not chosen:
        raise ValueError(f"no subset {free!r} to fit; the mixture has: {', '.join(row.subset for row in rows)}")
    others = sum(row.training_tokens for row in rows if row not in chosen)
    if total < others:
        raise ValueError(f"cannot fit {total} tokens: the other subsets alone give {others}; lower their repeats")
    # A single row is what it is asked to be, whatever its ratio; of several the ratios say in what proportion.
    weights = [row.tokens * (row.repeats if len(chosen) > 1 else 1) for row in chosen]
    if not sum(weights):
        raise ValueError(f"cannot fit {total} tokens with subset {free!r}: it has no tokens")
    fitted = {
        row.subset: _row_of(row, tokens)
        for row, tokens in zip(chosen, _in_proportion(weights, total - others), strict=True)
    }
    return tuple(fitted.get(row.subset, row) for row in rows)


def _row_of(row: MixtureRow, tokens: int) -> MixtureRow:
    """``row`` with the ratio that makes so many training tokens of it; one that has none stays as it is."""
    return replace(row, repeats=Fraction(tokens, row.tokens), training_tokens=tokens) if row.tokens else row


def _in_proportion(weights: Sequence[Fraction | int], total: int) -> list[int]:
    """Whole numbers that add up to ``total``, in the proportion of ``weights``: rounded down, what is left goes to the
    largest remainders, the first of equal ones."""
    exact = [Fraction(weight * total) / sum(weights) for weight in weights]
    whole = [value.__floor__() for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: (whole[place] - exact[place], place))
    for place in by_remainder[: total - sum(whole)]:
        whole[place] += 1
    return whole
