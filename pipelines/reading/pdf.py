"""PDF files: one file is one record, and stays bytes until station 4 reads it under guard."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tesuki.pipelines.journey.page import PDF, Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.documents import fate_of

FILE_BYTES = 256 << 20
"""Largest file held in memory. What station 4 reads of it is the recipe's to bound (`extraction.limits.pdf_bytes`)."""

_HEAD = re.compile(rb"%PDF-[12]\.[0-9]")
_HEAD_BYTES = 1024
"""How far into a file its head may stand (Adobe's implementation note 13 to PDF 1.7, kept by all readers)."""


def is_pdf_file(body: bytes) -> bool:
    """Whether ``body`` has the head of a PDF file where readers look for it."""
    return bool(_HEAD.search(body[:_HEAD_BYTES]))


def read_pdf_file(part: Range, _: Mapping[str, str]) -> Iterator[Page | Fate]:
    """The one page of a PDF file, with the file as its body."""
    path = Path(part.path)
    size = path.stat().st_size
    if part.start > 0:
        return
    if size > FILE_BYTES:
        yield fate_of(part, 0, size, "dead", "read.size", f"{size} bytes, {FILE_BYTES} are read")
        return
    body = path.read_bytes()
    if not is_pdf_file(body):
        yield fate_of(part, 0, size, "dead", "read.unsupported", "no head of a PDF file")
        return
    yield Page(
        subset=part.subset,
        archive=part.archive,
        offset=0,
        length=size,
        record_id=f"{part.archive}#0",
        url="",
        date="",
        body=body,
        encoding=PDF,
        encoding_evidence="the format",
    )
