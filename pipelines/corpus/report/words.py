"""Rules in plain words, in English and Japanese."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

Words = tuple[str, str]
"""English and Japanese."""


def words_of(rule: str) -> Words | None:
    """What ``rule`` (``quality.characters``) says of a page; None for one that a recipe brought."""
    table = _table()
    return table.get(rule) or next((words for name, words in table.items() if fnmatchcase(rule, name)), None)


@cache
def _table() -> dict[str, Words]:
    lines = Path(__file__).with_name("words.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return {rule: (english, japanese) for rule, english, japanese in rows}
