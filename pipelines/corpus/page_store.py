"""How the pages of a request are read and extracted, and read again where they were scrubbed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial

from tesuki.pipelines.corpus.request import Request
from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.extraction.pdf.step import PdfSettings, open_pages_and_pdf
from tesuki.pipelines.extraction.step import open_extraction
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.reading.remote.index_plan import COMMON_CRAWL
from tesuki.pipelines.reading.remote.manners import Manners
from tesuki.pipelines.reading.sources import Source
from tesuki.pipelines.reading.stored_pages import PageStore
from tesuki.pipelines.recipe.sections import Extraction
from tesuki.pipelines.recipe.subsets import Subset
from tesuki.pipelines.storage.parts import Parts

SIGNAL_READERS = ("tesuki.release_levels.signals:read_signals_of",)
"""What reads a page's release signals while its markup is at hand, inside the guarded child."""


def page_store(request: Request, parts: Parts) -> PageStore:
    """How the pages of ``request``, whose run has these ``parts``, are read and extracted."""
    sources = {
        name: source_of(subset, parts.paths(name), request.manners) for name, subset in request.recipe.subsets.items()
    }
    return PageStore(sources, decode, extraction_of(request.recipe.extraction))


def source_of(subset: Subset, paths: Mapping[str, str], manners: Manners | None = None) -> Source:
    """Where the pages of ``subset`` come from; ``paths`` are those of its files by name."""
    columns = {str(column): source for column, source in subset.columns.items()}
    return Source(subset.format, columns, paths, manners, subset.base or COMMON_CRAWL)


def extraction_of(extraction: Extraction) -> Callable[[], AbstractContextManager[Step]]:
    """Station 4 as the recipe's section has it."""
    limits = extraction.limits
    of_pages = partial(
        open_extraction,
        extraction.extractor,
        SIGNAL_READERS,
        ruby=extraction.ruby,
        tables=extraction.tables,
        html_bytes=limits.html_bytes,
        letters=limits.letters,
        depth=limits.depth,
        deadline=limits.seconds,
        memory=limits.memory_megabytes << 20,
    )
    of_pdf = PdfSettings(
        extraction.pdf, limits.pdf_bytes, limits.pdf_pages, limits.pdf_seconds, limits.memory_megabytes << 20
    )
    return partial(open_pages_and_pdf, of_pages, of_pdf, SIGNAL_READERS)
