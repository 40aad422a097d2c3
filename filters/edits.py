"""The edit log: what was changed in a text, so that the original can be rebuilt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: ``before``, which stood at ``position``, became ``after``.

    ``position`` counts characters (code points) of the original text, whatever other edits did. The edits of
    a log stand in ascending order and do not overlap.
    """

    kind: str
    position: int
    before: str
    after: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The original ``text`` with its edits carried out. Raises ValueError where an edit doesn't fit the text."""
    pieces: list[str] = []
    end = 0
    for edit in edits:
        if edit.position < end or not text.startswith(edit.before, edit.position):
            raise ValueError(_misfit(edit))
        pieces += text[end : edit.position], edit.after
        end = edit.position + len(edit.before)
    return "".join((*pieces, text[end:]))


def unmend(mended: str, edits: Iterable[Edit]) -> str:
    """The original text, from the mended one and its log. Raises ValueError where the two don't belong together."""
    pieces: list[str] = []
    end = 0
    grown = 0
    for edit in edits:
        start = edit.position + grown
        if start < end or not mended.startswith(edit.after, start):
            raise ValueError(_misfit(edit))
        pieces += mended[end:start], edit.before
        end = start + len(edit.after)
        grown += len(edit.after) - len(edit.before)
    return "".join((*pieces, mended[end:]))


def _misfit(edit: Edit) -> str:
    return (
        f"edit {edit.kind} at character {edit.position} does not fit this text; "
        "give the edits of this very text, in the order they were logged"
    )
