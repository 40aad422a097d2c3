"""All signals of one page, read while headers and markup are at hand; only their evidence travels on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from resiliparse.parse.html import HTMLTree

from .evidence import Evidence
from .markup import markup_of, page_of_text, parse_page
from .signals_content_usage import signals_content_usage
from .signals_creative_commons import signals_creative_commons
from .signals_free_words import signals_free_words
from .signals_government_terms import signals_government_terms
from .signals_notices import signals_notices
from .signals_paywall import signals_paywall
from .signals_personal_data import signals_personal_data
from .signals_robots import signals_robots
from .signals_statutes import signals_statutes
from .signals_tdm import signals_tdm


def read_signals(url: str, headers: Sequence[tuple[str, str]], html: str, text: str) -> tuple[Evidence, ...]:
    """Everything a page says of its own use, sorted, each statement once.

    ``headers`` are the HTTP response's (name, value) pairs, ``html`` the decoded page (``""`` where there
    is none: then notices are looked for in ``text``), ``text`` the extracted main text. Pure, and never
    raises on any input. The parser's time grows with the square of how deep elements are nested: bound that before
    (`tesuki.pipelines.extraction.nesting`), or call under guard.
    """
    return read_signals_of(url, headers, parse_page(html or page_of_text(text)), text)


def read_signals_of(url: str, headers: Sequence[tuple[str, str]], page: HTMLTree, text: str) -> tuple[Evidence, ...]:
    """`read_signals` of a page parsed already (`tesuki.release_levels.markup.parse_page`), which is left as it is."""
    markup = markup_of(page)
    return tuple(
        sorted(
            {
                *signals_robots(headers, markup.metas),
                *signals_tdm(headers, markup.metas),
                *signals_content_usage(headers, markup.metas),
                *signals_creative_commons(headers, markup),
                *signals_free_words(markup.words),
                *signals_government_terms(url, markup.words),
                *signals_notices(markup.words),
                *signals_paywall(markup),
                *signals_statutes(url, text),
                *signals_personal_data(text),
            }
        )
    )


@cache
def known_signals() -> dict[str, str]:
    """Name → meaning of every signal there is, in the order of ``signals.tsv``."""
    table = Path(__file__).with_name("signals.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t", 1) for line in table.splitlines()[1:])
