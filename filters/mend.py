"""Mending: footers cut, punctuation brought to 、。, and a log from which the original can be rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .edits import Edit as Edit
from .edits import apply_edits
from .edits import unmend as unmend
from .footer import footer_start
from .footer_swallow import published_states
from .punctuation import punctuation_edits
from .punctuation_swallow import published_punctuation_edits


@dataclass(frozen=True, slots=True)
class Mended:
    """A mended text and what was done to it: ``unmend(text, edits)`` is the original."""

    text: str
    edits: tuple[Edit, ...]


def mend(text: str, style: str = "tesuki") -> Mended:
    """``text`` mended in ``style``, `tesuki` or `swallow-code`. Mending what is mended changes nothing.

    `swallow-code` does what the published code does, again and again until that code leaves the text alone:
    one pass of it may leave a text that a second would cut further. Raises ValueError for any other style.
    """
    edits = tuple(STYLES[mending_style(style)](text))
    return Mended(apply_edits(text, edits), edits)


def mending_style(name: str) -> str:
    """``name``, if it is a style. Raises ValueError, with the styles there are, for any other."""
    if name not in STYLES:
        raise ValueError(f"mending style {name!r} is not known; choose one of {', '.join(STYLES)}")
    return name


def _tesuki(text: str) -> list[Edit]:
    kept = footer_start(text)
    return punctuation_edits(text[:kept]) + _footer_edit(text, kept)


def _swallow_code(text: str) -> list[Edit]:
    states = published_states(text)
    return published_punctuation_edits(text, states) + _footer_edit(text, states[-1])


def _footer_edit(text: str, kept: int) -> list[Edit]:
    return [Edit("footer", kept, text[kept:], "")] if kept < len(text) else []


STYLES: Final[Mapping[str, Callable[[str], list[Edit]]]] = {"tesuki": _tesuki, "swallow-code": _swallow_code}
