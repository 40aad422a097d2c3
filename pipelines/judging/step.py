"""Station 6, measure: the measures of a text are taken, the rules of the preset judge them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from tesuki.filters.pages import page_measures
from tesuki.filters.presets import Preset
from tesuki.filters.rules import KEPT, Verdict
from tesuki.pipelines.errors import is_of_the_environment
from tesuki.pipelines.journey.account import Account
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.journey.page import Fate, Page, leave


def marked(station: str, step: Step, page: Page) -> Page | Fate:
    """``step`` done to ``page``, which where that fails goes on with a verdict that says so.

    Judged rows stand beside page rows: no page may leave between them, whatever is wrong with it.
    """
    try:
        return step(page)
    except Exception as failure:  # law 7: one bad page costs one page, a broken environment the run
        if is_of_the_environment(failure):
            raise
        return replace(page, verdict=Verdict(keep=False, rule=f"{station}{CRASH}"))


CRASH = ".crash"
"""How the rule ends by which a page goes that a station failed on."""


def measure(preset: Preset, unjudged: frozenset[str], page: Page) -> Page | Fate:
    """Station 6: take the measures and judge. The page goes on with its verdict: marked, never deleted."""
    known = known_of(page.extraction)
    if page.subset in unjudged:
        return replace(page, measures=preset.measure(page.text, known), verdict=KEPT)
    measures, verdict = preset.examine(page.text, known)
    return replace(page, measures=measures, verdict=verdict)


def known_of(account: Account | None) -> Mapping[str, float]:
    """What the account of a PDF file says of its pages; nothing of what has none."""
    return page_measures(account.taken, account.garbled, account.pages) if account and account.pages else {}


def leave_if_rejected(page: Page) -> Page | Fate:
    """Station 6's verdict, carried out."""
    if page.verdict.keep:
        return page
    if page.verdict.rule and page.verdict.rule.endswith(CRASH):
        return leave(page, "dead", "measure", page.verdict.rule)
    return leave(
        page,
        "rejected",
        "measure",
        f"quality.{page.verdict.rule}",
        value=page.verdict.value,
        threshold=page.verdict.threshold,
    )


def is_kept(page: Page) -> bool:
    """Whether the rules keep the page."""
    return page.verdict.keep


def is_measured(page: Page) -> bool:
    """Whether the page could be measured, whatever the rules say of it."""
    return page.verdict.keep or not (page.verdict.rule or "").endswith(CRASH)


COMPARED: Final[Mapping[str, Callable[[Page], bool]]] = {"quality-first": is_kept, "quality-last": is_measured}
"""Which pages station 7 compares, by the recipe's ``rules.order``."""
