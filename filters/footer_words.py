"""What footers of Japanese pages are made of: the words of the default footer rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FooterWords:
    """Words, letters of the alphabet in either case.

    ``labels`` are what menus and buttons say: a line of nothing else is footer. ``notices`` forbid copying:
    a line of one sentence that ends in one is footer. ``openings`` and ``claims`` reserve rights: a line
    without a full stop that begins with an opening, or holds a claim, is footer.
    """

    labels: tuple[str, ...]
    notices: tuple[str, ...]
    openings: tuple[str, ...]
    claims: tuple[str, ...]
    returns: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()


def footer_words(rows: Iterable[str]) -> FooterWords:
    """The words of a table of rows ``kind<TAB>word``. Raises ValueError, with the row, for an unknown kind."""
    words: dict[str, list[str]] = {kind: [] for kind in ("label", "notice", "opening", "claim", "return", "heading")}
    for row in rows:
        kind, _, word = row.partition("\t")
        if kind not in words or not word:
            raise ValueError(f"footer word row {row!r}: write one of {', '.join(words)}, a tab, and the word or phrase")
        words[kind].append(word)
    return FooterWords(*(tuple(found) for found in words.values()))


FOOTER_WORDS = footer_words(Path(__file__).with_name("footer_words.tsv").read_text(encoding="utf-8").splitlines()[1:])
"""Our own choice: what menus, buttons and notices at the end of Japanese pages usually say."""
