"""Stations withhold and 10, level: what a page may be used for, carried out."""

from __future__ import annotations

from dataclasses import replace

from tesuki.pipelines.journey.page import Cluster, Fate, Page, leave
from tesuki.pipelines.levelling.clusters import strictest_name
from tesuki.pipelines.levelling.page_level import TAKEN_DOWN, LevelPage, PageLevel
from tesuki.release_levels.page_lists import text_hash


def withhold(level_page: LevelPage, page: Page) -> Page | Fate:
    """A page that is LZ, or stands for one that is, leaves before anything else is done with it.

    The others go on with what a take-down will ask of their text as extracted.
    """
    page = replace(page, characters=len(page.text), text_hash=text_hash(page.text))
    decision = level_page(page)
    rule = rule_of_withheld(decision, page.cluster)
    return leave(page, "withheld", "withhold", rule) if rule else replace(page, evidence=decision.evidence)


def rule_of_withheld(decision: PageLevel, cluster: Cluster) -> str:
    """By which rule a page is withheld, ``""`` for one that is not. A take-down comes last, see `LevelPage`."""
    own = decision.rule if decision.level == "LZ" else ""
    return cluster.withheld or own if own in ("", TAKEN_DOWN) else own


def level_cluster(level_page: LevelPage, page: Page) -> Page | Fate:
    """Station 10: the page's own level or its cluster's strictest, whichever is stricter.

    A list may name a text by its hash after mending: then it is found here.
    """
    decision = level_page(page)
    level = strictest_name(name for name in (decision.level, page.cluster.strictest) if name)
    if level == "LZ":
        return leave(page, "withheld", "level", decision.rule)
    return replace(page, level=level, evidence=decision.evidence)
