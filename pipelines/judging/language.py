"""Station 5, identify: is the extracted text Japanese?"""

from __future__ import annotations

from tesuki.filters.language import RULE, is_japanese
from tesuki.pipelines.journey.page import Fate, Page, leave

STATION = "identify"


def identify(page: Page) -> Page | Fate:
    """The page if its text is Japanese; else rejected, with the share of script that decided it."""
    verdict = is_japanese(page.text)
    if verdict.keep:
        return page
    return leave(page, "rejected", STATION, RULE, value=verdict.value, threshold=verdict.threshold)
