"""Works whose term of protection is over by the year their authors died: a table that a library publishes, as a list.

The reckoning is Japan's alone and no legal advice: works of persons who died in 1967 or earlier were free before the
term became 70 years on 30 December 2018, and were not protected again (Copyright Act, Article 51; Act No. 108 of 2016,
supplementary provisions, Article 7). Works under a pen name nobody knows, of organisations, and what others wrote about
a work on its page have terms of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

DIED_BY: Final = 1967
"""Last year in which an author died whose works became free before the term was lengthened."""

WORK, DIED, FLAG, ADDRESS = "作品ID", "没年月日", "作品著作権フラグ", "XHTML/HTMLファイルURL"
COLUMNS: Final = (WORK, DIED, FLAG, ADDRESS)
"""Columns of Aozora Bunko's ``list_person_all_extended_utf8.csv``: a row for each work and person with a part in it."""

_YEAR: Final = re.compile(r"\s*(\d{3,4})(?:[-年]|\Z)")


def free_works(rows: Iterable[Mapping[str, str]], died_by: int = DIED_BY) -> tuple[list[str], Counter[str]]:
    """The addresses of works of which every person who had a part died by the end of ``died_by``, sorted, and how many
    works were left out why: ``later`` (someone died later), ``unknown`` (no year of death), ``protected`` (the library
    says so), ``no address``.

    Raises ValueError for rows without the columns.
    """
    works: dict[str, list[Mapping[str, str]]] = {}
    for number, row in enumerate(rows, 1):
        missing = [column for column in COLUMNS if row.get(column) is None]
        if missing:
            raise ValueError(f"row {number}: no column {missing[0]!r}, expected {', '.join(COLUMNS)}")
        works.setdefault(row[WORK], []).append(row)
    free: set[str] = set()
    left: Counter[str] = Counter()
    for persons in works.values():
        why = _why_not(persons, died_by)
        if why:
            left[why] += 1
        else:
            free.add(persons[0][ADDRESS].strip())
    return sorted(free), left


def _why_not(persons: Iterable[Mapping[str, str]], died_by: int) -> str:
    persons = list(persons)
    years = [_YEAR.match(person[DIED]) for person in persons]
    if any(person[FLAG].strip() == "あり" for person in persons):
        return "protected"
    if not all(years):
        return "unknown"
    if any(int(year[1]) > died_by for year in years if year):
        return "later"
    address = persons[0][ADDRESS].strip()
    return "" if address.startswith(("http://", "https://")) and not re.search(r"\s", address) else "no address"
