"""Station 4 for PDF files: their text, read in a child process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from tesuki.pipelines.extraction.guard import MEMORY, Failure, Guard
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.journey.page import Fate, FateKind, Page, is_pdf, leave

if TYPE_CHECKING:  # pdfium is loaded in the child alone
    from tesuki.pipelines.extraction.pdf.reading import PdfRead

STATION = "extract"

FATES: Final[dict[str, FateKind]] = {
    "scanned": "rejected",
    "garbled": "rejected",
    "pages": "rejected",
    "glyphs": "rejected",
    "encrypted": "dead",
    "truncated": "dead",
    "damaged": "dead",
}
"""How a file leaves of which no text can be had, by the rule of `document.PdfError`."""


@dataclass(frozen=True, slots=True)
class PdfSettings:
    """Whether PDF files are read, and their bounds: bytes, pages, seconds of processor time, bytes of memory."""

    use: Literal["read", "skip"] = "read"
    bytes: int = 32 << 20
    pages: int = 2_000
    seconds: float = 60.0
    memory: int = MEMORY


@contextmanager
def open_pages_and_pdf(
    open_pages: Callable[[], AbstractContextManager[Step]], settings: PdfSettings, readers: tuple[str, ...] = ()
) -> Iterator[Step]:
    """Station 4 of pages, as ``open_pages`` gives it, and of PDF files beside them; ``readers`` as there."""
    reference = "tesuki.pipelines.extraction.pdf.reading:read_pdf_page"
    with open_pages() as of_page, Guard(reference, deadline=settings.seconds, memory=settings.memory) as guard:

        def step(page: Page) -> Page | Fate:
            return _of_pdf(page, guard, settings, readers) if is_pdf(page) else of_page(page)

        yield step


def _of_pdf(page: Page, guard: Guard, settings: PdfSettings, readers: tuple[str, ...]) -> Page | Fate:
    if settings.use == "skip":
        return leave(page, "skipped", STATION, "extract.pdf-skip")
    size = len(page.body)
    if size > settings.bytes:
        return leave(page, "rejected", STATION, "extract.pdf-bytes", value=size, threshold=settings.bytes)
    outcome = guard.call(page.body, page.url, page.headers, page.date, settings.pages, readers)
    if isinstance(outcome, Failure):
        rule = _OF_FAILURE.get(outcome.kind, f"extract.{outcome.kind}")
        return leave(page, "dead", STATION, rule, threshold=outcome.limit, detail=outcome.detail)
    found: PdfRead = outcome.value
    if found.rule:
        return leave(
            page,
            FATES[found.rule],
            STATION,
            f"extract.pdf-{found.rule}",
            value=found.value,
            threshold=found.threshold,
            detail=found.detail,
        )
    page = replace(page, extraction=found.account)
    if not found.text:
        return leave(page, "rejected", STATION, "extract.empty", value=0, threshold=1)
    return replace(
        page, body=b"", text=found.text, title=found.title, published=found.published, evidence=found.evidence
    )


_OF_FAILURE: Final = {"timeout": "extract.pdf-timeout", "memory": "extract.pdf-memory"}
