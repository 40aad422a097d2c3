"""All that runs under guard of a PDF file: its text, its account, its release signals; or why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tesuki.pipelines.extraction.account import characters
from tesuki.pipelines.extraction.letters import japanese
from tesuki.pipelines.extraction.pdf.document import PdfError, PdfText, read_pdf
from tesuki.pipelines.extraction.pdf.rights import markup_of_rights
from tesuki.pipelines.journey.account import Account
from tesuki.release_levels.evidence import Evidence, observe
from tesuki.release_levels.markup import parse_page


@dataclass(frozen=True, slots=True)
class PdfRead:
    """What a PDF file gave. ``rule`` names why there is no text, ``""`` where there is."""

    rule: str = ""
    detail: str = ""
    value: float | None = None
    threshold: float | None = None
    text: str = ""
    title: str = ""
    published: str = ""
    evidence: tuple[Evidence, ...] = ()
    account: Account | None = None


def read_pdf_page(
    body: bytes, url: str, headers: tuple[tuple[str, str], ...], captured: str, pages: int, readers: tuple[str, ...]
) -> PdfRead:
    """Read ``body``, of at most ``pages`` pages. ``readers`` are those of `main_text.read_document`."""
    try:
        found = read_pdf(body, pages)
    except PdfError as failure:
        return PdfRead(failure.rule, str(failure), failure.value, failure.threshold)
    published = "" if captured and found.published > captured[:10] else found.published
    markup = parse_page(markup_of_rights(found))
    evidence = (item for name in readers for item in _reader(name)(url, headers, markup, found.text))
    return PdfRead(
        text=found.text,
        title=found.title,
        published=published,
        evidence=tuple(sorted({*evidence, *flags_of(found)})) if readers else (),
        account=account_of(found),
    )


def flags_of(found: PdfText) -> Iterator[Evidence]:
    """Evidence ``file.no-copying`` of a file whose flags deny taking its text out."""
    if not found.permissions & _COPY:
        yield observe("file.no-copying", "meta", f"permissions {found.permissions:#010x}", "pdf.permissions")


_COPY = 1 << 4
"""Bit 5 of the flags: copying or otherwise extracting text and graphics."""


def account_of(found: PdfText) -> Account:
    """The account of a file's characters: what stood on its pages was taken, or left out as what."""
    taken, seen = characters(found.text), japanese(found.text)
    left_out = tuple(sorted((reason, count) for reason, count in found.left_out.items() if count))
    return Account(
        "pdf",
        seen=taken + sum(count for _, count in left_out),
        taken=taken,
        japanese_seen=max(seen, found.japanese),
        japanese_taken=seen,
        gauge=found.japanese,
        left_out=left_out,
        pages=found.pages,
        garbled=found.garbled,
    )


def _reader(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)
