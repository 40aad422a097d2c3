"""What a PDF file says of its own use, in the words in which a page says it, so that the same readers read both.

Of XMP (ISO 16684-1) these are ``dc:rights``, ``xmpRights:UsageTerms``, ``xmpRights:WebStatement``, ``cc:license`` and
``tdm:reservation``; of the information dictionary ``Copyright``, ``Rights``, ``License`` and ``WebStatement``. Text is
read where notices stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

from tesuki.pipelines.extraction.pdf.document import PdfText
from tesuki.release_levels.markup import page_of_text

_NAMES = {
    "dc:rights": "dc.rights",
    "xmprights:usageterms": "dc.rights",
    "xmprights:webstatement": "dc.rights",
    "cc:license": "cc:license",
    "tdm:reservation": "tdm-reservation",
    "tdm:policy": "tdm-policy",
}
_ASKED = "dc:rights|xmpRights:(?:UsageTerms|WebStatement)|cc:license|tdm:(?:reservation|policy)"
_ELEMENT = re.compile(rf"<({_ASKED})(?=[\s>/])([^<>]{{0,2000}})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rf"\s({_ASKED})\s{{0,3}}=\s{{0,3}}[\"']([^\"'<>]{{0,2000}})[\"']", re.IGNORECASE)
_RESOURCE = re.compile(r"rdf:resource\s{0,3}=\s{0,3}[\"']([^\"'<>]{0,2000})[\"']")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_REACH = 4_000
"""Characters within which an element of rights is closed."""


def markup_of_rights(found: PdfText) -> str:
    """The page of markup that says what the file says of its use, over its text."""
    stated = (*_stated(found.xmp), *(("dc.rights", value) for value in found.rights))
    metas = "".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in dict.fromkeys(stated))
    return f"<html><head>{metas}</head><body>{page_of_text(found.text)}</body></html>"


def _stated(xmp: str) -> Iterator[tuple[str, str]]:
    for name, value in _ATTRIBUTE.findall(xmp):
        yield _NAMES[name.lower()], unescape(value).strip()
    for element in _ELEMENT.finditer(xmp):
        if linked := _RESOURCE.search(element[2]):
            yield _NAMES[element[1].lower()], unescape(linked[1]).strip()
        if element[2].endswith("/"):
            continue
        inside, closed, _ = xmp[element.end() : element.end() + _REACH].partition(f"</{element[1]}")
        value = " ".join(unescape(_TAG.sub(" ", inside)).split()) if closed else ""
        if value:
            yield _NAMES[element[1].lower()], value
