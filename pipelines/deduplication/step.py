"""Station 7 as one page meets it: its keys are taken, and later it leaves if another stands for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tesuki.dedup.band_keys import band_keys, sketch
from tesuki.dedup.comparison_form import comparison_form
from tesuki.dedup.fingerprint import form_fingerprint
from tesuki.dedup.presets import DedupParameters
from tesuki.dedup.signature import signature
from tesuki.pipelines.journey.page import Fate, Page, leave
from tesuki.pipelines.storage.schemas import LATER


def add_keys(parameters: DedupParameters, compared: Callable[[Page], bool], page: Page) -> Page | Fate:
    """The fingerprint of a page's text and the keys near-duplicates will share, of the pages that are ``compared``."""
    if not compared(page):
        return page
    form = comparison_form(page.text)
    seen = replace(page, fingerprint=form_fingerprint(form or page.text))
    values = signature(form, parameters)
    if values is None:
        return seen
    return replace(seen, band_keys=band_keys(values, parameters), sketch=sketch(values))


def leave_if_duplicate(page: Page) -> Page | Fate:
    """Station 7's decision, carried out."""
    if page.duplicate is None:
        return page
    band = "" if page.duplicate.band < 0 else f"band {page.duplicate.band}"
    rule = {-1: "duplicate.exact", LATER: "duplicate.later"}.get(page.duplicate.band, "duplicate.near")
    fate = leave(page, "duplicate", "deduplicate", rule, value=page.duplicate.similarity, detail=band)
    return replace(fate, duplicate_of=page.duplicate.duplicate_of)
