"""Repeats by score: the section that cuts a subset into pieces."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, field_validator, model_validator

from tesuki.pipelines.recipe.fields import OneOrMany, Ratio, Section, exact_ratio
from tesuki.pipelines.recipe.ready_buckets import spelled_out


def _ratios(value: object) -> Any:
    """A ratio, or lists of ratios to any depth, as tuples of exact ones."""
    return tuple(map(_ratios, value)) if isinstance(value, list | tuple) else exact_ratio(value)


def _plain_ratios(value: Any) -> Any:
    return list(map(_plain_ratios, value)) if isinstance(value, tuple) else str(value)


Ratios = Annotated[
    tuple[Any, ...],
    BeforeValidator(_ratios, json_schema_input_type=list[Any] | str),
    PlainSerializer(_plain_ratios, return_type=list[Any]),
]
"""Ratios in lists; lists in lists where there is more than one score."""

MOST_BUCKETS = 256
"""Each costs a worker a megabyte of counts while documents are tokenized."""


class Buckets(Section):
    """A subset cut by scores into pieces that are repeated each by its own ratio."""

    by: OneOrMany = Field(min_length=1)
    """Names of ``scores``. Of more than one, every interval of the first is cut by those of the next."""
    edges: dict[str, tuple[Annotated[float, Field(allow_inf_nan=False)], ...]] = Field(default_factory=dict)
    """Of each score, ascending, where an interval ends and the next begins. A document on an edge is in the upper."""
    quantiles: dict[str, tuple[Ratio, ...]] = Field(default_factory=dict)
    """The same by shares of the subset's documents: [0.5, 0.9], or 20 for twentieths. Counted, exactly, over all."""
    repeats: Ratios
    """A ratio for each interval, in lists of lists where there is more than one score; or the name of a published
    table, which has edges of its own. The subset's own repeats multiply them."""
    unscored: Ratio = Fraction(0)
    """Repeats of documents that lack one of the scores."""

    @model_validator(mode="before")
    @classmethod
    def _published(cls, value: Any) -> Any:
        return spelled_out(value)

    @field_validator("quantiles", mode="before", json_schema_input_type=dict[str, int | tuple[Ratio, ...]])
    @classmethod
    def _even_shares(cls, value: object) -> object:
        return {name: _shares(of) for name, of in value.items()} if isinstance(value, dict) else value

    @field_validator("quantiles")
    @classmethod
    def _inside(cls, value: dict[str, tuple[Fraction, ...]]) -> dict[str, tuple[Fraction, ...]]:
        for name, shares in value.items():
            if not all(0 < share < 1 for share in shares) or not _ascends(shares):
                found = ", ".join(map(str, shares))
                raise ValueError(f"expected ascending shares between 0 and 1 of {name}, found {found}")
        return value

    @field_validator("edges")
    @classmethod
    def _in_order(cls, value: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        for name, edges in value.items():
            if not _ascends(edges):
                raise ValueError(f"expected ascending edges of {name}, found {', '.join(map(str, edges))}")
        return value

    @model_validator(mode="after")
    def _a_ratio_for_each(self) -> Buckets:
        if len(set(self.by)) < len(self.by):
            raise ValueError(f"expected each score once in by, found {', '.join(self.by)}")
        for name in sorted({*self.by, *self.edges, *self.quantiles}):
            if (name in self.by, (name in self.edges) + (name in self.quantiles)) != (True, 1):
                raise ValueError(
                    f"expected edges or quantiles of each score in by, of no other; found otherwise: {name}"
                )
        sizes = [len(self.cuts(name)) + 1 for name in self.by]
        if not _has_shape(self.repeats, sizes):
            raise ValueError(
                f"expected repeats of {' × '.join(map(str, sizes))} intervals ({', '.join(self.by)}), found others"
            )
        if len(self.table) > MOST_BUCKETS:
            raise ValueError(f"expected at most {MOST_BUCKETS} buckets, found {len(self.table)}")
        return self

    def cuts(self, score: str) -> tuple[float, ...] | tuple[Fraction, ...]:
        """Where the range of ``score`` is cut: its edges, or the shares of its quantiles."""
        return self.edges[score] if score in self.edges else self.quantiles[score]

    @property
    def table(self) -> tuple[Fraction, ...]:
        """The ratio of each bucket, the last score's intervals running fastest, that of the unscored last."""
        return (*_flat(self.repeats), self.unscored)


def _shares(of: object) -> object:
    """Shares as given, or those that cut into so many even pieces."""
    if not isinstance(of, int) or isinstance(of, bool):
        return of
    if not 2 <= of <= MOST_BUCKETS:
        raise ValueError(f"expected 2 to {MOST_BUCKETS} even shares, found {of}")
    return [Fraction(number, of) for number in range(1, of)]


def _ascends(values: tuple[Any, ...]) -> bool:
    return len(values) > 0 and all(one < next_one for one, next_one in pairwise(values))


def _has_shape(value: Any, sizes: list[int]) -> bool:
    if not sizes or not isinstance(value, tuple):
        return not sizes and not isinstance(value, tuple)
    return len(value) == sizes[0] and all(_has_shape(inner, sizes[1:]) for inner in value)


def _flat(value: Any) -> tuple[Fraction, ...]:
    return tuple(ratio for inner in value for ratio in _flat(inner)) if isinstance(value, tuple) else (value,)
