"""Release levels: how far a document may travel.

L1 < L2 < L3 < LX < LZ, each stricter than the one before, after the levels of LLM-jp (Oda, 2025-10-29, slide 43). They
are about permission and have nothing to do with the quality folders ``level0/1/2`` of other corpora.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Literal

Use = Literal["train", "search", "distribute", "test"]
"""What someone wants to do with a document: train on it, show it in a search, hand it on, measure models with it."""

USES: tuple[Use, ...] = ("train", "search", "distribute", "test")


class ForbiddenUse(ValueError):  # noqa: N818 - the name says what happened, as design and callers speak of it
    """A document was about to be used in a way its release level forbids."""


class Level(IntEnum):
    """A release level; ``Level.L1 < Level.L2`` reads "L2 is stricter than L1". Written by name, never by number."""

    L1 = 1
    L2 = 2
    L3 = 3
    LX = 4
    LZ = 5

    def allows(self, use: Use) -> bool:
        """Whether a document of this level may be put to ``use``."""
        return use in ALLOWED[self]


ALLOWED: Mapping[Level, frozenset[Use]] = MappingProxyType(
    {
        Level.L1: frozenset({"train", "search", "distribute", "test"}),
        Level.L2: frozenset({"train", "search", "test"}),
        Level.L3: frozenset({"train", "test"}),
        Level.LX: frozenset({"test"}),
        Level.LZ: frozenset(),
    }
)
"""The uses each level allows: each level's set holds the next one's."""


def parse_level(name: str) -> Level:
    """The level called ``name`` (``L1`` … ``LZ``); raises ValueError for any other text."""
    if name in Level.__members__:
        return Level[name]
    raise ValueError(f"found level {name!r}, expected one of {', '.join(Level.__members__)}")


def strictest(levels: Iterable[Level]) -> Level:
    """The strictest of ``levels``: what documents together may be used for. Raises ValueError for none at all."""
    found = max(levels, default=None)
    if found is None:
        raise ValueError("strictest() needs at least one level: an empty cluster has none")
    return found


def require(level: Level, use: Use) -> None:
    """Raise `ForbiddenUse` unless ``level`` allows ``use``: every writer calls this before it writes."""
    if use not in USES:
        raise ValueError(f"found use {use!r}, expected one of {', '.join(USES)}")
    if not level.allows(use):
        allowed = ", ".join(each for each in USES if level.allows(each)) or "nothing"
        raise ForbiddenUse(
            f"a document of release level {level.name} was about to be written for {use!r}; "
            f"{level.name} allows {allowed}"
        )
