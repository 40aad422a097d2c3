"""Station 4, extract: the main text of a page, read where it can do no harm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tesuki.pipelines.extraction.guard import DEADLINE, MEMORY, Failure, Guard
from tesuki.pipelines.extraction.letters import letters_at_most
from tesuki.pipelines.extraction.nesting import deepest_nesting
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.journey.page import Fate, Page, leave

if TYPE_CHECKING:  # the extractors are loaded in the child alone
    from tesuki.pipelines.extraction.main_text import Extracted, Profile
    from tesuki.pipelines.extraction.writing import Tables

STATION = "extract"

HTML_BYTES = 8 << 20
"""Longest HTML extracted, in bytes of UTF-8. Common Crawl cuts pages at 5 MiB (1 MiB before March 2025)."""

DEPTH = 2_000
"""Deepest nesting of elements extracted. Browsers stop at 512 (Blink); Resiliparse, whose cost grows with the square of
depth, takes 0.06 s at this one and 39 s at 50,000."""


@contextmanager
def open_extraction(
    profile: Profile = "tesuki",
    readers: tuple[str, ...] = (),
    *,
    ruby: bool = False,
    tables: Tables = "lines",
    html_bytes: int = HTML_BYTES,
    letters: int = 0,
    depth: int = DEPTH,
    deadline: float = DEADLINE,
    memory: int = MEMORY,
) -> Iterator[Step]:
    """The step, with its guarded child behind it until the context ends.

    ``readers`` are the release signal readers of `main_text.read_document`, as ``module:function``; ``ruby`` and
    ``tables`` are those of `main_text.extract_main_text`. ``deadline`` is in seconds, ``memory`` in bytes, as `Guard`
    has them. A page beyond ``html_bytes`` or ``depth``, or with fewer kana and kanji in its source than ``letters``, is
    rejected with the figure before anything parses it.
    """
    with Guard("tesuki.pipelines.extraction.main_text:read_document", deadline=deadline, memory=memory) as guard:

        def step(page: Page) -> Page | Fate:
            return (
                _too_much(page, html_bytes, depth)
                or _too_few(page, letters)
                or _outcome(page, guard, (profile, readers, ruby, tables))
            )

        yield step


def _too_much(page: Page, html_bytes: int, depth: int) -> Fate | None:
    size = len(page.html.encode("utf-8", "surrogatepass"))
    if size > html_bytes:
        return leave(page, "rejected", STATION, "extract.size", value=size, threshold=html_bytes)
    deepest = deepest_nesting(page.html, depth)
    if deepest > depth:
        return leave(page, "rejected", STATION, "extract.depth", value=deepest, threshold=depth)
    return None


def _too_few(page: Page, letters: int) -> Fate | None:
    found = letters_at_most(page.html) if letters else 0
    return (
        leave(page, "rejected", STATION, "extract.letters", value=found, threshold=letters) if found < letters else None
    )


def _outcome(page: Page, guard: Guard, how: tuple[Any, ...]) -> Page | Fate:
    outcome = guard.call(page.html, page.url, page.headers, page.date, *how)
    if isinstance(outcome, Failure):
        return leave(page, "dead", STATION, f"extract.{outcome.kind}", threshold=outcome.limit, detail=outcome.detail)
    found: Extracted = outcome.value
    page = replace(page, extraction=found.account)
    if not found.text:
        return leave(page, "rejected", STATION, "extract.empty", value=0, threshold=1)
    return replace(
        page, html="", text=found.text, title=found.title, published=found.published, evidence=found.evidence
    )
