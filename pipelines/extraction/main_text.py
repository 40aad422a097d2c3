"""From a page's HTML to its main text, title and date: the narrow place where one extractor stands for another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import Literal

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from tesuki.filters.language import is_japanese
from tesuki.pipelines.extraction import account
from tesuki.pipelines.extraction.choosing import choose
from tesuki.pipelines.extraction.letters import japanese
from tesuki.pipelines.extraction.markup import mend_markup
from tesuki.pipelines.extraction.names import Reason
from tesuki.pipelines.extraction.reading import Reading, parse, read_page
from tesuki.pipelines.extraction.tidy import strip_lines, tidy_text, tidy_title
from tesuki.pipelines.extraction.trafilatura_steps import text_of, title_and_date, with_trafilatura
from tesuki.pipelines.extraction.writing import Tables, write
from tesuki.pipelines.journey.account import Account
from tesuki.release_levels.evidence import Evidence
from tesuki.release_levels.markup import parse_page

Profile = Literal["tesuki", "trafilatura", "speed"]
"""``tesuki`` reads the page itself and is the default; ``trafilatura`` is that library in its fast mode, ``speed``
Resiliparse."""

Headers = tuple[tuple[str, str], ...]

FAR_FUTURE = "9999-12-31"

ENOUGH = 200
LITTLE_SHARE = 0.2
MORE = 2
"""Where a Japanese page shows at least `ENOUGH` kana and han, by either reading of it, and our own takes less than this
share of them, Trafilatura is asked; it is heard where it takes at least so many times as many."""

LITTLE = "little"
"""Why Trafilatura was asked."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was read from a page. ``published`` is ``YYYY-MM-DD`` or ``""``; ``evidence`` what it says of its use;
    ``account`` what became of its characters."""

    text: str
    title: str
    published: str
    evidence: tuple[Evidence, ...] = ()
    account: Account | None = None


def extract_main_text(
    html: str,
    url: str,
    *,
    captured: str = "",
    profile: Profile = "tesuki",
    ruby: bool = False,
    tables: Tables = "lines",
) -> Extracted:
    """The main text, title and publication date of a page.

    ``captured`` is the capture time: no page was published after it (without it any date is believed; the clock of
    the machine is never asked). ``ruby`` keeps readings as 漢字《かんじ》, ``tables`` says what becomes of data
    tables: both are heard by the profile ``tesuki`` alone, the others never give a reading or a table. An empty text
    means that the extractor found none.
    """
    return _extracted(html, parse_page(html), url, captured[:10] or FAR_FUTURE, profile, ruby, tables)


def read_document(
    html: str,
    url: str,
    headers: Headers,
    captured: str,
    profile: Profile,
    readers: tuple[str, ...],
    ruby: bool = False,
    tables: Tables = "lines",
) -> Extracted:
    """Main text and release signals at once: the whole of what runs under guard.

    ``readers`` name functions as ``module:function``, each ``(url, headers, page, text) -> tuple[Evidence, ...]``,
    ``page`` as `tesuki.release_levels.markup.parse_page` gives it.
    """
    shown = parse_page(html)
    found = _extracted(html, shown, url, captured[:10] or FAR_FUTURE, profile, ruby, tables)
    if not found.text:
        return found
    evidence = (item for name in readers for item in _reader(name)(url, headers, shown, found.text))
    return Extracted(found.text, found.title, found.published, tuple(evidence), found.account)


def _extracted(
    html: str, shown: HTMLTree, url: str, latest: str, profile: Profile, ruby: bool, tables: Tables
) -> Extracted:
    """``shown`` is the page as another parser than our own reading's sees it: the gauge, and what signals read."""
    if profile == "tesuki":
        return _by_reading(html, shown, url, latest, ruby, tables)
    mended = mend_markup(html)
    text, title, published = _EXTRACTORS[profile](mended, url, latest)
    text = tidy_text(strip_lines(text))
    of_page = account.of_text(profile, text, _all_text(parse_page(mended)))
    return Extracted(text, tidy_title(title), published, account=of_page)


def _by_reading(html: str, shown: HTMLTree, url: str, latest: str, ruby: bool, tables: Tables) -> Extracted:
    tree = parse(html)
    if tree is None:
        return Extracted("", "", "", account=Account("tesuki"))
    page = read_page(tree, readings=ruby)
    chosen = choose(page, tables=tables != "drop")
    text = tidy_text(write(page, chosen, tables))
    visible = _all_text(shown)
    said = account.of_blocks("tesuki", page.blocks, chosen, japanese(visible))
    title, published = title_and_date(tree, url, latest)
    if _says_little(said, _hidden(page, chosen)) and is_japanese(visible).keep:
        more = tidy_text(strip_lines(text_of(mend_markup(html))))
        if japanese(more) >= MORE * max(said.japanese_taken, 1):
            said = replace(account.of_text("trafilatura", more, visible), asked=LITTLE)
            text = more
    return Extracted(text, tidy_title(title), published, account=said)


def _hidden(page: Reading, chosen: Sequence[Reason | None]) -> int:
    """Kana and han that the markup does not show: the gauge counts them, and no engine is asked for their sake."""
    hidden = [block.text for block, reason in zip(page.blocks, chosen, strict=True) if reason == "hidden"]
    return japanese("".join(hidden))


def _says_little(said: Account, hidden: int) -> bool:
    there = max(said.japanese_seen, said.gauge) - hidden
    return there >= ENOUGH and said.japanese_taken < LITTLE_SHARE * there


def _with_resiliparse(html: str, url: str, latest: str) -> tuple[str, str, str]:
    tree = parse_page(html)
    text = extract_plain_text(tree, main_content=True, alt_texts=False, comments=False)
    return text, tree.title or "", ""


def _all_text(page: HTMLTree) -> str:
    """Everything that a second parser shows of a page."""
    return extract_plain_text(page, alt_texts=False, form_fields=False, noscript=False)


_EXTRACTORS: dict[str, Callable[[str, str, str], tuple[str, str, str]]] = {
    "trafilatura": with_trafilatura,
    "speed": _with_resiliparse,
}
"""The profiles that say no more of a page than its text, title and date."""


@cache
def _reader(name: str) -> Callable[[str, Headers, HTMLTree, str], tuple[Evidence, ...]]:
    module, _, function = name.partition(":")
    reader: Callable[[str, Headers, HTMLTree, str], tuple[Evidence, ...]] = getattr(import_module(module), function)
    return reader
