"""The file of factors: which switches an experiment has, and what each does to a recipe."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tesuki.pipelines.experiments.factorial import MOST_FACTORS
from tesuki.pipelines.recipe.loading import read_model


class Factor(BaseModel):
    """A switch: fields of the recipe by dotted path, and their values when it is off and on.

    A side that is left out leaves the recipe as it is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    off: dict[str, Any] = Field(default_factory=dict)
    on: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _does_something(self) -> Factor:
        if not self.off and not self.on:
            raise ValueError("expected fields under off, on or both; this factor changes nothing")
        return self


class Factors(BaseModel):
    """An experiment: a recipe, its switches, and how well they are to be told apart."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipe: str
    """The recipe that is changed, relative to this file."""
    factors: tuple[Factor, ...] = Field(min_length=2, max_length=MOST_FACTORS)
    resolution: int = Field(default=3, ge=3, le=5)
    """III tells factors from each other, IV also from pairs of them, V pairs from pairs."""
    fold_over: bool = False
    """True runs everything twice, the second time with every switch turned: resolution III becomes IV."""
    seed: int = Field(default=0, ge=0)
    """For the order in which the runs are made."""

    @field_validator("factors")
    @classmethod
    def _apart(cls, factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
        for one, other in combinations(factors, 2):
            if one.name == other.name:
                raise ValueError(f"expected names of their own, found {one.name!r} twice")
            for first in {*one.off, *one.on}:
                for second in {*other.off, *other.on}:
                    if f"{first}.".startswith(f"{second}.") or f"{second}.".startswith(f"{first}."):
                        raise ValueError(
                            f"expected factors that change different fields; {one.name} and {other.name} both "
                            f"change {max(first, second, key=len)}"
                        )
        return factors


def load_factors(path: Path) -> Factors:
    """The experiment in the file at ``path``. Raises `RequestError` that names the field that is wrong."""
    return read_model(path, Factors, "the fields recipe and factors")
