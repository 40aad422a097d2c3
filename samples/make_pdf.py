"""Small PDF files whose text is known: written by hand, glyph by glyph, without a font.

Readers know the character collection Adobe-Japan1 without an embedded font, so a Japanese PDF file needs none: the
strings are UTF-16 through the predefined encodings UniJIS-UTF16-H and -V (ISO 32000-1, section 9.7.5.2), every glyph is
one em wide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 595, 842
"""A4, in points."""


@dataclass(frozen=True, slots=True)
class Run:
    """``text`` in glyphs of ``size`` points from (``x``, ``y``) on: to the right from the baseline, or downwards from
    the middle of the first glyph's upper edge.
    """

    x: float
    y: float
    size: float
    text: str
    vertical: bool = False


def make_pdf(
    pages: Sequence[Sequence[Run]],
    *,
    information: Mapping[str, str] | None = None,
    xmp: str = "",
    catalogue: bytes = b"",
    extra: bytes = b"",
) -> bytes:
    """A PDF file with ``pages``. ``information`` are entries of its information dictionary, ``xmp`` its metadata;
    ``catalogue`` and ``extra`` go as they are into its catalogue and into each page.
    """
    metadata = b"/Metadata 5 0 R" if xmp else b""
    kids = b" ".join(b"%d 0 R" % (8 + 2 * number) for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%b%b>>" % (metadata, catalogue),
        b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, len(pages)),
        _font(b"UniJIS-UTF16-H"),
        _font(b"UniJIS-UTF16-V"),
        _stream(xmp.encode(), b"/Type/Metadata/Subtype/XML"),
        _GLYPHS,
        b"<<%b>>" % b"".join(b"/%b %b" % (key.encode(), _string(text)) for key, text in (information or {}).items()),
    ]
    for number, runs in enumerate(pages):
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents %d 0 R"
            b"/Resources<</Font<</H 3 0 R/V 4 0 R>>>>%b>>" % (WIDTH, HEIGHT, 9 + 2 * number, extra)
        )
        objects.append(_stream(b"".join(map(_drawn, runs))))
    return assemble(objects)


LETTERS, ROWS = 40, 16
"""Letters of a line and lines of a page that `set_text` sets."""


def set_text(text: str) -> bytes:
    """``text`` set as a report is: its first line the title, the others paragraphs, a number at each page's foot."""
    title, *paragraphs = text.strip().split("\n")
    indented = [f"　{paragraph}" for paragraph in paragraphs]
    lines = [line[at : at + LETTERS] for line in indented for at in range(0, len(line), LETTERS)]
    pages = [lines[at : at + ROWS] for at in range(0, len(lines), ROWS)]
    runs = [
        [
            *(Run(97, 720 - 20 * row, 10, line) for row, line in enumerate(page)),
            Run(292, 60, 9, str(number)),
        ]
        for number, page in enumerate(pages, 1)
    ]
    runs[0].insert(0, Run(97, 760, 16, title))
    return make_pdf(runs, information={"Title": title, "CreationDate": "D:20260507093000+09'00'"})


def scan_text(text: str) -> bytes:
    """A scan: as many pages as `set_text` has, each of them one picture (of noise) and no letter."""
    count = max(1, set_text(text).count(b"/Type/Page/"))
    kids = b" ".join(b"%d 0 R" % (4 + 2 * number) for number in range(count))
    grain = bytes(byte * byte % 251 for byte in range(256))
    picture = b"/Type/XObject/Subtype/Image/Width 16/Height 16/ColorSpace/DeviceGray/BitsPerComponent 8"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, count),
        _stream(grain, picture),
    ]
    for number in range(count):
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents %d 0 R/Resources<</XObject<</I 3 0 R>>>>>>"
            % (WIDTH, HEIGHT, 5 + 2 * number)
        )
        objects.append(_stream(b"q %d 0 0 %d 0 0 cm /I Do Q\n" % (WIDTH, HEIGHT)))
    return assemble(objects, b"")


def assemble(objects: Sequence[bytes], trailer: bytes = b"/Info 7 0 R") -> bytes:
    """A file of ``objects``, numbered from 1; the first is its catalogue."""
    file = bytearray(b"%PDF-1.6\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, table)
    return bytes(file)


_GLYPHS = (
    b"<</Type/Font/Subtype/CIDFontType0/BaseFont/HeiseiMin-W3/DW 1000/FontDescriptor<</Type/FontDescriptor"
    b"/FontName/HeiseiMin-W3/Flags 6/FontBBox[-100 -250 1100 950]/ItalicAngle 0/Ascent 880/Descent -120"
    b"/CapHeight 700/StemV 80>>/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>>>"
)


def _font(encoding: bytes) -> bytes:
    return b"<</Type/Font/Subtype/Type0/BaseFont/HeiseiMin-W3/Encoding/%b/DescendantFonts[6 0 R]>>" % encoding


def _stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(content), entries, content)


def _string(text: str) -> bytes:
    return b"<feff%b>" % text.encode("utf-16-be").hex().encode()


def _drawn(run: Run) -> bytes:
    font = b"V" if run.vertical else b"H"
    glyphs = run.text.encode("utf-16-be").hex().encode()
    return b"BT /%b %.2f Tf 1 0 0 1 %.2f %.2f Tm <%b> Tj ET\n" % (font, run.size, run.x, run.y, glyphs)
