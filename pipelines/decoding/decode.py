"""Station 3, decode: bytes to text by a ladder of evidence, the surest first.

Each rung either settles the matter or leaves it to the next: a byte order mark; ISO-2022-JP's escapes (7-bit, so they
must come before UTF-8, which they are valid as); strict UTF-8; then the readings that are possible, declared ones
first, judged by what they yield.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from resiliparse.parse.encoding import detect_encoding

from tesuki.pipelines.decoding.encodings import JAPANESE, decode_as, encoding_of
from tesuki.pipelines.decoding.plausibility import plausibility
from tesuki.pipelines.journey.headers import first_value
from tesuki.pipelines.journey.page import Fate, Page, is_pdf, leave

STATION = "decode"

META_BYTES = 4096
"""Bytes in which a declaration is looked for; WHATWG's prescan reads 1,024, real pages declare later."""

UNDECODABLE = 0.3
"""A page is dead when more than this share of its characters beyond ASCII could not be read."""

DETECTED, DECLARED = 0.10, 0.05
"""Shares by which the points of the detector's and of the declared encoding are raised. They decide between readings
that yield alike, EUC-JP and GB 2312, which share their kana, above all."""

STRAY_BYTES = 0.005
"""Largest share of 8-bit bytes in a page that is still ISO-2022-JP: damage, not a terminal log in UTF-8."""

_HIGH_BYTES = bytes(range(0x80, 0x100))
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be"))
_REPLACEMENT_UTF8 = "\ufffd".encode()
_JIS = re.compile(rb"\x1b\$[@B(]")
_CHARSET = re.compile(r"""charset\s*+=\s*+(?:["']\s*+)?([A-Za-z0-9_:.+-]{1,40})""", re.IGNORECASE)
_META = re.compile(
    rb"""<meta[^>]{0,1024}?charset\s*+=\s*+(?:["']\s*+)?([A-Za-z0-9_:.+-]{1,40})|<\?xml[^>]{0,256}?encoding\s*=\s*["']([A-Za-z0-9_:.+-]{1,40})""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page's text, the encoding it was read in and the evidence for it.

    ``evidence`` is ``bom``, ``escape``, ``strict`` (it is valid UTF-8), ``header``, ``meta``, ``detected`` or
    ``damaged`` (UTF-8 but for some bytes). ``replacements`` counts the characters that could not be read
    (U+FFFD stands for them) and the bytes left out so that the rest could.
    """

    text: str
    encoding: str
    evidence: str
    replacements: int


def decode(page: Page) -> Page | Fate:
    """The page with its text decoded and its body given up; dead where no reading makes sense of it. A PDF file goes by
    as it is.
    """
    if is_pdf(page):
        return page
    decoded = decode_html(page.body, first_value(page.headers, "content-type"))
    beyond_ascii = sum(1 for character in decoded.text if character > "\x7f") if decoded.replacements else 0
    share = decoded.replacements / beyond_ascii if beyond_ascii else 0.0
    page = replace(
        page,
        body=b"",
        html=decoded.text,
        encoding=decoded.encoding,
        encoding_evidence=decoded.evidence,
        replacements=decoded.replacements,
    )
    if share > UNDECODABLE:
        return leave(page, "dead", STATION, "decode.undecodable", value=share, threshold=UNDECODABLE)
    return page


def decode_html(body: bytes, content_type: str = "") -> Decoded:
    """Decode a page given the value of its Content-Type header."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _read(body[len(mark) :], encoding, "bom")
    if _is_iso_2022_jp(body):
        return _read(body, "iso-2022-jp", "escape")
    try:
        return Decoded(body.decode(), "utf-8", "strict", 0)
    except UnicodeDecodeError:
        pass
    detected = encoding_of(detect_encoding(body) or "")
    candidates = _candidates(body, content_type, detected)
    first = _read(body, *candidates[0])
    if first.encoding == detected and detected in JAPANESE and not first.replacements:
        return first  # every byte fits, which of these encodings none but the right one does by chance
    readings = [first, *(_read(body, encoding, evidence) for encoding, evidence in candidates[1:])]
    return max(readings, key=lambda reading: _points(reading, detected))


def _is_iso_2022_jp(body: bytes) -> bool:
    """Escapes to a double-byte set in a page that is 7-bit but for stray bytes."""
    if b"\x1b$" not in body or not _JIS.search(body):
        return False
    return body.isascii() or len(body) - len(body.translate(None, _HIGH_BYTES)) <= STRAY_BYTES * len(body)


def declared_encodings(body: bytes, content_type: str) -> tuple[tuple[str, str], ...]:
    """What the page says its encoding is, as (encoding, ``header`` or ``meta``); unknown labels are left out."""
    header = _CHARSET.search(content_type)
    labels = [(header[1], "header")] if header else []
    for match in _META.finditer(body[:META_BYTES]):
        labels.append(((match[1] or match[2]).decode("ascii"), "meta"))
    known = ((encoding_of(label), where) for label, where in labels)
    return tuple((encoding, where) for encoding, where in known if encoding)


def _points(reading: Decoded, detected: str | None) -> float:
    points = plausibility(reading.text, reading.replacements)
    trust = DETECTED * (reading.encoding == detected) + DECLARED * (reading.evidence in ("header", "meta"))
    return points + trust * abs(points)


def _candidates(body: bytes, content_type: str, detected: str | None) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for encoding, where in declared_encodings(body, content_type):
        if not encoding.startswith("utf-16"):  # a meta that can be read as ASCII is not UTF-16 (WHATWG HTML 13.2.3.2)
            found.setdefault(encoding, where)
    if detected:
        found.setdefault(detected, "detected")
    found.setdefault("utf-8", "damaged")
    for encoding in ("shift_jis", "euc-jp"):
        found.setdefault(encoding, "detected")
    return list(found.items())


def _read(body: bytes, encoding: str, evidence: str) -> Decoded:
    text, left_out = decode_as(encoding, body)
    were_there = body.count(_REPLACEMENT_UTF8) if encoding == "utf-8" else 0
    return Decoded(text, encoding, evidence, text.count("\ufffd") - were_there + left_out)
