"""What the sections and fields of a recipe are made of."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from tesuki.tokenize.repeats import format_repeats, parse_repeats


class Section(BaseModel):
    """What every part of a recipe has in common: no unknown field passes, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, use_attribute_docstrings=True)


def exact_ratio(value: object) -> Fraction:
    """``value`` as the ratio it spells. Raises ValueError for what is none, or is longer than names can bear."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Fraction)):
        raise ValueError("expected a non-negative ratio such as 2, 0.5 or 3/4")
    try:
        ratio = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise ValueError("expected a non-negative ratio such as 2, 0.5 or 3/4") from None
    if ratio < 0:
        raise ValueError("expected a ratio that is not negative; 0 keeps the row and adds no tokens")
    try:
        parse_repeats(format_repeats(ratio))
    except ValueError:
        raise ValueError("expected at most 15 digits, or 30 above and 30 below the line of a ratio") from None
    return ratio


Ratio = Annotated[
    Fraction, BeforeValidator(exact_ratio, json_schema_input_type=float | str), PlainSerializer(str, return_type=str)
]
"""An exact non-negative rational: YAML ``0.1`` is one tenth, not the nearest binary fraction."""


def named(field: str, value: object) -> object:
    """A section written as one word is that word's field: ``rules: tesuki``."""
    return {field: value} if isinstance(value, str) else value


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


OneOrMany = Annotated[tuple[str, ...], BeforeValidator(_one_or_many, json_schema_input_type=str | tuple[str, ...])]
"""Words in a list, or one word that needs none."""
