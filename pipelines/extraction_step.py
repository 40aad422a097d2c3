"""Station 4, extract: the main text of a page, read where it can do no harm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from tesuki.pipelines.chunk import Step
from tesuki.pipelines.guard import DEADLINE, MEMORY, Failure, Guard
from tesuki.pipelines.nesting import deepest_nesting
from tesuki.pipelines.page import Fate, Page, leave

if TYPE_CHECKING:  # the extractors are loaded in the child alone
    from tesuki.pipelines.extraction import Extracted, Profile

STATION = "extract"

CHARACTERS = 5_000_000
"""Longest HTML extracted, in characters: Common Crawl itself cuts pages at 5 MiB since March 2025."""

NESTING = 2_000
"""Deepest nesting of elements extracted: browsers stop at 512 (Blink's maximum DOM tree depth); an extractor whose
cost grows with the square of depth takes 0.1 s at this one."""


@contextmanager
def open_extraction(
    profile: Profile = "trafilatura",
    readers: tuple[str, ...] = (),
    *,
    deadline: float = DEADLINE,
    memory: int = MEMORY,
) -> Iterator[Step]:
    """The step, with its guarded child behind it until the context ends.

    ``readers`` are the release signal readers of `tesuki.pipelines.extraction.read_document`, as ``module:function``.
    """
    with Guard("tesuki.pipelines.extraction:read_document", deadline=deadline, memory=memory) as guard:

        def step(page: Page) -> Page | Fate:
            return _too_much(page) or _outcome(page, guard, profile, readers)

        yield step


def _too_much(page: Page) -> Fate | None:
    if len(page.html) > CHARACTERS:
        return leave(page, "rejected", STATION, "extract.size", value=len(page.html), threshold=CHARACTERS)
    depth = deepest_nesting(page.html, NESTING)
    if depth > NESTING:
        return leave(page, "rejected", STATION, "extract.nesting", value=depth, threshold=NESTING)
    return None


def _outcome(page: Page, guard: Guard, profile: Profile, readers: tuple[str, ...]) -> Page | Fate:
    outcome = guard.call(page.html, page.url, page.headers, page.date, profile, readers)
    if isinstance(outcome, Failure):
        return leave(page, "dead", STATION, f"extract.{outcome.kind}", threshold=outcome.limit, detail=outcome.detail)
    found: Extracted = outcome.value
    if not found.text:
        return leave(page, "rejected", STATION, "extract.empty", value=0, threshold=1)
    return replace(
        page, html="", text=found.text, title=found.title, published=found.published, evidence=found.evidence
    )
