"""Who stays: the first by one figure of the document, ties by URL, then by id.

The figure is turned into an unsigned 64-bit priority, the smaller the better, so that claims can be compared
as arrays without the documents at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

KEEP_RULES = ("newest", "oldest", "longest", "measure:NAME")
"""What a recipe can say; with ``measure:NAME`` the highest value of that quality measure stays."""

MEASURE = "measure:"
FIRST = np.uint64(0)
"""The priority of a document that stays whatever the others are."""

LAST = np.uint64(2**64 - 1)
"""The priority of a document that lacks the figure it is ordered by."""

ISO_PREFIX = r"^(?P<iso>\d{4}(?:-?\d{2}(?:-?\d{2}(?:[T ]?\d{2}:?\d{2}(?::?\d{2})?)?)?)?)(?:\D|$)"
"""The leading part of an ISO 8601 date or date-time that is compared, from the year down to seconds."""


@dataclass(frozen=True, slots=True)
class KeepOrder:
    """The rule by which one of several near-duplicates stays: one of `KEEP_RULES`. Raises `ValueError` for another."""

    rule: str = "newest"

    def __post_init__(self) -> None:
        """Refuse a rule that does not exist."""
        if self.rule not in KEEP_RULES[:3] and not self.measure:
            raise ValueError(f"keep order: found {self.rule!r}, expected one of {', '.join(KEEP_RULES)}")

    @property
    def measure(self) -> str:
        """The quality measure that decides, or the empty string."""
        return self.rule.removeprefix(MEASURE) if self.rule.startswith(MEASURE) else ""


def date_priorities(dates: pa.Array | pa.ChunkedArray, newest_first: bool) -> NDArray[np.uint64]:
    """Priorities of ISO 8601 strings in UTC, by year down to second; what is no date counts as older than any."""
    digits = pc.replace_substring_regex(
        pc.struct_field(pc.extract_regex(dates, pattern=ISO_PREFIX), "iso"), pattern=r"\D", replacement=""
    )
    padded = pc.utf8_rpad(pc.fill_null(digits, "0"), width=14, padding="0")
    stamps = np.asarray(pc.cast(padded, pa.uint64()), dtype=np.uint64)
    return ~stamps if newest_first else stamps


def length_priorities(characters: Sequence[int] | NDArray[np.int64]) -> NDArray[np.uint64]:
    """Priorities by length in characters, the longest first."""
    return ~np.asarray(characters, dtype=np.uint64)


def measure_priorities(values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.uint64]:
    """Priorities by a measure, the highest first; NaN (the measure was not taken) last."""
    floats = np.asarray(values, dtype=np.float64) + 0.0  # -0.0 becomes 0.0, which it equals
    bits = floats.view(np.uint64)
    sign = np.uint64(1 << 63)
    # IEEE 754 doubles sort like sign-magnitude integers: flipping makes them unsigned, ascending.
    ascending = np.where(bits & sign, ~bits, bits | sign)
    return np.where(np.isnan(floats), LAST, ~ascending)


def with_staying(priorities: NDArray[np.uint64], staying: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """``priorities`` in which those ``staying`` come `FIRST`, and no other does."""
    return np.where(staying, FIRST, np.maximum(priorities, FIRST + np.uint64(1)))
