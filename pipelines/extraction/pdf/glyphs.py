"""A page of a PDF as glyphs: which character stands where, and how large.

pdfium reads the file (through pypdfium2). What it calls a character may be one that it made up (a space, a line break)
or one that has no meaning in Unicode; geometry decides about the first, `repair` counts the second.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points (1/72 inch), with the origin at the lower left of the page."""


class Glyph(NamedTuple):
    """One character of a page. ``size`` is its font's, in points; ``order`` its place in the file's own order."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    order: int

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2


@dataclass(frozen=True, slots=True)
class PageGlyphs:
    """The glyphs of a page in the file's order, the size of the page in points, and how many images lie on it."""

    glyphs: tuple[Glyph, ...]
    width: float
    height: float
    images: int


class TooManyGlyphsError(ValueError):
    """A page holds more characters than are looked at: ``count``."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} characters")
        self.count = count


def page_glyphs(page: pypdfium2.PdfPage, most: int) -> PageGlyphs:
    """The glyphs of ``page``, white space left out. Raises `TooManyGlyphsError` for a page with more than ``most``."""
    text = page.get_textpage()
    try:
        count = text.count_chars()
        if count > most:
            raise TooManyGlyphsError(count)
        glyphs = _glyphs(text.raw, count)
    finally:
        text.close()
    width, height = page.get_size()
    images = sum(1 for _ in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=2)) if not glyphs else 0
    return PageGlyphs(tuple(glyphs), width, height, images)


def median_size(glyphs: Sequence[Glyph]) -> float:
    """The font size of the middle glyph by size, 0 for none: that of the body, where a page has one."""
    return sorted(glyph.size for glyph in glyphs)[len(glyphs) // 2] if glyphs else 0.0


def _glyphs(text: pdfium.FPDF_TEXTPAGE, count: int) -> list[Glyph]:
    rectangle = pdfium.FS_RECTF()
    pointer = ctypes.byref(rectangle)
    found = []
    high = 0
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(text, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
        high = 0
        if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            code = 0xFFFD
        letter = chr(code)
        if letter.isspace() or code in _NOT_PRINTED or not pdfium.FPDFText_GetLooseCharBox(text, index, pointer):
            continue
        left, right = sorted((rectangle.left, rectangle.right))
        bottom, top = sorted((rectangle.bottom, rectangle.top))
        size = pdfium.FPDFText_GetFontSize(text, index)
        # Some files set all type at size 1 and scale it: then the box is the better witness.
        extent = max(right - left, top - bottom) if size <= 1 else size
        found.append(Glyph(letter, left, bottom, right, top, extent, index))
    return found


_NOT_PRINTED = frozenset({0xFEFF, 0x200B, 0x2060, 0x00AD, 0x0002, 0xFFFE})
"""Byte order mark, zero-width characters, soft hyphens, and what pdfium puts for a hyphen it took out."""
