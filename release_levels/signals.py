"""All signals of one page, read while headers and markup are at hand; only their evidence travels on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from .evidence import Evidence
from .markup import read_markup
from .signals_content_usage import signals_content_usage
from .signals_creative_commons import signals_creative_commons
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
    raises on any input.
    """
    markup = read_markup(html or text)
    return tuple(
        sorted(
            {
                *signals_robots(headers, markup.metas),
                *signals_tdm(headers, markup.metas),
                *signals_content_usage(headers, markup.metas),
                *signals_creative_commons(headers, markup),
                *signals_government_terms(url, markup),
                *signals_notices(markup),
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
