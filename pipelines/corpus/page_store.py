"""How the pages of a request are read and extracted, and read again where they were scrubbed."""

from __future__ import annotations

from functools import partial

from tesuki.pipelines.corpus.request import Request
from tesuki.pipelines.decoding.decode import decode
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
    return PageStore(
        sources,
        decode,
        partial(
            open_extraction,
            extraction.extractor,
            SIGNAL_READERS,
            ruby=extraction.ruby,
            tables=extraction.tables,
            html_bytes=extraction.limits.html_bytes,
            depth=extraction.limits.depth,
            deadline=extraction.limits.seconds,
            memory=extraction.limits.memory_megabytes << 20,
        ),
    )
