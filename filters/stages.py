"""Stages: what is measured together, and the rules that judge it; cheap stages stand before dear ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .rules import Rule

Measure = Callable[[str], dict[str, float]]
"""A pure function of a text that takes several measures at once."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One function of the text and the rules over what it measures, in the order they judge."""

    measure: Measure
    rules: tuple[Rule, ...]
