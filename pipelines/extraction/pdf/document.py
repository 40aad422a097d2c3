"""A PDF file as text: pages read, heads and numbers left out, paragraphs joined across pages, title and date."""

from __future__ import annotations

import re
import zlib
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import pypdfium2
import pypdfium2.raw as pdfium

from tesuki.common.scripts import JAPANESE_LETTERS
from tesuki.pipelines.extraction.pdf.columns import gutter_of, in_reading_order
from tesuki.pipelines.extraction.pdf.glyphs import TooManyGlyphsError, page_glyphs
from tesuki.pipelines.extraction.pdf.lines import Apart, Line, lines_of
from tesuki.pipelines.extraction.pdf.paragraphs import text_of
from tesuki.pipelines.extraction.pdf.repair import garbled_count, garbled_share, repaired
from tesuki.pipelines.extraction.pdf.running_heads import PageLines, without_running_heads
from tesuki.pipelines.extraction.pdf.writing import writing_of

PAGES = 2_000
"""Most pages of a file: beyond lie telephone books and generated tables (our judgement)."""

CHARACTERS_A_PAGE = 30_000
"""Most characters of a page: a newspaper page has some 20,000."""

LEAST_A_PAGE = 10
"""Fewer characters a page, with images on the pages, are a scan."""

GARBLED = 0.05
"""Largest share of characters without a meaning."""


UNREAD = 0.1
"""Largest share of pages that may be unreadable; they count as empty, as in every viewer."""


class PdfError(ValueError):
    """A file of which no text can be had. ``rule`` names why (``scanned``, ``encrypted``, ``damaged``, ``truncated``,
    ``pages``, ``glyphs``, ``garbled``); ``value`` and ``threshold`` are the figure and its bound, where there are any.
    """

    def __init__(self, rule: str, detail: str, value: float | None = None, threshold: float | None = None) -> None:
        super().__init__(detail)
        self.rule = rule
        self.value = value
        self.threshold = threshold


@dataclass(frozen=True, slots=True)
class PdfText:
    """The text of a file in paragraphs, one a line; its title and date (ISO 8601) where it has them, ``""`` else.

    ``garbled`` counts characters without a meaning, ``japanese`` kana and han on all pages before heads were left out,
    ``xmp`` is the file's metadata, ``rights`` what its information dictionary says of them, ``permissions`` its flags
    (ISO 32000-1, table 22; all bits where it has none). ``left_out`` counts characters of running heads, readings, dots
    and note marks; ``changed`` those that stood in for others; ``vertical`` the pages set vertically.
    """

    text: str
    title: str
    published: str
    pages: int
    vertical: int
    changed: int
    garbled: int
    japanese: int
    xmp: str
    rights: tuple[str, ...]
    permissions: int
    left_out: dict[str, int]

    @property
    def characters_a_page(self) -> float:
        """Characters of text for each page."""
        return len(self.text) / self.pages if self.pages else 0.0


def read_pdf(body: bytes, pages: int = PAGES) -> PdfText:
    """The text of the PDF file ``body``, which may have at most ``pages`` pages. Raises `PdfError`."""
    document = _opened(body)
    try:
        count = len(document)
        if count > pages:
            raise PdfError("pages", f"{count} pages", count, pages)
        found, apart, images, vertical = _read_pages(document, count, body)
        stated = document.get_metadata_dict()
        rights = tuple(value for key in _RIGHTS if (value := document.get_metadata_value(key).strip()))
        permissions = pdfium.FPDF_GetDocPermissions(document.raw) & 0xFFFFFFFF
        date = iso_date(stated.get("CreationDate", "") or stated.get("ModDate", ""))
    finally:
        document.close()
    glyphs = sum(len(line.text) for page in found for line in page.lines)
    if glyphs < LEAST_A_PAGE * max(1, count) and images:
        raise PdfError(
            "scanned", f"{glyphs} characters and {images} images on {count} pages", glyphs / max(1, count), LEAST_A_PAGE
        )
    stays, heads = without_running_heads(found)
    paragraphs = text_of(column for lines in stays for column in in_reading_order(lines))
    text, changed = repaired("\n".join(paragraphs))
    garbled = garbled_count(text)
    if garbled > GARBLED * len(text):
        why = "characters without a meaning: its fonts have no map to Unicode"
        raise PdfError("garbled", why, garbled / len(text), GARBLED)
    left_out = {"heads": heads, "readings": apart.readings, "dots": apart.dots, "notes": apart.notes}
    return PdfText(
        text,
        title_of(stated.get("Title", ""), stays),
        date,
        count,
        vertical,
        changed,
        garbled,
        sum(len(_JAPANESE.findall(line.text)) for page in found for line in page.lines),
        xmp_of(body),
        rights,
        permissions,
        left_out,
    )


def title_of(stated: str, pages: Sequence[Sequence[Line]]) -> str:
    """The title that the file states, unless a program's template or a file's name stands there; else the line of the
    first page that is set largest, where one is.
    """
    title = repaired(_PREFIX.sub("", stated).strip())[0]
    if title and not _TEMPLATE.fullmatch(title) and garbled_share(title) == 0:
        return title
    first = next((lines for lines in pages if lines), ())
    sizes = Counter(round(line.size, 1) for line in first for _ in line.text)
    if not sizes:
        return ""
    largest = max(line.size for line in first)
    usual = sizes.most_common(1)[0][0]
    lines = [line.text for line in first if line.size > 0.95 * largest] if largest > 1.15 * usual else []
    return repaired("".join(lines))[0] if 0 < len("".join(lines)) <= _LONGEST_TITLE else ""


def xmp_of(body: bytes) -> str:
    """The metadata of the file as XMP, ``""`` for none. Images may bear packets of their own: the last one is taken
    that says it is of a PDF file, or the only one there is. Streams packed by deflate are unpacked, `_PACKED` at either
    end of the file; what is encrypted or packed otherwise is not seen.
    """
    count, only, own = 0, b"", (-1, b"")
    for place, packet in chain(_packets(body), _packed(body)):
        count, only = count + 1, packet
        if place >= own[0] and (b"application/pdf" in packet or b"ns.adobe.com/pdf/" in packet):
            own = place, packet
    return (own[1] or (only if count == 1 else b"")).decode("utf-8", "replace")


def _packets(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The packets in ``body`` and their places. No byte is looked through twice for an end: strangers' files may hold
    any number of beginnings without one."""
    place, end = body.find(_PACKET), -1
    while place >= 0:
        if end < place:
            end = body.find(_PACKET_END, place)
        if end < 0:
            return
        if end - place <= _PACKET_BYTES:
            yield place, body[place:end]
            place = end
        place = body.find(_PACKET, place + 1)


def _packed(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The packets of streams of XML that are packed by deflate, with the place of each stream."""
    places = (found.start() for found in _XML.finditer(body))
    first = list(islice(places, _PACKED))
    for place in chain(first, deque(places, _PACKED)):
        start = body.find(b"stream", place, place + _HEAD)
        head = body[body.rfind(b"obj", max(0, place - _HEAD), place) : start]
        if start < 0 or b"/FlateDecode" not in head:
            continue
        data = body[start + len(b"stream") : start + _PACKET_BYTES].lstrip(b"\r\n")
        try:
            unpacked = zlib.decompressobj().decompress(data, _PACKET_BYTES)
        except zlib.error:
            continue
        for _, packet in _packets(unpacked):
            yield place, packet


def iso_date(stated: str) -> str:
    """A PDF date (``D:20230204115901+09'00'``, ISO 32000-1 section 7.9.4) as ISO 8601, ``""`` for anything else."""
    found = _DATE.match(stated)
    if not found:
        return ""
    year, month, day = found[1], found[2] or "01", found[3] or "01"
    return f"{year}-{month}-{day}" if "01" <= month <= "12" and "01" <= day <= "31" else ""


def _opened(body: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as failure:
        reason = str(failure)
        if "password" in reason.lower() or "security" in reason.lower():
            raise PdfError("encrypted", "a password is needed to read it") from None
        raise PdfError(_broken(body), "no file of pages") from None


def _broken(body: bytes) -> str:
    """What to call a file that can't be read: truncated where its end is missing, damaged else."""
    return "damaged" if b"%%EOF" in body[-2048:] else "truncated"


def _read_pages(document: pypdfium2.PdfDocument, count: int, body: bytes) -> tuple[list[PageLines], Apart, int, int]:
    found: list[PageLines] = []
    apart, images, vertical, unread = Apart(), 0, 0, 0
    for number in range(count):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            unread += 1
            continue
        try:
            glyphs = page_glyphs(page, CHARACTERS_A_PAGE)
        except TooManyGlyphsError as failure:
            raise PdfError("glyphs", f"page {number + 1}", failure.count, CHARACTERS_A_PAGE) from None
        finally:
            page.close()
        writing = writing_of(glyphs)
        lines, beside = lines_of(writing.marks, gutter_of)
        apart += beside
        images += glyphs.images
        vertical += writing.vertical
        found.append(PageLines(tuple(lines), writing.length, writing.depth))
    if unread > UNREAD * count:
        raise PdfError(_broken(body), f"{unread} of {count} pages can't be read", unread / count, UNREAD)
    return found, apart, images, vertical


_JAPANESE = re.compile(f"[{JAPANESE_LETTERS}]")
_PACKET, _PACKET_END = b"<rdf:RDF", b"</rdf:RDF"
_PACKET_BYTES = 1 << 20
_XML = re.compile(rb"/Subtype\s{0,9}/XML\b")
_PACKED = 50
"""Packed streams of XML that are looked at, first and last ones: a file has one of its own, which most programs write
before or behind all else, and one for each placed picture."""
_HEAD = 2_000
"""Bytes of a stream's dictionary, about."""
_RIGHTS = ("Copyright", "Rights", "License", "WebStatement")
"""Keys of the information dictionary; none is of the standard, and programs write them all the same."""
_LONGEST_TITLE = 120
_PREFIX = re.compile(r"^(?:Microsoft (?:Word|PowerPoint|Excel)|PowerPoint プレゼンテーション)\s*[-–]?\s*")
_TEMPLATE = re.compile(
    r"(?i)untitled.*|無題.*|文書\s*\d*|document\s*\d*|スライド.*|slide\s*\d*|プレゼンテーション.*|title|タイトル|"
    r"[^\s]*\.(?:docx?|xlsx?|pptx?|indd|tex|dvi|jtdc?|ai|psd|pdf|rtf|txt|html?|qxd|fm)|[\d_-]+|<.*>"
)
_DATE = re.compile(r"(?:D:)?((?:19|20)\d\d)(\d\d)?(\d\d)?")
