"""How the pages of a request are read and extracted, and read again where they were scrubbed."""

from __future__ import annotations

from functools import partial

from tesuki.pipelines.corpus.request import Request
from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.extraction.pdf.step import PdfSettings, open_pages_and_pdf
from tesuki.pipelines.extraction.step import open_extraction
from tesuki.pipelines.reading.sources import Source
from tesuki.pipelines.reading.stored_pages import PageStore

SIGNAL_READERS = ("tesuki.release_levels.signals:read_signals",)
"""What reads a page's release signals while its markup is at hand, inside the guarded child."""


def page_store(request: Request) -> PageStore:
    """How the pages of ``request`` are read and extracted."""
    extraction = request.recipe.extraction
    sources = {
        name: Source(
            subset.format,
            {str(column): source for column, source in subset.columns.items()},
            {entry.archive: str(entry.path) for entry in request.inputs if entry.subset == name},
            request.manners,
        )
        for name, subset in request.recipe.subsets.items()
    }
    limits = extraction.limits
    of_pages = partial(
        open_extraction,
        extraction.extractor,
        SIGNAL_READERS,
        ruby=extraction.ruby,
        tables=extraction.tables,
        html_bytes=limits.html_bytes,
        depth=limits.depth,
        deadline=limits.seconds,
        memory=limits.memory_megabytes << 20,
    )
    of_pdf = PdfSettings(
        extraction.pdf, limits.pdf_bytes, limits.pdf_pages, limits.pdf_seconds, limits.memory_megabytes << 20
    )
    return PageStore(
        sources,
        decode,
        partial(open_pages_and_pdf, of_pages, of_pdf, SIGNAL_READERS),
    )
