"""Lists of references, by which papers and reports are told: a heading, and entries with a year and a place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

REFERENCES: Final = 5
"""Entries of a list of references (ours): a blog that names its three books is no paper."""

_HEADING: Final = re.compile(
    r"[\s\d０-９IVX.．、<＜【\[［■●◆第章]{0,8}(?:(?:主要|主な)?(?:参考|引用)(?:[・および及び]{1,3}(?:参考|引用))?文献(?:一覧|リスト)?|文献"
    r"|References(?: and notes)?|REFERENCES|Bibliography|Literature cited)[\s>＞】\]］:：]{0,3}"
)
_YEAR: Final = re.compile(
    r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])|(?:１９|２０)[０-９]{2}|(?:昭和|平成|令和)[0-9０-９元]"
)
_MARK: Final = re.compile(r"\s*[\[［(（]?[0-9０-９]{1,3}[\]］)）.．]")
_PLACE: Final = re.compile(
    r"(?i)\bpp?\.|\bvol\b|\bno\.|\bproc\b|\bdoi\b|\bpress\b|\bin:|\bjournal\b|https?://|[「『“\"]|[0-9０-９]\s?[巻号頁]"
    r"|出版|書店|書房|新書|学会|論文|紀要|研究所|大学"
)


def count_references(lines: Sequence[str]) -> int:
    """How many lines after the last heading of a list of references are entries of it."""
    headings = [number for number, line in enumerate(lines) if len(line) <= _LONGEST and _HEADING.fullmatch(line)]
    return sum(map(_is_entry, lines[headings[-1] + 1 :])) if headings else 0


def _is_entry(line: str) -> bool:
    line = line[:_LOOKED_AT]
    return bool(_YEAR.search(line) and (_MARK.match(line) or _PLACE.search(line)))


_LONGEST: Final = 30
_LOOKED_AT: Final = 500
"""Characters of a heading at most, and those of an entry that are looked at."""
