"""Lines and paragraphs that many documents share: menus, notices, legal text.

Two lines are the same where their comparison forms are. A line of nothing but punctuation is never counted,
and within one document a line counts once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .comparison_form import comparison_form
from .mixing import mix64

Unit = Literal["line", "paragraph"]
Scope = Literal["corpus", "host"]

BREAKS = {"line": re.compile(r"\n"), "paragraph": re.compile(r"\n[ \t\r\u3000]*\n\s*")}
"""What lies between two units."""

MARK = "\ue000"
"""Stands for a break while a text is folded as a whole: a private character, which the comparison form leaves alone."""

NO_KEY = np.uint64(0)
"""The key of a unit with nothing to compare."""


@dataclass(frozen=True, slots=True)
class RepeatRule:
    """What counts as repeated: a unit on more than ``documents`` documents of the corpus, or of one host.

    Raises `ValueError` for a unit or scope that does not exist or a count below 1.
    """

    unit: Unit = "line"
    scope: Scope = "corpus"
    documents: int = 100

    def __post_init__(self) -> None:
        """Refuse what can't be counted."""
        if self.unit not in BREAKS:
            raise ValueError(f"repeated lines: unit: found {self.unit!r}, expected line or paragraph")
        if self.scope not in ("corpus", "host"):
            raise ValueError(f"repeated lines: scope: found {self.scope!r}, expected corpus or host")
        if self.documents < 1:
            raise ValueError(f"repeated lines: documents: found {self.documents}, expected 1 or more")


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch that was cut: ``before``, which stood at ``position`` (in characters) of the original text."""

    position: int
    before: str


def unit_spans(text: str, unit: Unit) -> list[tuple[int, int]]:
    """Where each line or paragraph of ``text`` starts and ends, the break after it not included."""
    breaks = [match.span() for match in BREAKS[unit].finditer(text)]
    starts = [0, *(end for _, end in breaks)]
    ends = [*(start for start, _ in breaks), len(text)]
    return list(zip(starts, ends, strict=True))


def unit_keys(text: str, host: str, rule: RepeatRule) -> NDArray[np.uint64]:
    """A key for each unit of ``text``, in order: equal where the unit is (on one ``host``, if that is the scope)."""
    spans = unit_spans(text, rule.unit)
    marked = MARK.join(text[start:end].replace(MARK, "\ufffd") for start, end in spans)
    forms = (form.strip(" ") for form in comparison_form(marked).split(MARK))
    keys = np.fromiter((_key(form) for form in forms), dtype=np.uint64, count=len(spans))
    if rule.scope == "host":
        keys = np.where(keys == NO_KEY, keys, mix64(keys ^ np.uint64(host_key(host))))
    return keys


def count_documents(documents: Iterable[NDArray[np.uint64]]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """On how many of ``documents`` (the keys of each) each key stands: keys ascending, and counts."""
    once = [np.unique(keys) for keys in documents]
    keys, counts = np.unique(np.concatenate([np.empty(0, np.uint64), *once]), return_counts=True)
    counted = keys != NO_KEY
    return keys[counted], counts[counted]


def cut_units(text: str, rule: RepeatRule, repeated: NDArray[np.bool_]) -> tuple[str, tuple[Cut, ...]]:
    """``text`` without its ``repeated`` units (a truth value each) and the break after each; and what was cut.

    Putting each cut back at its position gives ``text`` again.
    """
    spans = unit_spans(text, rule.unit)
    ends = [*(start for start, _ in spans[1:]), len(text)]
    cuts = [(start, end) for (start, _), end, gone in zip(spans, ends, repeated, strict=True) if gone]
    kept = [0, *(end for _, end in cuts)]
    pieces = [text[start:end] for start, end in zip(kept, [*(start for start, _ in cuts), len(text)], strict=True)]
    return "".join(pieces), tuple(Cut(start, text[start:end]) for start, end in cuts)


def repeated_share(text: str, rule: RepeatRule, repeated: NDArray[np.bool_]) -> float:
    """The share (0 to 1) of a text's characters, breaks aside, that stand in ``repeated`` units; 0 without any."""
    lengths = np.array([end - start for start, end in unit_spans(text, rule.unit)], dtype=np.int64)
    return float(lengths[repeated].sum() / max(1, lengths.sum()))


def host_key(host: str) -> int:
    """The key by which what is counted on one host is told from the same on another."""
    return _key(host)


def _key(form: str) -> int:
    """64 bits of BLAKE2b, never `NO_KEY` but for the empty form."""
    if not form:
        return int(NO_KEY)
    return int.from_bytes(blake2b(form.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") or 1
