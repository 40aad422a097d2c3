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
from .japanese_lines_llm_jp import extracted, extracted_until_stable, removals
from .punctuation import punctuation_edits
from .punctuation_swallow import published_punctuation_edits


@dataclass(frozen=True, slots=True)
class Mended:
    """A mended text and what was done to it: ``unmend(text, edits)`` is the original."""

    text: str
    edits: tuple[Edit, ...]


def mend(text: str, style: str = "tesuki") -> Mended:
    """``text`` mended in ``style``, `tesuki`, `swallow-code` or `llm-jp-v1`. Mending what is mended changes nothing.

    `swallow-code` and `llm-jp-v1` do what the published code does, again and again until that code leaves the text
    alone: one pass of it may leave a text that a second would cut further. Raises ValueError for any other style.
    """
    edits = tuple(STYLES[mending_style(style)](text))
    return Mended(apply_edits(text, edits), edits)


def mend_as_published(text: str, style: str) -> Mended:
    """``text`` as the published program of that name mends it, once: doing it again may change it again.

    Raises ValueError for a style that no published program has.
    """
    if style not in PUBLISHED:
        raise ValueError(f"mending style {style!r} is of no published program; choose one of {', '.join(PUBLISHED)}")
    edits = tuple(PUBLISHED[style](text))
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


def _swallow_once(text: str) -> list[Edit]:
    states = published_states(text)[:2]
    return published_punctuation_edits(text, states, states[:1]) + _footer_edit(text, states[-1])


def _llm_jp(text: str) -> list[Edit]:
    return removals(text, extracted_until_stable(text))


def _llm_jp_once(text: str) -> list[Edit]:
    return removals(text, extracted(text, range(len(text))))


STYLES: Final[Mapping[str, Callable[[str], list[Edit]]]] = {
    "tesuki": _tesuki,
    "swallow-code": _swallow_code,
    "llm-jp-v1": _llm_jp,
}

PUBLISHED: Final[Mapping[str, Callable[[str], list[Edit]]]] = {"swallow-code": _swallow_once, "llm-jp-v1": _llm_jp_once}
"""What the published programs do in their one pass, after which a second may find more."""
