"""Texts that no one owns: laws, orders, notices, circulars and court decisions.

Article 13 of the Copyright Act excludes them from protection, and translations and compilations of them made by public
bodies with them. Official collections are known by address (``official_texts.tsv``); elsewhere the form of the text is
evidence, too: most lines open with 第N条 or a paragraph or item number, and the law's number stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from tesuki.common.hosts import host_of

from .evidence import Evidence, observe
from .hosts import is_government

SHARE_OF_ARTICLES = 0.6
"""Share of lines in the form of an article, paragraph, item or heading from which a text counts as a statute (our
judgement: a statute is hardly anything else, a commentary is mostly sentences)."""

ARTICLES_LEAST = 5
"""Articles from which a text is looked at; the shortest acts have about as many."""

TEXT_LIMIT = 40_000
"""Characters of the text that are looked at."""

_NUMERAL = "[一二三四五六七八九十百千〇0-9０-９]"
_LINE = re.compile(
    rf"[ 　]*(?:第{_NUMERAL}{{1,8}}(?:条|章|節|款|編|項|号)|[0-9０-９]{{1,2}}[ 　.．)）]"
    rf"|[一二三四五六七八九十]{{1,3}}[ 　、]"
    rf"|[(（]{_NUMERAL}{{1,3}}[)）]|附[ 　]*則|別表|[イロハニホヘトチリヌ][ 　]|[(（][^()（）]{{1,40}}[)）]$)"
)
_ARTICLE = re.compile(rf"^[ 　]*第{_NUMERAL}{{1,8}}条", re.MULTILINE)
_NUMBER = re.compile(rf"(?:法律|政令|省令|府令|条例|規則|規程|告示|訓令)第{_NUMERAL}{{1,6}}号")


@cache
def official_texts() -> tuple[tuple[str, str], ...]:
    """Rows (host, beginning of the path) of ``official_texts.tsv``."""
    table = Path(__file__).with_name("official_texts.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines()[1:])
    return tuple((row[0], row[1]) for row in rows)


def signals_statutes(url: str, text: str) -> Iterator[Evidence]:
    """Evidence ``statute.official-collection``, ``statute.text-on-government-host`` and ``statute.text``."""
    host = host_of(url) or ""
    for official, beginning in official_texts():
        if host == official and urlsplit(url.strip()).path.startswith(beginning):
            yield observe("statute.official-collection", "url", f"{official}{beginning}", "statute.url")
    if text.count("条", 0, TEXT_LIMIT) < ARTICLES_LEAST:
        return
    beginning = text[:TEXT_LIMIT]
    number = _NUMBER.search(beginning)
    if number is None or len(_ARTICLE.findall(beginning)) < ARTICLES_LEAST:
        return
    lines = [line for line in beginning.splitlines() if line.strip()]
    if sum(_LINE.match(line) is not None for line in lines) >= SHARE_OF_ARTICLES * len(lines):
        signal = "statute.text-on-government-host" if is_government(host) else "statute.text"
        yield observe(signal, "text", number[0], "statute.form")
