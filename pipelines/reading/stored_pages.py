"""Reading pages back from parts, and fetching again the ones that were scrubbed.

The text of a page whose level is LZ does not stay in ``parts/``. When a later run needs it (another policy, another
deduplication), the page is read again from its place in the archive, alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.sources import FORMATS, WHOLE, Source
from tesuki.pipelines.storage.rows import pages_of


@dataclass(frozen=True, slots=True)
class PageStore:
    """How to read the pages of a part: where each subset comes from, and the steps that restore a scrubbed page."""

    sources: Mapping[str, Source]
    decode: Step
    open_extraction: Callable[[], AbstractContextManager[Step]]

    def pages(self, path: Path, subset: str) -> Iterator[Page]:
        """The pages in the table at ``path``, in order, scrubbed ones restored from their archive."""
        with ExitStack() as open_station, pq.ParquetFile(path) as file:
            extraction: Step | None = None
            readings: dict[str, Iterator[Page | Fate]] = {}
            for group in range(file.num_row_groups):
                for page in pages_of(file.read_row_group(group), subset):
                    if page.text:
                        yield page
                        continue
                    if extraction is None:
                        extraction = open_station.enter_context(self.open_extraction())
                    yield self._restored(page, extraction, readings)

    def _restored(self, page: Page, extraction: Step, readings: dict[str, Iterator[Page | Fate]]) -> Page:
        source = self.sources[page.subset]
        for found in self._read_at(page, readings):
            if found.record_id != page.record_id or found.offset != page.offset:
                continue
            restored: Page | Fate = found
            for step in (self.decode, extraction) if FORMATS[source.format].html else ():
                if isinstance(restored, Page):
                    restored = step(restored)
            if isinstance(restored, Page):
                return restored
        raise WorkError(
            f"{page.archive} at byte {page.offset}: the page {page.record_id} could not be read again. "
            "The archive has changed since it was extracted; remove parts/ and run again."
        )

    def _read_at(self, page: Page, readings: dict[str, Iterator[Page | Fate]]) -> Iterator[Page | Fate]:
        """Records among which ``page`` is: those at its place, or, where a file can't be entered in the middle, what is
        left of the one reading of it that ``readings`` has. Pages are asked for in the order of their file.
        """
        source = self.sources[page.subset]
        if FORMATS[source.format].by_index:
            return source.read_again(page)
        path = source.paths[page.archive]
        if FORMATS[source.format].splits:
            return source.read(Range(page.subset, path, page.archive, page.offset, page.offset + 1))
        if page.archive not in readings:
            readings[page.archive] = source.read(Range(page.subset, path, page.archive, 0, WHOLE))
        return readings[page.archive]
