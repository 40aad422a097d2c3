"""The mixture: which subset gives how many tokens to one pass, in whole tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class MixtureRow:
    """One subset's place in the mixture.

    ``tokens`` are its unique tokens; ``training_tokens`` how many one pass sees, repeats included;
    ``shards`` how many files hold it, None where only counts are known.
    """

    subset: str
    tokens: int
    repeats: Fraction
    training_tokens: int
    shards: int | None = None


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


def counted_row(subset: str, tokens: int, repeats: Fraction) -> MixtureRow:
    """The row of a subset of which only counts are known: repeats × tokens, a fraction of a token left out.

    Raises ValueError for negative counts.
    """
    if tokens < 0 or repeats < 0:
        raise ValueError(f"subset {subset!r}: {tokens} tokens × {repeats} repeats; neither may be negative")
    return MixtureRow(subset, tokens, repeats, tokens * repeats.numerator // repeats.denominator)


def fit_tokens(rows: Iterable[MixtureRow], free: str, total: int) -> tuple[MixtureRow, ...]:
    """The rows with the repeats of subset ``free`` chosen so that one pass sees exactly ``total`` tokens.

    The others keep what they have. Raises ValueError where ``free`` is no subset, has no tokens, or the
    others alone already exceed ``total``.
    """
    rows = tuple(rows)
    names = [row.subset for row in rows]
    if free not in names:
        raise ValueError(f"no subset {free!r} to fit; the mixture has: {', '.join(names)}")
    fitted = rows[names.index(free)]
    others = sum(row.training_tokens for row in rows if row.subset != free)
    if total < others:
        raise ValueError(f"cannot fit {total} tokens: the other subsets alone give {others}; lower their repeats")
    if fitted.tokens == 0:
        raise ValueError(f"cannot fit {total} tokens with subset {free!r}: it has no tokens")
    repeats = Fraction(total - others, fitted.tokens)
    return tuple(
        replace(row, repeats=repeats, training_tokens=total - others) if row.subset == free else row for row in rows
    )
